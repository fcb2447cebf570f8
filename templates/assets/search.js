// Search in a static copy of the site: the same form and the same results as the live one, out of a Pagefind index.
// A script of its own scope and no module: those are not loaded where the site is opened as files.
(() => {
const form = document.querySelector("[data-search]");
const results = document.querySelector("[data-results]");
const names = ["q", "platform", "topic", "stance", "state"];
const most = 60;

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

function say(text) {
  results.replaceChildren(element("p", text, { class: "notice" }));
}

// About the stem of each word that was asked for.
function stems(query) {
  return query.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean).map((word) => (word.length > 5 ? word.slice(0, -3) : word.slice(0, 4)));
}

// Each anchor of an indexed text is "clause|version|since|topic:stance,…": the index knows words and places alone.
function clausesOf(found, data, wanted) {
  const words = data.content.split(/\s+/);
  const anchors = [...data.anchors].sort((one, other) => one.location - other.location);
  const hits = [];
  anchors.forEach((anchor, number) => {
    const end = number + 1 < anchors.length ? anchors[number + 1].location : words.length;
    const places = found.filter((place) => place >= anchor.location && place < end);
    const [clause, version, since, flags] = anchor.id.split("|");
    const said = flags ? flags.split(",") : [];
    if (wanted.topic && !said.some((one) => one.split(":")[0] === wanted.topic)) return;
    if (wanted.stance && !said.includes(wanted.stance)) return;
    if (wanted.q && places.length === 0) return;
    const text = words.slice(anchor.location, end).join(" ").toLowerCase();
    const whole = stems(wanted.q).every((stem) => text.includes(stem));
    hits.push({ whole, data, clause, version, since, said, words: words.slice(anchor.location, end), marks: new Set(places.map((place) => place - anchor.location)) });
  });
  return hits;
}

function shown(hit) {
  const { meta } = hit.data;
  const article = element("article", "", { class: "hit" });
  const title = element("h3");
  title.append(element("a", `${meta.platform} · ${meta.terms}`, { href: `${form.dataset.root}version/${meta.folder}/${hit.version}/index.html#${hit.clause}` }));
  const quote = element("blockquote", "", { dir: "auto", ...(meta.lang ? { lang: meta.lang } : {}) });
  const text = element("p");
  const first = hit.marks.size ? Math.min(...hit.marks) : 0;
  const start = Math.max(0, Math.min(first - 15, hit.words.length - 60));
  if (start) text.append("… ");
  hit.words.slice(start, start + 60).forEach((word, place) => {
    text.append(hit.marks.has(start + place) ? element("mark", word) : word, " ");
  });
  if (start + 60 < hit.words.length) text.append("…");
  quote.append(text);
  const facts = element("ul", "", { class: "facts" });
  for (const one of hit.said) {
    const choice = form.elements.stance.querySelector(`option[value="${CSS.escape(one)}"]`);
    facts.append(element("li", choice ? choice.textContent : one.split(":")[0], { class: "label label-open" }));
  }
  facts.append(element("li", `${meta.state === "ever" ? "Not in force any more" : "In force"}, since ${hit.since}`));
  article.append(title, quote, facts);
  return article;
}

async function look() {
  const wanted = Object.fromEntries(names.map((name) => [name, form.elements[name].value.trim()]));
  const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
  history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}`);
  if (!wanted.q && !wanted.topic && !wanted.stance) return results.replaceChildren();
  say("Looking …");
  let pagefind;
  try {
    pagefind = await import(new URL(form.dataset.search, location.href));
  } catch {
    return say("The search index cannot be read. Opened as a file, a page may not read it: put the site on a web server, or run `tracker build --serve`.");
  }
  // The words that the index was given for platforms and for what is in force; without any, all texts are looked through.
  const platform = form.elements.platform.selectedOptions[0].dataset.token || "";
  const asked = [wanted.q, platform, wanted.state ? "" : "statenowx"].filter(Boolean).join(" ");
  const found = await pagefind.search(asked || null);
  const every = [];
  for (const result of found.results.slice(0, 40)) {
    const data = await result.data();
    every.push(...clausesOf(data.locations || [], data, wanted));
    if (every.filter((hit) => hit.whole).length >= most) break;
  }
  // Clauses with all the words, if there are any; else those with some.
  const hits = every.some((hit) => hit.whole) ? every.filter((hit) => hit.whole) : every;
  if (!hits.length) return say("No clause holds this. Try fewer words, or look through all time.");
  const texts = new Set(hits.map((hit) => `${hit.data.meta.folder}`)).size;
  const count = element("p", `${hits.length >= most ? `The first ${most}` : hits.length} clauses in ${texts} documents`, { class: "facts", role: "status" });
  results.replaceChildren(count, ...hits.slice(0, most).map(shown));
}

if (form && form.dataset.search) {
  for (const [name, value] of new URLSearchParams(location.search)) if (names.includes(name) && form.elements[name]) form.elements[name].value = value;
  form.addEventListener("submit", (event) => { event.preventDefault(); look(); });
  if (location.search) look();
}
})();
