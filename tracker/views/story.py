"""All that pages tell of one document, read once: its versions, changes and checks, and how long each clause stood."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from statistics import median

from tracker.model import ChangeRecord, Check, Document, Outcome, Version
from tracker.store import Store, derived

SEEN = (Outcome.UNCHANGED, Outcome.CAPTURED)
SHORTEST = 6  # words; a shorter sentence may stand anywhere by chance
WORDS = (
    "select c.text from version_clause w join clause c on c.id = w.clause_id where w.version_id = ? order by w.position"
)
_WORD = re.compile(r"\w+")
PATIENCE = timedelta(days=14)  # a document that was not looked at for longer than this, and its own habit, is stale


@dataclass(frozen=True, slots=True)
class Streak:
    """Checks in a row that showed the same, or a time without any (`outcome` "none", `checks` 0)."""

    outcome: str
    start: datetime
    end: datetime
    checks: int
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A document over time: `versions` and `checks` oldest first, `changes` newest first.

    `keys` gives the clauses of a version, and `said` its words as `bare` does, both by its row and read when needed.
    """

    document: Document
    versions: tuple[Version, ...]
    changes: tuple[ChangeRecord, ...]
    checks: tuple[Check, ...]
    keys: Callable[[int], frozenset[str]]
    said: Callable[[int], str]
    url: str = ""  # where the text was last found

    @property
    def last_seen(self) -> datetime | None:
        """The last time that the document itself was in view."""
        return next((check.at for check in reversed(self.checks) if check.outcome in SEEN), None)

    @property
    def latest(self) -> Version | None:
        return self.versions[-1] if self.versions else None

    def place(self, version: Version) -> int:
        """The index of a version."""
        return next(place for place, one in enumerate(self.versions) if one.id == version.id)

    def holds(self, place: int, key: str, sentence: str) -> bool:
        """Whether a version holds a clause, or the sentence of it that matters: a paragraph that is split, joined or
        extended elsewhere still says what it said."""
        number = self.versions[place].id
        if key in self.keys(number):
            return True
        words = bare(sentence)
        return words.count(" ") >= SHORTEST and words in self.said(number)

    def stood_from(self, key: str, sentence: str, place: int) -> int:
        """The index of the first version, in one run up to `place`, that holds a clause or its sentence."""
        while place and self.holds(place - 1, key, sentence):
            place -= 1
        return place

    def gone_in(self, key: str, sentence: str, place: int) -> int | None:
        """The index of the first version after `place` without a clause and its sentence; None where it stands."""
        return next((n for n in range(place + 1, len(self.versions)) if not self.holds(n, key, sentence)), None)

    def change_into(self, version: Version) -> ChangeRecord | None:
        """The change that led to a version; None for the first."""
        return next((change for change in self.changes if change.after.id == version.id), None)


def load(store: Store, document: Document, changes: Sequence[ChangeRecord] | None = None) -> Story:
    """The story of a document; `changes` are its own, newest first, where they are already at hand."""
    versions = tuple(derived.versions(store, document.id))
    found = changes if changes is not None else derived.changes(store, document.id)
    url = store.capture(versions[-1].captures[0]).url if versions and versions[-1].captures else ""

    @cache
    def keys() -> dict[int, frozenset[str]]:
        return {number: held for number, _, held in derived.keys_of(store, document.id)}

    @cache
    def said(number: int) -> str:
        return bare(" ".join(row["text"] for row in store.rows(WORDS, number)))

    return Story(
        document,
        versions,
        tuple(one for one in found if one.document.id == document.id),
        tuple(reversed(store.checks(document.id))),
        lambda number: keys()[number],
        said,
        url,
    )


