"""The SQL of the log: its leaves, and what was signed over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracker.errors import NotFound
from tracker.log.checkpoint import verifier_key
from tracker.log.merkle import Frontier
from tracker.store.truths import Store


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as it is kept: its row, what is needed to go on from it, its text, and its time-stamp if any.

    `trusted` are the certificates, in PEM, by which the authority's reply was judged when it came.
    """

    id: int
    size: int
    roots: tuple[bytes, ...]
    note: str
    reply: bytes | None = None
    trusted: str = ""

    @property
    def frontier(self) -> Frontier:
        return Frontier(self.size, list(self.roots))


@dataclass(frozen=True, slots=True)
class Published:
    """What anyone may have of the log: the newest checkpoint, its size, and the public keys as verifiers write them.

    Whoever keeps a copy is a witness: the archive cannot be rewritten behind it without `tracker verify` telling.
    """

    note: str
    size: int
    keys: tuple[str, ...]

    @property
    def files(self) -> dict[str, bytes]:
        """The files by which it is published, by their addresses in a site."""
        keys = "".join(f"{key}\n" for key in self.keys)
        return {"log/checkpoint.txt": self.note.encode(), "log/keys.txt": keys.encode()}


KEPT = "select c.*, t.reply, t.trusted from checkpoint c left join timestamp t on t.checkpoint_id = c.id "


def leaves(store: Store, start: int = 0) -> Iterator[bytes]:
    """The hashes of all leaves from a place on, in order."""
    with_start = "select hash from log_leaf where seq > ? order by seq"
    return (row["hash"] for row in store.stream(with_start, start))


def place_of(store: Store, kind: str, row: int) -> int:
    """The place of a record in the log, from 0. Raises NotFound."""
    found = store.row("select seq from log_leaf where kind = ? and row = ?", kind, row)
    if found is None:
        raise NotFound("The log holds no such record.", f"{kind} {row}", "Run `tracker verify`.")
    return int(found["seq"]) - 1


def checkpoints(store: Store) -> Iterator[Kept]:
    """Every checkpoint, oldest first."""
    return (_kept(row) for row in store.stream(f"{KEPT} order by c.id"))


def last_checkpoint(store: Store) -> Kept | None:
    """The newest checkpoint, None where none was made yet."""
    row = store.row(f"{KEPT} order by c.id desc limit 1")
    return _kept(row) if row else None


def published(store: Store) -> Published | None:
    """What of the log is to be published; None before the first checkpoint."""
    last = last_checkpoint(store)
    if last is None:
        return None
    return Published(last.note, last.size, tuple(verifier_key(origin, public) for origin, public in keys(store)))


def keep_checkpoint(store: Store, tree: Frontier, note: str) -> int:
    """Keeps a signed checkpoint; inside a transaction."""
    return store.add("checkpoint", size=tree.size, roots=b"".join(tree.roots), note=note)


def keep_timestamp(store: Store, checkpoint: int, reply: bytes, trusted: str) -> None:
    """Keeps an authority's reply, and by which certificates it was judged; inside a transaction."""
    store.add("timestamp", checkpoint_id=checkpoint, reply=reply, trusted=trusted)


def keys(store: Store) -> list[tuple[str, bytes]]:
    """The public keys that ever signed for this log, oldest first, each with the name of the log."""
    return [(row["origin"], row["public"]) for row in store.rows("select origin, public from log_key order by id")]


def keep_key(store: Store, origin: str, public: bytes) -> None:
    """Keeps a public key that signs from now on; inside a transaction."""
    store.add("log_key", origin=origin, public=public)


def _kept(row: dict) -> Kept:
    raw = row["roots"]
    roots = tuple(raw[start : start + 32] for start in range(0, len(raw), 32))
    return Kept(row["id"], row["size"], roots, row["note"], row["reply"], row["trusted"] or "")
