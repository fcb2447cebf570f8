// Only conveniences: everything can be read without this file.
"use strict";

for (const notice of document.querySelectorAll("[data-without-script]")) notice.remove();

// A fold that holds the clause that the address names is opened, and all folds are for printing.
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (target) target.scrollIntoView();
}
addEventListener("hashchange", openTarget);
if (location.hash) openTarget();
addEventListener("beforeprint", () => {
  for (const place of document.querySelectorAll("[data-printed]")) place.textContent = `Printed ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC.`;
  for (const fold of document.querySelectorAll("details:not([open])")) {
    fold.open = true;
    fold.dataset.folded = "";
  }
});
addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("details[data-folded]")) {
    fold.open = false;
    delete fold.dataset.folded;
  }
});

// Buttons that copy a quote or a citation.
function addCopy(words, after, text) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = words;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(after);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = "Selected: copy it with the keyboard";
    }
    setTimeout(() => { button.textContent = words; }, 2500);
  });
  after.after(button);
}
for (const part of document.querySelectorAll("[data-copy]")) addCopy(part.dataset.copy, part, () => part.textContent.trim());
const citation = document.querySelector(".citation");
for (const clause of document.querySelectorAll("#main .clause:not(.brief)")) {
  const side = (name) => {
    const quote = clause.querySelector(`.side-${name} blockquote`);
    return quote ? `“${quote.textContent.trim()}”` : "no such clause";
  };
  const text = () => `Before: ${side("before")}\nAfter: ${side("after")}\n\n${citation ? citation.textContent.trim() : ""}`;
  addCopy("Copy both quotes", clause.querySelector(".sides"), text);
}

// A box that filters the list of other changes.
for (const section of document.querySelectorAll("[data-filter]")) {
  const rows = [...section.querySelectorAll(".row")];
  if (rows.length < 8) continue;
  const label = document.createElement("label");
  label.className = "filter-label";
  label.textContent = "Filter by platform, document or words";
  const box = document.createElement("input");
  box.type = "search";
  box.className = "filter";
  label.append(box);
  section.querySelector("h2").after(label);
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLocaleLowerCase();
    for (const row of rows) row.hidden = !row.dataset.text.toLocaleLowerCase().includes(wanted);
    for (const month of section.querySelectorAll(".month")) {
      const list = month.nextElementSibling;
      month.hidden = !!list && list.matches(".rows") && ![...list.children].some((row) => !row.hidden);
    }
  });
}

// The list of all changes filters itself where no server does; the address keeps the filters, so that it can be shared.
const filters = document.querySelector("[data-filters]");
const list = document.querySelector("[data-rows]");
if (filters && list && !document.documentElement.dataset.live) {
  const rows = [...list.children];
  const names = ["platform", "topic", "stance", "kind", "since", "until"];
  const apply = () => {
    const wanted = Object.fromEntries(names.map((name) => [name, filters.elements[name] ? filters.elements[name].value : ""]));
    let found = 0;
    for (const row of rows) {
      const own = row.dataset;
      const fits = ["platform", "topic", "stance", "kind"].every((name) => !wanted[name] || own[name].split(" ").includes(wanted[name]));
      row.hidden = !(fits && (!wanted.since || own.day >= wanted.since) && (!wanted.until || own.day <= wanted.until));
      found += !row.hidden;
    }
    document.querySelector("[data-found]").textContent = found === rows.length ? `${found} changes` : `${found} of ${rows.length} changes`;
    document.querySelector("[data-none]").hidden = found > 0;
    const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
    history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}`);
  };
  for (const [name, value] of new URLSearchParams(location.search)) if (names.includes(name) && filters.elements[name]) filters.elements[name].value = value;
  filters.addEventListener("input", apply);
  filters.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
  if (location.search) apply();
}
