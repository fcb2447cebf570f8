"""What the archive derived, and what it was derived with: by the bytes of the code, the declarations and the rules.

Nobody has to remember to raise a number, and a round of checks sees without deriving anything whether what stands in
the archive is what would be derived now.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.declarations import fingerprint
from tracker.store import again, lineages

if TYPE_CHECKING:
    from tracker.model import Declaration
    from tracker.rules import RuleSet
    from tracker.store import Store

READING = ("compare", "conflicts", "derivation", "extract", "lineage", "text")
JUDGING = ("judge", "rules")


def recipe(declaration: Declaration) -> str:
    """What a document's text was derived with: the code that reads and compares, and its declaration."""
    return sha256(f"{_code(READING)} {fingerprint(declaration)}".encode()).hexdigest()[:16]


def ruling(rules: RuleSet) -> str:
    """What clauses were judged with: the rules and the code that applies them."""
    return sha256(f"{_code(JUDGING)} {rules.version}".encode()).hexdigest()[:16]


def outdated(store: Store, declarations: Mapping[str, Declaration]) -> list[Declaration]:
    """The declared documents that were derived with another recipe, in order of id."""
    return [
        declarations[row["slug"]]
        for row in store.rows("select slug, derived_by from document order by slug")
        if row["slug"] in declarations and row["derived_by"] and row["derived_by"] != recipe(declarations[row["slug"]])
    ]


def is_current(store: Store, declarations: Mapping[str, Declaration], rules: RuleSet) -> bool:
    """Whether there is nothing to derive again: no document, no judgement, no lineage."""
    pending = outdated(store, declarations) or again.judged_otherwise(store, ruling(rules))
    return not pending and not lineages.unfollowed(store)


@cache
def _code(rooms: tuple[str, ...]) -> str:
    digest = sha256()
    for room in rooms:
        place = Path(__file__).parent / room
        for file in sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
            digest.update(file.read_bytes())
    return digest.hexdigest()
