"""What the page of one change says, in the order in which it is read: verdict, flagged clauses, the rest, the proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from urllib.parse import quote

from tracker import history
from tracker.model import (
    Change,
    ChangeJudgement,
    ChangeRecord,
    Clause,
    ClauseChange,
    Comparison,
    Judgement,
    Kind,
    stamp,
)
from tracker.store import Store
from tracker.views import citing, entries, phrases
from tracker.views import clause as clause_view
from tracker.views.passages import Spans, clipped, sides
from tracker.views.quotes import sentence
from tracker.views.runs import visible
from tracker.views.story import Story, quoted

Values = dict[str, Any]

FOLDED = ("moved", "split", "merged", "repeated", "returned", "form")
LATER = 8  # later changes named one by one
ROOM = 112_000  # bytes of clauses that the page has room for, as HTML
FLAGGED_ROOM = 100_000  # of them for the flagged ones, which come first
PAIRED = 0.6  # similarity below which both texts stand side by side rather than in one line


def page(store: Store, story: Story, record: ChangeRecord, base_url: str = "", raw: bool = False) -> Values:
    """The page of a change. `base_url` is where the site is published, for citations; `raw` tells that the bytes of
    captures stand on it. Raises NotFound or Corrupt."""
    change = history.change(store, record.id)
    places = story.place(record.before), story.place(record.after)
    both = (record.before, change.comparison.before), (record.after, change.comparison.after)
    histories = {key: page for side in both for key, page in clause_view.histories(store, *side).items()}
    clauses = [
        (one, clause_change(one, change, story, places, histories))
        for one in judged_changes(change.comparison, change.judgement)
    ]
    _tell_apart([values for _, values in clauses])
    lead = [values for one, values in clauses if one.decisive]
    others = [values for one, values in clauses if one.flagged and not one.decisive]
    shown = lead + sorted(others, key=lambda one: _weight(record, one))
    rest = [values for one, values in clauses if not one.flagged]
    changed = [one for one in rest if one["kind"] not in FOLDED]
    if entries.is_rewritten(record):
        changed.sort(key=lambda one: one["kind"] != "added")
    full = listed(shown, FLAGGED_ROOM, _full_size) or shown[:1]
    room = max(0, ROOM - sum(map(_full_size, full)))
    brief = listed(changed, room)
    permalink = f"{base_url.rstrip('/')}/{entries.change_page(record.id)}" if base_url else ""
    values = entries.entry(record, quoted(store, [record]).get(record.id, ()))
    return {
        **values,
        "kind": "change",
        "title": f"{visible(record.document.title)}: {values['headline']}",
        "first_copy": record.window.start is None,
        "silent_on": list(change.judgement.silent_on),
        "stances": entries.stances(record.topics, record.stance_before, record.stance_after),
        "tally": tally(record, len(shown)),
        "replaced": "replaced" in record.counts,
        "seen": _seen(record),
        "attested": phrases.attested(record.before.source, record.after.source),
        "card": None,
        "flagged": shown,
        "flagged_listed": len(full),
        "changed": changed,
        "listed": len(brief),
        "folded": folded(rest, room - sum(map(_size, brief))),
        "whole": f"{entries.change_page(record.id)}all/",
        "proof": {
            "before": entries.provenance(store, record.before, raw),
            "after": entries.provenance(store, record.after, raw),
            "url": visible(story.url),
        },
        "citation": citing.change(record, permalink, *_hashes(store, record)),
        "later": later(story, record),
        "earlier": _earlier(story, record),
    }


def whole_page(values: Values) -> Values | None:
    """The page of all other changes, out of the values of the change's page; None where that lists them all."""
    groups = values["folded"]
    rest = values["flagged"][values["flagged_listed"] :]
    if (
        not rest
        and values["listed"] == len(values["changed"])
        and all(one["listed"] == len(one["clauses"]) for one in groups)
    ):
        return None
    names = ("title", "document", "page", "headline", "at", "window", "changed", "folded")
    return {"kind": "whole", "flagged": rest, **{name: values[name] for name in names}}


