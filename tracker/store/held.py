"""The SQL of what earlier versions held: for comparisons, which ask it of a few clauses only."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.store.truths import Store


class Held:
    """Which versions of a document hold which clauses: asked key by key, since a comparison asks for few of them."""

    def __init__(self, store: Store, document: str) -> None:
        self._store, self._document = store, document
        self._known: dict[str, frozenset[int]] = {}

    def versions(self, key: str) -> frozenset[int]:
        """The versions, by row, that hold a clause of this key."""
        if key not in self._known:
            rows = self._store.rows(
                # The cross joins keep SQLite from reading every clause of every version to find one key.
                "select distinct v.id from clause c cross join version_clause w on w.clause_id = c.id "
                "cross join version v on v.id = w.version_id join document d on d.id = v.document_id "
                "where c.key = ? and d.slug = ?",
                *(key, self._document),
            )
            self._known[key] = frozenset(row["id"] for row in rows)
        return self._known[key]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the clauses of one version, as far as they are asked for."""

    version: int
    held: Held

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.version in self.held.versions(key)


def pasts(store: Store, document: str) -> list[tuple[int, int, str, Keys]]:
    """For every version of a document, oldest first: its row, its check, the hash of its substance, its keys."""
    held = Held(store, document)
    listed = store.rows(
        "select v.id, v.check_id, v.substance_sha256 from version v join document d on d.id = v.document_id "
        "where d.slug = ? order by v.at, v.id",
        document,
    )
    return [(row["id"], row["check_id"], row["substance_sha256"], Keys(row["id"], held)) for row in listed]
