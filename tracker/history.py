"""What the archive knows of a document over time: a change clause by clause, and what stands in force now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.compare import Past, compare
from tracker.judge import InForce, Spoken, judge_change
from tracker.model import Change, Clause, Comparison, Judgement, Version, Window
from tracker.store import Store, derived, held
from tracker.text import identity, split

PATIENCE = timedelta(days=14)  # a text that was not in view for longer than this is stale


@dataclass(frozen=True, slots=True)
class Standing:
    """A version with its clauses and what each says on AI."""

    version: Version
    clauses: tuple[Clause, ...]
    judgements: tuple[Judgement, ...]


def comparison(store: Store, document: str, before: int, after: int) -> tuple[Comparison, tuple[int, ...]]:
    """Two versions of a document (by row) compared, and the rows of the earlier versions that it refers to by index.

    "Returned" and "reverts to" look back over the versions before `before`. Raises NotFound or Corrupt.
    """
    earlier = []
    for number, _, substance, keys in held.pasts(store, document):
        if number == before:
            break
        earlier.append((number, Past(substance, keys)))
    found = compare(
        split(derived.text_of(store, before)), split(derived.text_of(store, after)), [past for _, past in earlier]
    )
    return found, tuple(number for number, _ in earlier)


def judged_by(store: Store, *versions: Version) -> Callable[[Clause], Judgement]:
    """Looks up the stored judgement of a clause of these versions."""
    known = derived.judgements(store, [version.id for version in versions])
    languages = {version.language for version in versions}
    nothing = Judgement()

    def judged(clause: Clause) -> Judgement:
        found = (known.get(identity(clause, language)) for language in languages)
        return next((judgement for judgement in found if judgement is not None), nothing)

    return judged


def change(store: Store, name: str) -> Change:
    """A change by its id, clause by clause, with what it means. Raises NotFound or Corrupt."""
    record = derived.change(store, name)
    compared, _ = comparison(store, record.document.id, record.before.id, record.after.id)
    return Change(record, compared, judge_change(compared, judged_by(store, record.before, record.after)))


def standing(store: Store, version: Version) -> Standing:
    """A version's clauses with their judgements. Raises NotFound or Corrupt."""
    clauses = split(derived.text_of(store, version.id))
    judged = judged_by(store, version)
    return Standing(version, clauses, tuple(judged(clause) for clause in clauses))


def in_force(store: Store, platform: str, now: datetime) -> list[InForce]:
    """The texts of a platform in force, clause by clause, each since when; documents never read are left out.

    `now` decides what is stale. Raises Corrupt.
    """
    names = [document.id for document in store.documents() if document.platform_id == platform]
    found = ((name, derived.versions(store, name)) for name in names)
    return [_text_in_force(store, name, versions, now) for name, versions in found if versions]


def _text_in_force(store: Store, document: str, versions: Sequence[Version], now: datetime) -> InForce:
    found = standing(store, versions[-1])
    since = _since(store, document, versions)
    spoken = [
        Spoken(clause, judgement, since.get(clause.key))
        for clause, judgement in zip(found.clauses, found.judgements, strict=True)
    ]
    seen = store.last_good(document)
    return InForce(document, spoken, versions[-1].address, seen, seen is None or now - seen > PATIENCE)


def _since(store: Store, document: str, versions: Sequence[Version]) -> Mapping[str, Window]:
    """For the clauses of the last version, by key: the window in which each came, to stay in every version since."""
    held = {number: keys for number, _, keys in derived.keys_of(store, document)}
    came = {change.after.id: change.window for change in derived.changes(store, document)}
    windows: dict[str, Window] = {}
    standing_keys = held[versions[-1].id]
    spoken = [version for version in versions if version.language == versions[-1].language]
    for version in reversed(spoken):
        standing_keys = standing_keys & held[version.id]
        windows |= dict.fromkeys(standing_keys, came.get(version.id) or Window(None, version.at))
    return windows