def bare(text: str) -> str:
    """A text as its words alone, for finding a sentence again: case, punctuation and spacing do not count."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


# ---- checks and gaps ---------------------------------------------------------------------------------------------


def habit(checks: Sequence[Check]) -> timedelta:
    """The time that usually lies between two checks; zero where there are fewer than two."""
    steps = [later.at - earlier.at for earlier, later in zip(checks, checks[1:], strict=False)]
    return median(steps) if steps else timedelta()


def streaks(checks: Sequence[Check]) -> list[Streak]:
    """Checks, oldest first, as runs of the same outcome, with a streak "none" where nobody looked for long: three times
    the usual interval, and two days at least."""
    patience = max(3 * habit(checks), timedelta(days=2))
    found: list[Streak] = []
    for check in checks:
        if found and check.at - found[-1].end > patience:
            found.append(Streak("none", found[-1].end, check.at, 0))
        outcome = "seen" if check.outcome in SEEN else check.outcome.value
        last = found[-1] if found else None
        if last and last.outcome == outcome and last.reason == check.reason:
            found[-1] = Streak(outcome, last.start, check.at, last.checks + 1, check.reason, check.message)
        else:
            found.append(Streak(outcome, check.at, check.at, 1, check.reason, check.message))
    return found


def state(story: Story, latest: datetime | None) -> str:
    """How it stands with a document: ok, stale, suspect, blocked, failed, or broken where it was never read.

    `latest` is the time of the newest check of the whole archive: what counts as "now" on a page made from it.
    """
    if not story.versions:
        return "broken"
    last = story.checks[-1] if story.checks else None
    if last is None:
        return "stale"
    if last.outcome not in SEEN:
        return last.outcome.value
    until = fresh_until(story)
    return "stale" if latest and until and latest > until else "ok"


def fresh_until(story: Story) -> datetime | None:
    """When a document whose last check was good counts as stale if nobody looks at it again."""
    last = story.checks[-1] if story.checks else None
    return last.at + max(PATIENCE, 4 * habit(story.checks)) if last and last.outcome in SEEN else None


# ---- what lists quote --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quoted:
    """A flagged clause change as a list quotes it: of the text after, or of the text before where it was removed."""

    change: str
    kind: str
    clause_kind: str
    text: str
    lead_in: str
    key: str
    language: str | None
    stances: tuple[tuple[str, str | None], ...]  # (topic, stance) of its flags
    severity: int
    spans: tuple[tuple[int, int], ...]


def quoted(store: Store, changes: Iterable[ChangeRecord]) -> dict[str, list[Quoted]]:
    """The flagged clauses of some changes, by the id of the change, in reading order; none that has no flag."""
    wanted = json.dumps([change.id for change in changes])
    rows = store.rows(
        "select c.slug, x.position, x.kind, w.position as place, k.kind as clause_kind, k.text, k.lead_in, k.key, "
        "k.language, f.topic, f.stance, f.severity, f.spans from change c "
        "join clause_change x on x.change_id = c.id and x.flagged "
        "join json_each(case x.after_clauses when '[]' then x.before_clauses else x.after_clauses end) p "
        "join version_clause w on w.version_id = case x.after_clauses when '[]' then c.before_id else c.after_id end "
        "and w.position = p.value join clause k on k.id = w.clause_id join flag f on f.clause_id = k.id "
        "where c.slug in (select value from json_each(?)) order by c.id, x.position, w.position, f.id",
        wanted,
    )
    grouped: dict[tuple[str, int, int], list[dict]] = {}
    for row in rows:
        grouped.setdefault((row["slug"], row["position"], row["place"]), []).append(row)
    found: dict[str, list[Quoted]] = {}
    for (change, _, _), flags in grouped.items():
        first = flags[0]
        spans = tuple(sorted({(start, end) for row in flags for start, end in json.loads(row["spans"])}))
        stances = tuple(dict.fromkeys((row["topic"], row["stance"]) for row in flags))
        severity = max(row["severity"] for row in flags)
        one = Quoted(
            change=change,
            kind=first["kind"],
            clause_kind=first["clause_kind"],
            text=first["text"],
            lead_in=first["lead_in"],
            key=first["key"],
            language=first["language"],
            stances=stances,
            severity=severity,
            spans=spans,
        )
        found.setdefault(change, []).append(one)
    return found
