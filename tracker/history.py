"""What the archive knows of a document over time: a change clause by clause, and what stands in force now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracker.compare import Past, compare
from tracker.judge import judge_change
from tracker.model import Change, Clause, Comparison, Judgement, Version
from tracker.store import Store, derived
from tracker.text import split


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
    for number, substance, keys in derived.keys_of(store, document):
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
        found = (known.get(derived.identity(clause, language)) for language in languages)
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
