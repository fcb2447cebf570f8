"""What the pages of a platform, a document and a version say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tracker import history
from tracker.model import Clause, Document, Judgement, Version, stamp
from tracker.store import Store, lineages
from tracker.views import entries, news, phrases, stances
from tracker.views.clause import address as clause_address
from tracker.views.passages import pieces
from tracker.views.quotes import sentence
from tracker.views.runs import visible
from tracker.views.story import Story, fresh_until, quoted, state, streaks

Values = dict[str, Any]


# ---- a document --------------------------------------------------------------------------------------------------


def document_page(store: Store, story: Story, latest: datetime | None) -> Values:
    """A document: its health, its versions, every check and gap. `latest` is the archive's newest check."""
    quotes = quoted(store, [change for change in story.changes if change.ai_change])
    return {
        "kind": "document",
        "title": visible(story.document.title),
        "feed": news.feed_address("document", story.document.id),
        "document": entries.document(story.document),
        "url": visible(story.url),
        "health": health(story, latest),
        "checks": checks(story),
        "changes": [entries.entry(change, quotes.get(change.id, ())) for change in story.changes],
        "versions": [_version_row(story, version) for version in reversed(story.versions)],
    }


def _version_row(story: Story, version: Version) -> Values:
    change = story.change_into(version)
    return {
        **entries.version(version),
        "method_words": phrases.METHODS.get(version.method, version.method),
        "confidence": round(version.confidence, 2),
        "warnings": [visible(warning) for warning in version.warnings],
        "change": change and {"page": entries.change_page(change.id), "summary": change.summary},
    }


def health(story: Story, latest: datetime | None) -> Values:
    """How it stands with a document and what to do about it."""
    found = state(story, latest)
    last = story.checks[-1] if story.checks else None
    trailing = streaks(story.checks)[-1] if story.checks else None
    until = fresh_until(story)
    return {
        "document": entries.document(story.document),
        "state": found,
        "words": phrases.STATES[found],
        "last_check": stamp(last.at) if last else None,
        "last_seen": stamp(story.last_seen) if story.last_seen else None,
        "unchanged_since": stamp(story.latest.at) if story.latest else None,
        "fresh_until": stamp(until) if until else None,
        "since": stamp(trailing.start) if trailing else None,
        "checks": len(story.checks),
        "versions": len(story.versions),
        "reason": visible(last.reason) if last and found not in ("ok", "stale") else "",
        "message": visible(last.message) if last and found not in ("ok", "stale") else "",
        "confidence": round(story.latest.confidence, 2) if story.latest else None,
        "warnings": [visible(warning) for warning in story.latest.warnings] if story.latest else [],
        "remedy": REMEDIES.get(found, ""),
        "command": f"tracker check {story.document.id}" if found in REMEDIES else "",
    }


REMEDIES = {
    "blocked": "If a browser shows the text, try again from another network:",
    "failed": "See whether the address still holds, then:",
    "suspect": "Look again, so that it is confirmed or refused:",
    "broken": "Mend the address or the selectors in its declaration, then:",
    "stale": "Nobody has looked for a while:",
}


def checks(story: Story) -> Values:
    """Every look at a document: counts by outcome, runs of the same outcome with the gaps between them, each moment."""
    changed = {change.after.check: change.ai_change for change in story.changes}
    return {
        "first": stamp(story.checks[0].at) if story.checks else None,
        "last": stamp(story.checks[-1].at) if story.checks else None,
        "total": len(story.checks),
        "outcomes": dict(sorted(Counter(check.outcome.value for check in story.checks).items())),
        "streaks": [
            {
                "outcome": one.outcome,
                "from": stamp(one.start),
                "to": stamp(one.end),
                "days": round((one.end - one.start).total_seconds() / 86400, 1),
                "checks": one.checks,
                "reason": visible(one.reason),
                "message": visible(one.message),
            }
            for one in reversed(streaks(story.checks))
        ],
        "moments": [
            [stamp(check.at), check.outcome.value, {True: "flagged", False: "changed"}.get(changed.get(check.id), "")]
            for check in story.checks
        ],
    }


# ---- a version ---------------------------------------------------------------------------------------------------