def _hashes(store: Store, record: ChangeRecord) -> tuple[str, str]:
    """The SHA-256 of the first capture before and after; of the text where an archive gave no bytes."""
    found = [
        store.capture(version.captures[0]).sha256 if version.captures else version.text_sha256
        for version in (record.before, record.after)
    ]
    return found[0], found[1]


def tally(record: ChangeRecord, flagged: int) -> list[Values]:
    """How many clauses of each kind, flagged ones first, unchanged ones last."""
    found = [{"kind": "flagged", "count": flagged, "words": "flagged"}] if flagged else []
    for kind in (one.value for one in Kind):
        if record.counts.get(kind):
            word = phrases.kind(kind)[0].lower()
            found.append({"kind": kind, "count": record.counts[kind], "words": word})
    return [*found, {"kind": "unchanged", "count": record.unchanged, "words": "unchanged"}]


# ---- clauses -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """A clause change with what its clauses say on AI on either side."""

    change: ClauseChange
    before: tuple[Judgement, ...]
    after: tuple[Judgement, ...]
    flagged: bool
    decisive: bool = False  # the verdict speaks of it


def judged_changes(comparison: Comparison, judgement: ChangeJudgement) -> list[Judged]:
    """The clause changes of two texts. Of a document that was replaced as a whole only the clauses on AI are shown, as
    removed and added: both texts stand on the pages of their versions."""
    found = []
    for number, one in enumerate(comparison.changes):
        old, new = judgement.before[number], judgement.after[number]
        if one.kind is not Kind.REPLACED:
            found.append(Judged(one, old, new, number in judgement.flagged, number == judgement.decisive))
            continue
        for clause, said in zip(one.before, old, strict=True):
            if said.flags:
                found.append(Judged(ClauseChange(Kind.REMOVED, (clause,)), (said,), (), True))
        for clause, said in zip(one.after, new, strict=True):
            if said.flags:
                found.append(Judged(ClauseChange(Kind.ADDED, (), (clause,)), (), (said,), True))
    return found


def clause_change(
    one: Judged, whole: Change, story: Story, places: tuple[int, int], histories: Mapping[str, str]
) -> Values:
    """One clause before and after as its document's history knows it. `places` are the indexes of both versions,
    `histories` the pages of clauses by their keys."""
    change = one.change
    versions = whole.record.before, whole.record.after
    values = plain_change(one, versions[0].language, versions[1].language)
    for side, clauses, version in (("before", change.before, versions[0]), ("after", change.after, versions[1])):
        if clauses:
            values[side]["page"] = f"{entries.version_page(version)}#{entries.anchor(clauses[0].key)}"
    spans = _spans(change.before, one.before), _spans(change.after, one.after)
    return {
        **values,
        "detail": _detail(change, story),
        "lineage": lineage(change, story, places, spans) if one.flagged else None,
        "live": _live(change, story) if one.flagged else "",
        "history": histories.get((change.after or change.before)[0].key) if one.flagged else None,
    }


def plain_change(one: Judged, before: str | None, after: str | None) -> Values:
    """One clause before and after, readable and with its marks, and what it says on AI on either side.

    `before` and `after` are the languages of the two texts.
    """
    change = one.change
    spans = _spans(change.before, one.before), _spans(change.after, one.after)
    marked = sides(change, *(spans if one.flagged else ((), ())))
    own = (change.after or change.before)[0]
    word, sign = phrases.kind(change.kind.value)
    return {
        "anchor": entries.anchor(own.key),
        "kind": change.kind.value,
        "word": word,
        "sign": sign,
        "detail": change.detail,
        "heading": [visible(part) for part in own.heading],
        "place": own.kind,
        "label": {"before": _label(change.before), "after": _label(change.after)},
        "lead_in": visible(own.lead_in),
        "before": _side(change.before, marked.before, before, one.before),
        "after": _side(change.after, marked.after, after, one.after),
        "together": clipped(marked.together)[0],
        "paired": bool(change.before and change.after) and change.similarity < PAIRED,
        "links": _links(change),
        "lineage": None,
        "live": "",
        "history": None,
    }


