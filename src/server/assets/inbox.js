// Live list, countdowns, local times and keys. Every page works without this file; it never decides anything.
"use strict";
(() => {
  const page = document.body.dataset.page;
  const $ = (id) => document.getElementById(id);
  document.documentElement.classList.add("scripted");

  // ---- time: the same words the server writes (inbox/times.rs)
  const left = (ms) => {
    const s = Math.floor(ms / 1000);
    if (s <= 0) return "expired";
    if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")} left`;
    if (s < 172800) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min left`;
    return `${Math.floor(s / 86400)} days left`;
  };
  const tick = () => {
    for (const el of document.querySelectorAll("[data-expires]")) {
      const ms = Number(el.dataset.expires) - Date.now();
      el.textContent = left(ms);
      el.classList.toggle("urgent", ms < 60000);
      el.classList.toggle("soon", ms >= 60000 && ms < 300000);
    }
  };
  const moments = () => {
    const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
    for (const el of document.querySelectorAll("time[data-moment]")) {
      el.title = el.textContent;
      el.textContent = format.format(new Date(el.dateTime));
    }
  };

  // ---- live updates: an event says only that something changed; what it is now, the server renders
  let asking = false, again = false;
  const refresh = async () => {
    if (asking) { again = true; return; }
    asking = true;
    again = false;
    const slow = setTimeout(() => { $("live").setAttribute("aria-busy", "true"); $("loading").hidden = false; }, 400);
    try {
      const answer = await fetch(document.body.dataset.fragment + location.search, { headers: { accept: "text/html" } });
      if (answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const known = new Set([...document.querySelectorAll(".row")].map((r) => r.dataset.id));
      const current = document.querySelector(".row.current")?.dataset.id;
      const focused = document.activeElement?.closest?.(".row")?.dataset.id;
      $("live").replaceChildren(...fresh.body.childNodes);
      const rows = [...document.querySelectorAll(".row")];
      const fresher = rows.filter((r) => !known.has(r.dataset.id));
      fresher.forEach((r) => r.classList.add("new"));
      rows.find((r) => r.dataset.id === current)?.classList.add("current");
      rows.find((r) => r.dataset.id === focused)?.querySelector("a")?.focus();
      if (fresher.length > 0) $("arrival").textContent = `New: ${fresher[0].querySelector(".row-title").textContent}`;
      cue(fresher);
      tick();
      lost(false);
    } catch {
      lost(true);
    } finally {
      clearTimeout(slow);
      $("live").removeAttribute("aria-busy");
      $("loading").hidden = true;
      asking = false;
      if (again) refresh();
    }
  };
  // ---- a cue for what is new, if the reader asked for one in the settings
  const wanted = { all: () => true, irreversible: (row) => "irreversible" in row.dataset,
    urgent: (row) => Number(row.querySelector("[data-expires]")?.dataset.expires ?? Infinity) - Date.now() < 300000 };
  let blinking = 0;
  const cue = (rows) => {
    const how = document.body.dataset.cue;
    if (!how || how === "none" || !rows.some(wanted[document.body.dataset.about] ?? wanted.all)) return;
    if (how === "sound") tone();
    clearInterval(blinking);
    const plain = () => document.title.replace(/^● /, "");
    blinking = setInterval(() => {
      if (document.hasFocus()) { clearInterval(blinking); document.title = plain(); return; }
      document.title = document.title.startsWith("● ") ? plain() : `● ${document.title}`;
    }, 1000);
  };
  const tone = () => {
    const audio = new AudioContext(), wave = audio.createOscillator(), gain = audio.createGain();
    wave.frequency.value = 660;
    gain.gain.setValueAtTime(0.0001, audio.currentTime);
    gain.gain.exponentialRampToValueAtTime(0.12, audio.currentTime + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.45);
    wave.connect(gain).connect(audio.destination);
    wave.start();
    wave.stop(audio.currentTime + 0.5);
    wave.addEventListener("ended", () => audio.close());
  };
  const lost = (is) => { const bar = $("connection"); if (bar) bar.hidden = !is; };
  const count = (n) => {
    const shown = $("waiting-count");
    if (shown) { shown.textContent = String(n); shown.classList.toggle("none", n === 0); }
    document.title = document.title.replace(/^(● )?\(\d+\) /, "");
    if (n > 0) document.title = `(${n}) ${document.title}`;
  };
  const refused = async () => {
    const answer = await fetch("/approver/v1/me").catch(() => null);
    if (answer?.status !== 401) return listen();
    if (!$("reason")?.value) return location.reload();
    $("connection").textContent = "Your session ended. Keep a copy of what you typed, then log in again.";
  };
  const listen = () => {
    const events = new EventSource("/inbox/events");
    events.addEventListener("open", () => { lost(false); if (page === "list") refresh(); });
    events.addEventListener("error", () => {
      lost(true);
      // A lost network is tried again by the browser; a refusal is not, and most likely the session ended.
      if (events.readyState === EventSource.CLOSED) setTimeout(refused, 2000);
    });
    events.addEventListener("waiting", (e) => count(Number(e.data)));
    events.addEventListener("task", (e) => {
      const task = JSON.parse(e.data);
      if (page === "list") refresh();
      if (page === "detail" && task.id === document.body.dataset.id && String(task.version) !== document.body.dataset.version) {
        if ($("reason")?.value || $("decide") === null && task.status === "pending") $("changed").hidden = false;
        else location.reload();
      }
    });
    addEventListener("pagehide", () => events.close());
  };

  // ---- keys: off by one press on the toggle, never while typing, never with a modifier; none of them decides
  const keysOn = () => localStorage.getItem("keys") !== "off";
  const toggle = $("keys-toggle");
  const showKeys = () => {
    if (!toggle) return;
    toggle.textContent = keysOn() ? "Keys are on" : "Keys are off";
    toggle.setAttribute("aria-pressed", String(keysOn()));
  };
  toggle?.addEventListener("click", () => { localStorage.setItem("keys", keysOn() ? "off" : "on"); showKeys(); });
  const move = (step) => {
    const rows = [...document.querySelectorAll(".row")];
    if (rows.length === 0) return;
    const at = rows.findIndex((r) => r.classList.contains("current"));
    const to = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    rows.forEach((r) => r.classList.toggle("current", r === to));
    to.querySelector("a").focus();
    to.scrollIntoView({ block: "nearest" });
  };
  const decide = { a: "approve", d: "deny", c: "ask" };
  const point = (name) => {
    const reason = $("reason"), button = $(name);
    if (!reason || !button) return;
    const code = $("code");
    if (!reason.value.trim()) reason.focus();
    else if (name === "approve" && code && !code.value.trim()) code.focus();
    else button.focus();
  };
  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || !keysOn()) return;
    if (e.target.matches?.("input, textarea, select")) { if (e.key === "Escape") e.target.blur(); return; }
    const link = document.querySelector(".row.current a");
    if (page === "list" && (e.key === "j" || e.key === "k")) move(e.key === "j" ? 1 : -1);
    else if (page === "list" && e.key === "/") { $("q").focus(); $("q").select(); }
    else if (page === "alike" && (e.key === "j" || e.key === "k")) move(e.key === "j" ? 1 : -1);
    else if (page === "alike" && e.key === "x") document.querySelector(".row.current [name=pick]")?.click();
    else if (page === "alike" && (e.key === "a" || e.key === "d")) point(decide[e.key]);
    else if (page === "list" && decide[e.key] && link) location.href = `${link.href}#${decide[e.key]}`;
    else if (page === "detail" && decide[e.key]) point(decide[e.key]);
    else if ((page === "detail" || page === "alike") && e.key === "Escape") location.href = "/inbox";
    else return;
    e.preventDefault();
  });

  // ---- filters apply at once; an address names only what is set
  const filters = $("filters");
  filters?.addEventListener("change", (e) => { if (e.target.matches("select")) filters.requestSubmit(); });
  filters?.addEventListener("formdata", (e) => {
    for (const [name, value] of [...e.formData]) if (value === "") e.formData.delete(name);
  });

  // ---- requests that are alike: how many are selected
  const picks = () => {
    const all = [...document.querySelectorAll("[name=pick]")], on = all.filter((box) => box.checked).length;
    if ($("picked")) $("picked").textContent = `${on} of ${all.length} selected`;
  };
  $("together")?.addEventListener("change", picks);
  document.querySelector(".picker .all")?.addEventListener("click", (e) => {
    const all = [...document.querySelectorAll("[name=pick]")], on = !all.every((box) => box.checked);
    all.forEach((box) => { box.checked = on; });
    e.currentTarget.textContent = on ? "Select none" : "Select all";
    picks();
    e.preventDefault();
  });

  // ---- the menu closes where one expects it
  const menu = document.querySelector("details.me");
  addEventListener("click", (e) => { if (menu?.open && !menu.contains(e.target)) menu.open = false; });
  addEventListener("keydown", (e) => { if (e.key === "Escape" && menu?.open) { menu.open = false; menu.querySelector("summary").focus(); e.stopPropagation(); } }, true);

  // A narrow screen shows the part of the navigation where one is.
  document.querySelector(".top nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

  showKeys();
  picks();
  tick();
  moments();
  setInterval(tick, 1000);
  if (page) listen();
  if (page === "detail" && location.hash) point(location.hash.slice(1));
})();
