// Only conveniences: everything can be read without this file.
"use strict";

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
