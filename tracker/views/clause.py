"""What the page of a clause says: since when it stands, every wording that it had, what each said on AI, its proof."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from tracker.model import Clause, Version
from tracker.since import Found, Happened, Told
from tracker.store import Store, lineages
from tracker.views import entries, phrases
from tracker.views.quotes import excerpt
from tracker.views.runs import visible

Values = dict[str, Any]

WORDS = {
    "first": "There already when first seen",
    "added": "Added",
    "reworded": "Reworded",
    "moved": "Moved",
    "moved-reworded": "Moved and reworded",
    "split": "Split",
    "split-reworded": "Split and reworded",
    "merged": "Merged",
    "merged-reworded": "Merged and reworded",
    "repeated": "Stands here once more",
    "returned": "Back",
    "removed": "Removed",
    "dropped": "One copy fewer",
}
GONE = ("removed", "dropped", "merged")
MOST = 60  # steps that a page shows; of a clause that comes and goes more often, the first and the last ones


def page(told: Told, elsewhere: Sequence[Found] = (), linked: Container[str] | None = None) -> Values:
    """The story of a clause, oldest step first, as plain values for the template and its JSON twin.

    `title` quotes the wording that stands, or stood last, and `text` is all of it; `heading` are the headings above it.
    `came` is the window of the first step (`from` None: it stood in the first capture) with `remark`, why it is wide.
    `worded` is the window since which it has stood in these words: a clause that began as a permission may be a promise
    now; `spoken` is the one since which it has said on AI what it says last. `steps` have `kind`, `word`, `window`,
    `at`, the `page` of the version, `pieces` with the words marked ("op" "-", "+"), `labels` of what it says on AI,
    `related` clauses, `remark`, `source`, `sha256`, and `unnoticed`: for how many days it had stood when the bytes came
    here, where an archive gave them later. `left_out` counts steps that are not shown, by word. `elsewhere` are other
    documents that say it too, the earliest first. `linked` names the clauses of the document that have a page, where
    not all have one.
    """
    shown, left_out = _bounded(told.steps)
    first = told.steps[0]
    title, _ = excerpt(told.text, words=24)
    return {
        "kind": "clause",
        "title": f"“{title}”",
        "document": entries.document(told.document),
        "id": told.id,
        "name": told.name,
        "language": told.language,
        "text": visible(told.text),
        "heading": [visible(part) for part in told.steps[-1].heading],
        "stands": told.stands,
        "came": {**entries.window(first.window), "first_copy": first.kind == "first", "remark": visible(first.remark)},
        "worded": entries.window(told.worded.window) if told.worded is not first else None,
        "spoken": entries.window(told.spoken.window) if told.spoken else None,
        "gone": None if told.stands else entries.window(told.steps[-1].window),
        "steps": [_step(told, step, linked) for step in shown],
        "left_out": left_out,
        "place_left_out": MOST // 2 if left_out else None,
        "elsewhere": [_elsewhere(found) for found in elsewhere if found.document.id != told.document.id],
    }


def address(document: str, name: str) -> str:
    """Where the page of a clause stands."""
    return entries.address("clause", document, name)


def histories(store: Store, version: Version, clauses: Sequence[Clause]) -> dict[str, str]:
    """The pages of the clauses of a version, by key; of those that ever spoke of AI, which are those that have one."""
    with_page = set(lineages.flagged(store, version.document))
    names = lineages.names_in(store, version.id)
    own = ((clause.key, names.get(place)) for place, clause in enumerate(clauses))
    return {key: address(version.document, name) for key, name in own if name in with_page}


def _bounded(steps: Sequence[Happened]) -> tuple[list[Happened], list[Values]]:
    if len(steps) <= MOST:
        return list(steps), []
    hidden = steps[MOST // 2 : -MOST // 2]
    counts: dict[str, int] = {}
    for step in hidden:
        counts[WORDS.get(step.kind, step.kind)] = counts.get(WORDS.get(step.kind, step.kind), 0) + 1
    return [*steps[: MOST // 2], *steps[-MOST // 2 :]], [{"word": word, "count": n} for word, n in counts.items()]


def _step(told: Told, step: Happened, linked: Container[str] | None) -> Values:
    gone = step.after is None
    return {
        "kind": step.kind,
        "word": WORDS.get(step.kind, step.kind),
        "gone": gone,
        "window": entries.window(step.window),
        "at": entries.window(step.window)["to"],
        "page": entries.address("version", told.document.id, step.version),
        "change": None if step.kind == "first" else entries.change_page(f"{told.document.id}/{step.version}"),
        "heading": [visible(part) for part in step.heading],
        "lead_in": visible(step.lead_in),
        "pieces": _pieces(step),
        "labels": [_label(topic, stance) for topic, stance in step.stances.items()],
        "related": [
            {"name": name, "page": address(*name.split("#", 1))}
            for name in step.related
            if linked is None or name.partition("#")[2] in linked
        ],
        "remark": visible(step.remark),
        "source": step.source,
        "sha256": step.sha256,
        "fetched_at": entries.window(step.window)["to"] if step.source == "live" else step.fetched_at.isoformat(),
        "unnoticed": max(0, (step.fetched_at - step.window.end).days) if step.kind != "first" else 0,
    }


def _pieces(step: Happened) -> list[Values]:
    """The wording with what changed in it marked; all of it struck where it went."""
    if step.words:
        marked = [{"text": visible(text), "op": operation} for operation, text in step.words]
        return [piece if piece["op"] != "=" else {"text": piece["text"]} for piece in marked]
    if step.after is None:
        return [{"text": visible(step.before or ""), "op": "-"}]
    return [{"text": visible(step.after), **({"op": "+"} if step.before is None and step.kind != "first" else {})}]


def _label(topic: str, stance: str | None) -> Values:
    text, tone = phrases.label(topic, stance) if stance else (phrases.topic(topic), "open")
    return {"text": text, "tone": tone, "topic": topic, "stance": stance}


def _elsewhere(found: Found) -> Values:
    run = found.runs[0]
    return {
        "document": entries.document(found.document),
        "likeness": found.likeness,
        "came": {**entries.window(run.came), "first_copy": run.came.start is None},
        "stands": found.stands,
        "quote": visible(excerpt(run.text, run.marks)[0]),
        "page": address(found.document.id, run.clause),
    }