def version_page(store: Store, story: Story, version: Version, raw: bool = False) -> Values:
    """A version: its whole text clause by clause with flags in place, and what proves it. Raises Corrupt."""
    standing = history.standing(store, version)
    place = story.place(version)
    seen: Counter[str] = Counter()
    clauses = []
    names = lineages.names_in(store, version.id)
    for number, (clause, judgement) in enumerate(zip(standing.clauses, standing.judgements, strict=True)):
        values = _clause(clause, judgement, story, place, seen)
        named = judgement.flags and number in names
        values["history"] = clause_address(story.document.id, names[number]) if named else None
        clauses.append(values)
    neighbours = {
        "previous": entries.version(story.versions[place - 1]) if place else None,
        "next": entries.version(story.versions[place + 1]) if place + 1 < len(story.versions) else None,
    }
    change = story.change_into(version)
    return {
        "kind": "version",
        "title": f"{visible(story.document.title)}, {version.at:%-d %B %Y}",
        "document": entries.document(story.document),
        "version": entries.version(version),
        **neighbours,
        "is_latest": place + 1 == len(story.versions),
        "last_seen": stamp(story.last_seen) if story.last_seen and place + 1 == len(story.versions) else None,
        "change": entries.entry(change) if change else None,
        "language": version.language,
        "on_ai": [one["anchor"] for one in clauses if one["flags"]],
        "clauses": clauses,
        "proof": entries.provenance(store, version, raw),
    }


def _clause(clause: Clause, judgement: Judgement, story: Story, place: int, seen: Counter[str]) -> Values:
    name = entries.anchor(clause.key)
    seen[name] += 1
    spans = tuple(sorted({span for flag in judgement.flags for span in flag.spans}))
    since = None
    if judgement.flags:
        first = story.stood_from(clause.key, sentence(clause.text, spans), place)
        since = {**entries.version(story.versions[first]), "first_copy": first == 0}
    return {
        "anchor": name if seen[name] == 1 else f"{name}-{seen[name]}",
        "kind": clause.kind,
        "level": clause.level,
        "depth": len(clause.heading),
        "label": visible(clause.label) if any(map(str.isalnum, clause.label)) else "",
        "text": visible(clause.text),
        "pieces": pieces(clause, spans=spans) if clause.kind != "code" else [{"text": visible_code(clause.raw)}],
        "flags": [entries.flag(flag, clause.text) for flag in judgement.flags],
        "possibly": [visible(words) for words in judgement.possibly],
        "since": since,
    }


def visible_code(raw: str) -> str:
    """The lines of a code block without its fences; line ends and tabs stay."""
    lines = [line for line in raw.replace("\r\n", "\n").split("\n") if line.strip()[:3] not in ("```", "~~~")]
    return "\n".join(visible(line) for line in lines).strip("\n")


# ---- a platform --------------------------------------------------------------------------------------------------


def platform_page(store: Store, stories: Sequence[Story], latest: datetime | None) -> Values:
    """A platform: what its documents say on AI now, its timeline, its changes and documents."""
    document: Document = stories[0].document
    changes = sorted((change for story in stories for change in story.changes), key=lambda one: one.at, reverse=True)
    quotes = quoted(store, [change for change in changes if change.ai_change])
    return {
        "kind": "platform",
        "title": visible(document.platform),
        "platform": visible(document.platform),
        "page": entries.platform_page(document),
        "feed": news.feed_address("platform", document.platform_id),
        "stance": stances.answers(store, stories, latest),
        "others": stances.others(store, stories),
        "timeline": [_lane(story) for story in stories],
        "changes": [entries.entry(change, quotes.get(change.id, ())) for change in changes],
        "documents": [
            {
                **entries.document(story.document),
                "health": health(story, latest),
                "latest": entries.version(story.latest) if story.latest else None,
                "changes": len(story.changes),
                "flagged": sum(change.ai_change for change in story.changes),
            }
            for story in stories
        ],
    }


def _lane(story: Story) -> Values:
    """A document on the timeline: when it was watched and each change with its size."""
    return {
        "document": entries.document(story.document),
        "streaks": [
            {"outcome": one.outcome, "from": stamp(one.start), "to": stamp(one.end)} for one in streaks(story.checks)
        ],
        "changes": [
            {
                "at": stamp(change.at),
                "page": entries.change_page(change.id),
                "ai": change.ai_change,
                "touched": round(change.touched, 3),
                "headline": entries.headline(change),
            }
            for change in reversed(story.changes)
        ],
    }
