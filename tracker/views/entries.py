"""What several pages say in the same way: addresses, changes in lists, where bytes came from. Plain values only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from tracker.model import Capture, ChangeRecord, Document, Flag, Version, Window, stamp
from tracker.store import Store, witnesses
from tracker.views import phrases
from tracker.views.quotes import excerpt, matched, tail
from tracker.views.runs import visible
from tracker.views.story import Quoted

Values = dict[str, Any]

OPPOSITE = {"takes": "keeps", "keeps": "takes"}
QUIET = ("moved", "split", "merged", "repeated", "form")
REWRITTEN = 0.6  # share of words touched from which a change is a rewrite
LONGEST_NAME = 80  # bytes of one part of an address; a file system takes 255
HEADERS = ("date", "last-modified", "etag", "server", "content-language", "memento-datetime")


# ---- addresses ---------------------------------------------------------------------------------------------------


def address(*parts: str) -> str:
    """The address of a page from the root of the site, with a slash at its end; parts that are too long are cut."""
    return "".join(f"{_short(part)}/" for whole in parts for part in whole.split("/"))


def _short(part: str) -> str:
    if len(part.encode("utf-8", "replace")) <= LONGEST_NAME:
        return part or "-"
    digest = sha256(part.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{part.encode('utf-8', 'ignore')[: LONGEST_NAME - 11].decode('utf-8', 'ignore')}-{digest}"


def change_page(identifier: str) -> str:
    return address("change", identifier)


def document_page(document: str) -> str:
    return address("document", document)


def version_page(version: Version) -> str:
    return address("version", version.document, version.address)


def platform_page(document: Document) -> str:
    return address("platform", document.platform_id)


def rule_page(rule: str) -> str:
    return address("rules", rule)


def raw_file(digest: str) -> str:
    """Where the raw bytes of a capture stand: as text, so that no browser takes them for a page."""
    return f"raw/{digest}.txt"


def anchor(key: str) -> str:
    """The anchor of a clause: it survives moving and renumbering."""
    return f"c-{key[:8]}"


# ---- small values ------------------------------------------------------------------------------------------------


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def window(found: Window) -> Values:
    """The last moment without and the first with; `from` is None where nobody had looked before."""
    return {"from": stamp(found.start) if found.start else None, "to": stamp(found.end)}


def document(found: Document) -> Values:
    """The names of a document and where its pages are."""
    return {
        "id": found.id,
        "platform": visible(found.platform),
        "platform_page": platform_page(found),
        "terms_type": visible(found.terms_type),
        "page": document_page(found.id),
    }


def version(found: Version) -> Values:
    """A version by its moment and its page."""
    return {
        "at": stamp(found.at),
        "address": found.address,
        "page": version_page(found),
        "stated": day(found.stated_date),
        "effective": day(found.effective_date),
        "words": found.words,
        "clauses": found.clauses,
        "text_sha256": found.text_sha256,
    }


# ---- stance ------------------------------------------------------------------------------------------------------


def stances(topics: Sequence[str], before: Mapping[str, str], after: Mapping[str, str]) -> list[Values]:
    """For each topic of a change that takes a stance: what the text said before and after, in words."""
    concerned = [name for name in phrases.QUESTIONS if name in before or name in after]
    return [
        {
            "topic": name,
            "words": phrases.topic(name),
            "before": before.get(name),
            "before_words": phrases.stance(name, before.get(name)),
            "after": after.get(name),
            "after_words": phrases.stance(name, after.get(name)),
        }
        for name in concerned
    ] + [{"topic": name, "words": phrases.topic(name)} for name in topics if name not in phrases.QUESTIONS]


def labels(record: ChangeRecord) -> list[Values]:
    """Short labels of what the changed clauses say on training, each with a tone: takes, keeps or open. The topics
    where they say nothing on it."""
    found = []
    for name in ("training", "third-party"):
        now, was = record.stance_after.get(name), record.stance_before.get(name)
        if now:
            text, tone = phrases.label(name, now)
            found.append({"topic": name, "text": text, "tone": tone})
        elif was:
            text, tone = phrases.label(name, was)
            found.append({"topic": name, "text": f"drops: {text}", "tone": OPPOSITE.get(tone, tone)})
    topics = sorted(record.topics, key=phrases.rank)
    return found or [{"topic": name, "text": phrases.topic(name), "tone": "open"} for name in topics[:2]]


# ---- changes in lists --------------------------------------------------------------------------------------------


def entry(record: ChangeRecord, quotes: Sequence[Quoted] = ()) -> Values:
    """A change as lists show it. `quotes` are its flagged clauses; the weightiest is quoted."""
    back = record.reverts_to
    return {
        "id": record.id,
        "page": change_page(record.id),
        "document": document(record.document),
        "at": stamp(record.at),
        "window": window(record.window),
        "stated": day(record.after.stated_date),
        "effective": day(record.after.effective_date),
        "headline": headline(record),
        "sentence": in_a_sentence(record),
        "ai": record.ai_change,
        "ai_kind": record.ai_kind,
        "labels": labels(record) if record.ai_change else [],
        "summary": record.summary,
        "counts": dict(record.counts),
        "unchanged": record.unchanged,
        "rewritten": is_rewritten(record),
        "silent": record.silent,
        "returned_to": version(back) if back else None,
        "quote": quote(record, quotes),
    }


def headline(record: ChangeRecord) -> str:
    """What a change means: its verdict where it concerns AI, else its summary."""
    words = record.verdict if record.ai_change and record.verdict else record.summary
    return words[:1].upper() + words[1:]


def in_a_sentence(record: ChangeRecord) -> str:
    """The headline with the platform's name in it: "Zoom adds a right to …", "Zoom: 2 clauses reworded"."""
    platform, words = visible(record.document.platform), headline(record)
    acts = record.ai_change and re.match(r"[A-Z][a-z]+s ", words) and not words.startswith("This ")
    return f"{platform} {words[0].lower()}{words[1:]}" if acts else f"{platform}: {words[0].lower()}{words[1:]}"


