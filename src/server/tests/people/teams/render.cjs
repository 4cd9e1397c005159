// Reads and renders the Adaptive Cards on stdin (a JSON array) with Microsoft's own library, Markdown switched on as in Teams, and
// says what came of each: what the library complains of, and what stands on the screen. NODE_PATH names the packages.
const { Window } = require("happy-dom");
const window = new Window();
for (const name of Object.getOwnPropertyNames(window)) {
  if (/^(HTML\w*Element|Node|Event|\w+Event|document)$/.test(name)) globalThis[name] = window[name];
}
globalThis.window = window;
const AC = require("adaptivecards/dist/adaptivecards.js");
const markdown = require("markdown-it")({ linkify: true });
AC.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = markdown.render(text);
  result.didProcess = true;
};

function look(json) {
  const context = new AC.SerializationContext(AC.Versions.v1_5);
  const card = new AC.AdaptiveCard();
  card.hostConfig = new AC.HostConfig({ supportsInteractivity: true, actions: { maxActions: 6 } });
  card.parse(json, context);
  const checked = card.validateProperties();
  const complaints = [];
  for (let i = 0; i < context.eventCount; i++) complaints.push(context.getEventAt(i).message);
  for (const event of checked.validationEvents) complaints.push(event.message);
  const shown = card.render();
  const count = (selector) => shown.querySelectorAll(selector).length;
  const actions = [];
  const walk = (node) => {
    if (node && typeof node === "object") {
      if (typeof node.type === "string" && node.type.startsWith("Action.")) actions.push([node.type, node.title, node.url ?? null]);
      Object.values(node).forEach(walk);
    }
  };
  walk(json);
  return {
    complaints,
    // What Markdown or a link would have made.
    marks: count("a") + count("strong") + count("em") + count("ul") + count("ol") + count("img") + count("h1"),
    buttons: [...shown.querySelectorAll("button")].map((button) => button.textContent),
    inputs: count("input") + count("textarea"),
    text: shown.textContent,
    actions,
  };
}

let text = "";
process.stdin.on("data", (part) => (text += part));
process.stdin.on("end", () => {
  process.stdout.write(JSON.stringify(JSON.parse(text).map(look)));
});