def _tell_apart(clauses: Sequence[Values]) -> None:
    """Gives clauses that say the same, and so have the same anchor, a number each after the first."""
    seen: Counter[str] = Counter()
    for one in clauses:
        seen[one["anchor"]] += 1
        if seen[one["anchor"]] > 1:
            one["anchor"] += f"-{seen[one['anchor']]}"


def _side(clauses: Sequence[Clause], pieces: list, language: str | None, judged: Sequence[Judgement]) -> Values | None:
    if not clauses:
        return None
    flags = [
        entries.flag(flag, clause.text)
        for clause, judgement in zip(clauses, judged, strict=False)
        for flag in judgement.flags
    ]
    possibly = [visible(words) for judgement in judged for words in judgement.possibly]
    shown, cut = clipped(pieces)
    return {
        "text": "\n\n".join(visible(clause.text) for clause in clauses),
        "pieces": shown,
        "cut": cut,
        "page": None,
        "language": language,
        "flags": _distinct(flags),
        "possibly": possibly,
    }


def _distinct(flags: list[Values]) -> list[Values]:
    """Each rule once, with all the words that it matched."""
    found: dict[tuple, Values] = {}
    for flag in flags:
        key = flag["rule"], flag["stance"]
        if key in found:
            found[key]["matched"] = list(dict.fromkeys([*found[key]["matched"], *flag["matched"]]))
        else:
            found[key] = flag
    return sorted(found.values(), key=lambda flag: -flag["severity"])


def _spans(clauses: Sequence[Clause], judged: Sequence[Judgement]) -> tuple[tuple[int, int], ...]:
    """The words that decided, as positions in the texts of the clauses joined by one space."""
    found, offset = [], 0
    for clause, judgement in zip(clauses, judged, strict=False):
        found += [(offset + start, offset + end) for flag in judgement.flags for start, end in flag.spans]
        offset += len(clause.text) + 1
    return tuple(sorted(set(found)))


def _label(clauses: Sequence[Clause]) -> str:
    label = clauses[0].label if clauses else ""
    return visible(label) if any(map(str.isalnum, label)) else ""


def _detail(change: ClauseChange, story: Story) -> str:
    if change.kind is Kind.RETURNED and change.until is not None and change.until < len(story.versions):
        return f"last stood in the version of {stamp(story.versions[change.until].at)[:10]}"
    return change.detail


def _links(change: ClauseChange) -> Values | None:
    """Link targets that went and came, where they are not the same: words may stay while their link moves."""
    old = [link for clause in change.before for link in clause.links]
    new = [link for clause in change.after for link in clause.links]
    if not (change.before and change.after) or old == new:
        return None
    gone = [visible(link) for link in dict.fromkeys(old) if link not in new]
    come = [visible(link) for link in dict.fromkeys(new) if link not in old]
    return {"gone": gone, "come": come} if gone or come else None


def _live(change: ClauseChange, story: Story) -> str:
    """The page today, scrolled to the clause by a text fragment, where the clause still stands."""
    if not change.after or not story.url or change.after[0].key not in story.keys(story.versions[-1].id):
        return ""
    words = change.after[0].text.split(maxsplit=6)[:6]
    return f"{story.url.partition('#')[0]}#:~:text={quote(' '.join(words), safe='').replace('-', '%2D')}"


