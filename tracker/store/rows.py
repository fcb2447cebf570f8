"""Rows of the derived tables as values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tracker.model import ChangeRecord, Clause, Document, Flag, Judgement, Version, Window, moment


def day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def version(row: Mapping[str, Any]) -> Version:
    return Version(
        id=row["id"],
        document=row["document"],
        at=moment(row["at"]),
        text_sha256=row["text_sha256"],
        substance_sha256=row["substance_sha256"],
        words=row["words"],
        clauses=row["clauses"],
        title=row["title"],
        language=row["language"],
        stated_date=day(row["stated_date"]),
        effective_date=day(row["effective_date"]),
        method=row["method"],
        confidence=row["confidence"],
        warnings=tuple(json.loads(row["warnings"])),
        check=row["check_id"],
        captures=tuple(json.loads(row["captures"])),
        source=row["source"],
    )


def clause(row: Mapping[str, Any]) -> Clause:
    return Clause(
        row["kind"], "", row["text"], row["key"], heading=tuple(json.loads(row["heading"])), lead_in=row["lead_in"]
    )


def flag(row: Mapping[str, Any]) -> Flag:
    spans = tuple((start, end) for start, end in json.loads(row["spans"]))
    return Flag(row["rule"], row["topic"], row["stance"], row["quote"], spans, row["why"], row["severity"])


def judgement(row: Mapping[str, Any], flags: Sequence[Flag]) -> Judgement:
    lists = (tuple(json.loads(row[name])) for name in ("possibly", "traits"))
    topics, stance = tuple(json.loads(row["topics"])), json.loads(row["stance"])
    return Judgement(bool(row["mentions_ai"]), topics, stance, tuple(flags), *lists)


def record(row: Mapping[str, Any], found: Mapping[int, Version]) -> ChangeRecord:
    return ChangeRecord(
        id=row["slug"],
        document=Document(row["document"], row["platform"], row["terms_type"]),
        at=moment(row["at"]),
        window=Window(moment(row["window_from"]) if row["window_from"] else None, moment(row["window_to"])),
        before=found[row["before_id"]],
        after=found[row["after_id"]],
        counts=json.loads(row["counts"]),
        unchanged=row["unchanged"],
        touched=row["touched"],
        summary=row["summary"],
        verdict=row["verdict"],
        ai_change=bool(row["ai_change"]),
        ai_kind=row["ai_kind"],
        topics=tuple(json.loads(row["topics"])),
        stance_before=json.loads(row["stance_before"]),
        stance_after=json.loads(row["stance_after"]),
        silent=bool(row["silent"]),
        reverts_to=found.get(row["reverts_to"]),
        redated=bool(row["redated"]),
    )
