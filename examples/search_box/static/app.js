// A combobox after the ARIA Authoring Practices. All text of answers becomes text nodes.
const $ = (id) => document.getElementById(id);
const box = $("box"), list = $("suggestions"), results = $("results");
let typed = ""; // what the person typed, which arrows replace only in sight
let chosen = -1;

function make(tag, text = "", properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  element.textContent = text;
  return element;
}

async function call(path, options) {
  const response = await fetch(`api/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error([answer.detail].flat().map((d) => d.msg ?? d).join(" "));
  return answer;
}

// Questions of one kind. A new one, or `drop`, ends the one before: its answer is never seen.
class Asker {
  drop() {
    this.running?.abort();
  }
  async ask(path, parameters) {
    this.drop();
    const { signal } = (this.running = new AbortController());
    const start = performance.now();
    const answer = await call(`${path}?${new URLSearchParams(parameters)}`, { signal });
    const [here, there] = [performance.now() - start, answer.milliseconds].map((t) => t.toFixed(1));
    return { ...answer, time: `in ${there} ms (${here} ms there and back)` };
  }
}
const suggester = new Asker(), searcher = new Asker();

// What is read aloud, and the time, which is not.
function tell(id, text, time = "") {
  $(id).textContent = text;
  $(`${id}-time`).textContent = time;
}

function say(error) {
  if (error.name !== "AbortError") tell("status", `That did not work. ${error.message}`);
}

const count = (things, name) => `${things.length || "No"} ${name}${things.length === 1 ? "" : "s"}`;

// Suggestions

function close() {
  suggester.drop();
  list.hidden = true;
  choose(-1);
  box.setAttribute("aria-expanded", false);
}

function choose(index) {
  chosen = index;
  for (const [i, option] of [...list.children].entries())
    option.setAttribute("aria-selected", i === index);
  const option = list.children[index];
  if (option) {
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else box.removeAttribute("aria-activedescendant");
}

async function suggest() {
  typed = box.value;
  if (!typed.trim()) {
    list.replaceChildren();
    tell("typing", "");
    return close();
  }
  const previous = sessionStorage.getItem("previous") ?? "";
  const { suggestions, time } = await suggester.ask("suggest", { q: typed, previous });
  const options = suggestions.map((text, i) =>
    make("li", text, { id: `suggestion-${i}`, role: "option" }));
  list.replaceChildren(...options);
  list.hidden = !options.length;
  box.setAttribute("aria-expanded", !list.hidden);
  choose(-1);
  tell("typing", count(suggestions, "suggestion"), time);
}

box.addEventListener("input", () => suggest().catch(say));
box.addEventListener("blur", close);
box.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const n = list.children.length;
  if (step && n && !event.altKey) {
    event.preventDefault();
    if (list.hidden) return suggest().catch(say);
    // Above the first and below the last is what was typed.
    choose(((chosen + 1 + step + n + 1) % (n + 1)) - 1);
    box.value = list.children[chosen]?.textContent ?? typed;
  } else if (event.key === "Escape") {
    event.preventDefault();
    box.value = list.hidden ? "" : typed;
    close();
  }
});
list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
list.addEventListener("click", ({ target }) => {
  const option = target.closest("li");
  if (option) go(option.textContent);
});

// Results

const query = () => new URLSearchParams(location.search).get("q") ?? "";

function go(text) {
  if (!text.trim()) return;
  box.value = text;
  if (text !== query()) history.pushState(null, "", `?${new URLSearchParams({ q: text })}`);
  show().catch(say);
}

async function show() {
  const text = query();
  box.value = text;
  close();
  tell("typing", "");
  document.title = text ? `${text} – Find an occupation` : "Find an occupation";
  if (!text) {
    searcher.drop();
    results.replaceChildren();
    return tell("status", "");
  }
  const answer = await searcher.ask("search", { q: text });
  remember(text);
  results.replaceChildren(...answer.results.map((result) => item(text, result)));
  tell("status", `${count(answer.results, "result")} for “${text}”`, answer.time);
  const first = results.querySelector("details");
  if (first) first.open = true;
}

function remember(text) {
  sessionStorage.setItem("previous", text);
  $("previous").textContent = text;
  $("context").hidden = !text;
}

function item(text, result) {
  const chance = (100 * result.probability).toFixed(result.probability < 0.1 ? 1 : 0);
  const heading = make("h2", result.name);
  heading.append(make("span", `${chance} %`, { className: "chance" }));
  const bar = make("div", "", { className: "bar" });
  bar.style.setProperty("--share", `${100 * result.probability}%`);
  const described = make("p", result.text.replace(`${result.name}: `, ""));
  const why = make("details");
  why.append(make("summary", "Why?"));
  why.addEventListener("toggle", () => explain(why, described, text, result).catch(say), { once: true });
  const remove = make("button", "Remove", { type: "button", className: "plain" });
  remove.setAttribute("aria-label", `Remove ${result.name}`);
  const element = make("li");
  remove.addEventListener("click", () => change(result.name, null, `${result.name} is removed. `, () => {
    const again = make("button", "Put it back", { type: "button", className: "plain" });
    again.addEventListener("click", () => change(result.name, described.textContent, `${result.name} is back.`));
    element.remove();
    $("status").append(again);
    again.focus();
  }));
  const tools = make("div", "", { className: "tools" });
  tools.append(why, remove);
  element.append(heading, bar, described, tools);
  return element;
}

async function explain(why, described, text, { name }) {
  const { words, log_odds } = await call(`why?${new URLSearchParams({ q: text, name })}`);
  why.append(make("p", words.length ? `It has ${words.join(", ")}.` : "Pieces of words match."));
  const evidence = make("dl");
  for (const [source, value] of Object.entries(log_odds))
    evidence.append(make("dt", `Log-odds ${source}`), make("dd", value.toFixed(1)));
  why.append(evidence);
}

$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  go(box.value);
});
$("forget").addEventListener("click", () => {
  remember("");
  box.focus();
});
addEventListener("popstate", () => show().catch(say));

// Catalogue and model

function showState({ model, products }) {
  $("state").textContent = `${products.toLocaleString("en")} occupations, model ${model}.`;
}

async function change(name, text, message, then = () => {}) {
  try {
    const headers = { "Content-Type": "application/json" };
    const options = text === null ? { method: "DELETE" } : { method: "PUT", headers, body: JSON.stringify({ text }) };
    showState(await call(`products/${encodeURIComponent(name)}`, options));
    tell("status", message);
    then();
  } catch (error) {
    say(error);
  }
}

$("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("name").value.trim();
  change(name, $("text").value, `${name} is added: search for it.`, () => event.target.reset());
});
$("learn").addEventListener("click", async ({ target }) => {
  target.disabled = true;
  $("state").textContent = "Learning. Searches go on meanwhile.";
  try {
    showState(await call("model", { method: "POST" }));
  } catch (error) {
    say(error);
  }
  target.disabled = false;
});

remember(sessionStorage.getItem("previous") ?? "");
call("state").then(showState).catch(say);
show().catch(say);