def is_rewritten(record: ChangeRecord) -> bool:
    """Whether so much was touched that a comparison word by word helps nobody."""
    return record.touched > REWRITTEN or "replaced" in record.counts


def quote(record: ChangeRecord, quotes: Sequence[Quoted]) -> Values | None:
    """The clause that a list quotes: of the topic that matters most, then the gravest, then the first."""
    if not quotes:
        return None
    best = min(quotes, key=lambda one: weight(record, _flagged(one)))
    text, shortened = excerpt(best.text, best.spans)
    word, sign = phrases.kind(best.kind)
    return {
        "lead_in": tail(best.lead_in),
        "text": text,
        "shortened": shortened,
        "kind": best.kind,
        "word": word,
        "sign": sign,
        "language": best.language,
        "page": f"{change_page(record.id)}#{anchor(best.key)}",
        "more": len(quotes) - 1,
    }


def _flagged(one: Quoted) -> Flagged:
    return Flagged(one.stances, one.severity, len(one.spans), one.kind, one.clause_kind)


@dataclass(frozen=True, slots=True)
class Flagged:
    """What of a flagged clause says how well it stands for a change: the (topic, stance) of its flags, their gravest
    severity, how many words decided, and what happened to a clause of which kind."""

    stances: Sequence[tuple[str, str | None]]
    severity: int
    words: int
    change: str
    kind: str


def weight(record: ChangeRecord, one: Flagged) -> tuple[int, bool, bool, int, int]:
    """How well a clause stands for a change, best first: the topic that matters most, the stance that the change came
    to, running text before tables and before words that only moved, the gravest rule, the most words that decided."""
    said = record.stance_after or record.stance_before
    pairs = one.stances or [("", None)]
    topic, stance = min(pairs, key=lambda pair: (phrases.rank(pair[0]), pair[1] != said.get(pair[0])))
    aside = one.change in QUIET or one.kind in ("row", "heading")
    return phrases.rank(topic), stance != said.get(topic), aside, -one.severity, -one.words


def flag(found: Flag, text: str) -> Values:
    """A rule that held for a clause, with the words that decided."""
    return {
        "rule": found.rule,
        "rule_page": rule_page(found.rule),
        "topic": found.topic,
        "topic_words": phrases.topic(found.topic),
        "stance": found.stance,
        "stance_words": phrases.label(found.topic, found.stance)[0] if found.stance else "",
        "tone": phrases.label(found.topic, found.stance)[1] if found.stance else "open",
        "why": found.why,
        "severity": found.severity,
        "matched": list(matched(text, found.spans)),
    }


# ---- where it came from ------------------------------------------------------------------------------------------


def provenance(store: Store, found: Version, raw: bool = False) -> Values:
    """What proves a version: its captures with hashes, times and addresses, and how its text was read. `raw` tells that
    their bytes stand on the site."""
    return {
        **version(found),
        "title": visible(found.title),
        "language": found.language,
        "method": found.method,
        "method_words": phrases.METHODS.get(found.method, found.method),
        "confidence": round(found.confidence, 2),
        "warnings": [visible(warning) for warning in found.warnings],
        "captures": [capture(store.capture(number), raw, witnesses.of(store, number)) for number in found.captures],
    }


def capture(found: Capture, raw: bool = False, said: witnesses.Witness | None = None) -> Values:
    """One capture as evidence; everything that a server said is shown with hidden characters made visible. `said` is
    what another archive answered that was asked to keep the page as well."""
    return {
        "source": found.source,
        "at": stamp(found.at),
        "fetched_at": stamp(found.fetched_at),
        "url": visible(found.url),
        "final_url": visible(found.final_url),
        "redirects": [{"status": status, "url": visible(url)} for status, url in found.redirects],
        "status": found.status,
        "content_type": visible(found.content_type),
        "sha256": found.sha256,
        "raw": raw_file(found.sha256) if raw else None,
        "size": found.size,
        "headers": [[name.lower(), visible(value)] for name, value in found.headers if name.lower() in HEADERS],
        "address": visible(found.address),
        "certificate": visible(found.certificate),
        "declaration": found.declaration,
        "tool": visible(found.tool),
        "third_party": said
        and {
            "state": said.state,
            "url": visible(said.url),
            "reason": visible(said.reason),
            "asked_at": stamp(said.asked_at),
        },
        "wayback": f"https://web.archive.org/web/{found.at:%Y%m%d%H%M%S}/{found.url}",
    }
