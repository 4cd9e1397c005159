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
      tick();
      lost(false);
    } catch {
      lost(true);
    } finally {
      asking = false;
      if (again) refresh();
    }
  };
  const lost = (is) => { const bar = $("connection"); if (bar) bar.hidden = !is; };
  const count = (n) => {
    if ($("waiting-count")) $("waiting-count").textContent = String(n);
    document.title = document.title.replace(/^\(\d+\) /, "");
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
    (reason.value.trim() ? button : reason).focus();
  };
  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || !keysOn()) return;
    if (e.target.matches?.("input, textarea, select")) { if (e.key === "Escape") e.target.blur(); return; }
    const link = document.querySelector(".row.current a");
    if (page === "list" && (e.key === "j" || e.key === "k")) move(e.key === "j" ? 1 : -1);
    else if (page === "list" && e.key === "/") $("q").focus();
    else if (page === "list" && decide[e.key] && link) location.href = `${link.href}#${decide[e.key]}`;
    else if (page === "detail" && decide[e.key]) point(decide[e.key]);
    else if (page === "detail" && e.key === "Escape") location.href = "/inbox";
    else return;
    e.preventDefault();
  });

  showKeys();
  tick();
  moments();
  setInterval(tick, 1000);
  if (page) listen();
  if (page === "detail" && location.hash) point(location.hash.slice(1));
})();