def lineage(change: ClauseChange, story: Story, places: tuple[int, int], spans: tuple[Spans, Spans]) -> Values:
    """Since when the words before stood, and until when the words after did: by the versions that hold them.

    `places` are the indexes of the versions before and after, `spans` the words that decided on either side.
    """
    found: Values = {"stood_since": None, "gone_in": None, "stands": False}
    if change.before:
        first = story.stood_from(change.before[0].key, _sentence(change.before, spans[0]), places[0])
        found["stood_since"] = {**entries.version(story.versions[first]), "first_copy": first == 0}
    if change.after:
        gone = story.gone_in(change.after[0].key, _sentence(change.after, spans[1]), places[1])
        found["stands"] = gone is None
        if gone is not None:
            version = story.versions[gone]
            into = story.change_into(version)
            page = entries.change_page(into.id) if into else entries.version_page(version)
            found["gone_in"] = {**entries.version(version), "page": page}
    return found


def _sentence(clauses: Sequence[Clause], spans: Spans) -> str:
    return sentence(" ".join(clause.text for clause in clauses), spans)


def folded(rest: Sequence[Values], room: int) -> list[Values]:
    """What only moved, returned or changed its form, in groups; `listed` is how many of each the page has room for."""
    groups = []
    for kind in FOLDED:
        members = [one for one in rest if one["kind"] == kind]
        shown = listed(members, room)
        room -= sum(map(_size, shown))
        if members:
            groups.append({"kind": kind, "words": phrases.FOLDED[kind], "listed": len(shown), "clauses": members})
    return groups


def listed(clauses: Sequence[Values], room: int, size: Callable[[Values], int] | None = None) -> Sequence[Values]:
    """The first clauses for which there is room on the page, in bytes; the others stand on a page of their own."""
    sizes = accumulate(map(size or _size, clauses))
    return clauses[: sum(size <= room for size in sizes)]


def _size(one: Values) -> int:
    """About how many bytes of the page a clause takes: what stands around it counts as well."""
    return 500 + int(1.1 * _bytes(one))


def _full_size(one: Values) -> int:
    """The same of a flagged clause, with marks on both sides and the reasons below."""
    reasons = sum(350 + 40 * len(flag["matched"]) for side in _sides(one) for flag in side["flags"])
    return 900 + 2 * _bytes(one) + reasons


def _bytes(one: Values) -> int:
    return sum(len(piece["text"].encode("utf-8", "replace")) for side in _sides(one) for piece in side["pieces"])


def _sides(one: Values) -> list[Values]:
    return [side for side in (one["before"], one["after"]) if side]


def _seen(record: ChangeRecord) -> str:
    """The window in words."""
    end = f"{record.window.end:%-d %b %Y %H:%M} UTC"
    start = record.window.start
    return f"First seen between {start:%-d %b %Y %H:%M} and {end}" if start else f"First seen by {end}"


def _weight(record: ChangeRecord, one: Values) -> tuple:
    side = one["after"] if one["after"] and one["after"]["flags"] else one["before"] or one["after"]
    flags = side["flags"] if side else []
    found = entries.Flagged(
        stances=[(flag["topic"], flag["stance"]) for flag in flags],
        severity=max((flag["severity"] for flag in flags), default=0),
        words=sum(len(flag["matched"]) for flag in flags),
        change=one["kind"],
        kind=one["place"],
    )
    return entries.weight(record, found)


# ---- around it ---------------------------------------------------------------------------------------------------


def later(story: Story, record: ChangeRecord) -> Values:
    """What happened to the document since, newest last, and when it was last seen."""
    since = [change for change in reversed(story.changes) if change.at > record.at]
    return {
        "count": len(since),
        "changes": [entries.entry(change) for change in since[:LATER]],
        "latest": entries.version(story.versions[-1]),
        "last_seen": stamp(story.last_seen) if story.last_seen and not since else None,
    }


def _earlier(story: Story, record: ChangeRecord) -> Values | None:
    before = [change for change in story.changes if change.at < record.at]
    return entries.entry(before[0]) if before else None
