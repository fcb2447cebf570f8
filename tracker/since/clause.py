"""One clause through all versions: each wording with its window, its words, its flags and its proof."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.compare.words import words
from tracker.errors import WrongQuery
from tracker.model import Document, Outcome, Window
from tracker.since.windows import remark
from tracker.since.words import in_strand
from tracker.store import Store, derived, fulltext, lineages, moments

_NAME = re.compile(r"(?:[\w/-]*#(?:c-)?)?[0-9a-f]{8,16}(?:-\d+)?$")


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened to a clause in one version.

    `kind` is first (it stood in the first capture), added, reworded, moved, split or merged (these three also with
    "-reworded" behind), repeated, returned, removed or dropped (one copy fewer). `before` and `after` are its wordings,
    None where it did not stand.
    `words` marks what was reworded, as pieces ("=", "-", "+"; text). `related` names the clauses that it was split
    into, merged with, or repeats. `stances` is what the wording after says on AI, by topic.
    """

    kind: str
    window: Window
    version: str
    before: str | None
    after: str | None
    words: tuple[tuple[str, str], ...]
    heading: tuple[str, ...]
    lead_in: str
    related: tuple[str, ...]
    stances: Mapping[str, str | None]
    source: str
    sha256: str
    fetched_at: datetime
    remark: str


@dataclass(frozen=True, slots=True)
class Told:
    """A clause's story. `name` is what it is cited by, with the document: "platform/document#name"."""

    document: Document
    language: str | None
    name: str
    steps: tuple[Happened, ...]
    stands: bool  # in the last version of its language
    last_seen: datetime | None  # when it was last in view

    @property
    def id(self) -> str:
        return f"{self.document.id}#{self.name}"

    @property
    def text(self) -> str:
        """The wording that stands, or stood last."""
        return next((step.after or step.before or "" for step in reversed(self.steps)), "")

    @property
    def worded(self) -> Happened:
        """The step since which the clause has stood in its present words, or stood in its last ones."""
        said = [step for step in self.steps if step.after is not None and step.kind != "moved"]
        return said[-1] if said else self.steps[-1]

    @property
    def spoken(self) -> Happened | None:
        """The step since which the clause has said on AI what it says last, without a break; None where it says nothing
        there."""
        found = None
        for step in reversed(self.steps):
            if step.after is None or (found and dict(step.stances) != dict(found.stances)):
                break
            found = step
        return found if found and found.stances else None


def is_name(text: str) -> bool:
    """Whether a text can only be meant as the name of a clause."""
    return bool(_NAME.match(text.strip())) and any(char.isdigit() or char == "#" for char in text)


def clauses(store: Store, name: str) -> list[Told]:
    """The clauses that go by a name: "platform/document#key", or the key alone, or its first eight signs and more.

    The key may be that of any wording that the clause ever had. Raises NotFound, or WrongQuery where it is no name.
    """
    document, _, key = name.strip().strip("/").rpartition("#")
    if not key:
        remedy = "A clause is named like platform/document#11ca6b71e4d26f7e; `tracker search` names them."
        raise WrongQuery("That names no clause.", name[:80], remedy)
    return [_told(store, row) for row in lineages.named(store, document, key.removeprefix("c-"))]


def _told(store: Store, row: dict[str, Any]) -> Told:
    document = Document(row["document"], row["platform"], row["terms_type"])
    events = lineages.events(store, row["id"])
    stances = fulltext.flags_of(store, {event["after_id"] for event in events if event["after_id"]})
    checks = [(check.at, check.outcome) for check in reversed(store.checks(document.id))]
    steps = tuple(_step(store, event, stances.get(event["after_id"], {}), checks) for event in events)
    held = lineages.last_version(store, row["id"])
    latest = [one.id for one in in_strand(derived.versions(store, document.id), row["language"], bool(row["apart"]))]
    seen = moments.in_view_until(store, document.id)
    return Told(document, row["language"], row["name"], steps, latest[-1:] == [held], seen.get(held))


def _step(
    store: Store,
    event: dict[str, Any],
    stances: Mapping[str, str | None],
    checks: Sequence[tuple[datetime, Outcome]],
) -> Happened:
    version = derived.version(store, event["version_id"])
    window = moments.window_into(store, version.id)
    capture = store.capture(version.captures[0]) if version.captures else None
    before, after = event["before"], event["after"]
    return Happened(
        kind=event["kind"],
        window=window,
        version=version.address,
        before=before,
        after=after,
        words=words(before, after) if before and after and before != after else (),
        heading=tuple(json.loads(event["heading"])),
        lead_in=event["lead_in"],
        related=tuple(f"{version.document}#{name}" for name in json.loads(event["related"])),
        stances=stances,
        source=capture.source if capture else "",
        sha256=capture.sha256 if capture else "",
        fetched_at=capture.fetched_at if capture else version.at,
        remark=remark(window, checks),
    )
