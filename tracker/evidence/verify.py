"""Verifying: everything in the archive that can be recomputed is, and what does not agree is named.

SQLite's own structure, references between rows, every chain of frames, every hash, every record against its leaf, the
log's root against every checkpoint, signatures, time-stamps, texts and clauses against their hashes. Changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from hashlib import sha256
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from tracker import engine
from tracker.errors import ArchiveError, Corrupt, Deadly
from tracker.evidence import timestamp
from tracker.log import checkpoint, leaves
from tracker.log.merkle import Frontier, leaf_hash
from tracker.model import moment, stamp
from tracker.store import Store, check, log, looked, rows
from tracker.store.archive import Frames, Stored
from tracker.text import identity

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that does not agree: in which table and row, of which document where that is known, and what."""

    table: str
    row: int
    document: str
    what: str

    def __str__(self) -> str:
        place = f"{self.table} {self.row}" if self.row else self.table
        return f"{place}{f' ({self.document})' if self.document else ''}: {self.what}"


@dataclass(slots=True)
class Verified:
    """What was found, first things first, and how much was looked at."""

    damages: list[Damage]
    contents: int = 0
    leaves: int = 0
    checkpoints: int = 0
    stamped: int = 0
    removed: int = 0
    unsealed: int = 0  # leaves after the last checkpoint
    notices: tuple[str, ...] = ()


def verify(
    store: Store,
    progress: Progress = lambda done, total, what: None,
    crew: engine.Crew = engine.ALONE,
    against: str = "",
) -> Verified:
    """Recomputes everything. `against` is the text of a checkpoint that was kept elsewhere, "" for none.

    An archive that SQLite cannot read to the end is damage like any other: what can be read is verified.
    """
    found = Verified([])
    steps: tuple[tuple[str, Callable[[], Iterator[Damage]]], ...] = (
        ("the file", lambda: _file(store)),
        ("stored bytes", lambda: _contents(store, found, progress, crew)),
        ("records", lambda: _records(store, found)),
        ("the log", lambda: _log(store, found)),
        ("a checkpoint kept elsewhere", lambda: _against(store, against)),
        ("declarations", lambda: _declarations(store)),
        ("texts", lambda: _texts(store)),
        ("clauses", lambda: _clauses(store)),
    )
    with store.snapshot():  # whoever writes meanwhile puts nothing between a record and its leaf
        for done, (what, step) in enumerate(steps):
            progress(done, len(steps), what)
            try:
                found.damages.extend(step())
            except (ArchiveError, UnicodeDecodeError) as error:
                found.damages.append(Damage("file", 0, "", f"{what} cannot be read to the end: {error}"))
    return found


def _file(store: Store) -> Iterator[Damage]:
    yield from (Damage("file", 0, "", said) for said in check.integrity(store))
    for table, row, parent in check.broken_references(store):
        yield Damage(table, row, "", f"it names a row of {parent} that is not there")


# ---- stored bytes ------------------------------------------------------------------------------------------------


def _contents(store: Store, found: Verified, progress: Progress, crew: engine.Crew) -> Iterator[Damage]:
    gone, total = check.removed(store), check.count(store, "blob")
    found.removed = len(gone)
    for place, done in enumerate(engine.carry_out(decoded, _groups(store, gone), crew)):
        if isinstance(done.error, Deadly) and crew.pool:
            done = _told_apart(next(islice(_groups(store, gone), place, None)), crew.pool)
        if done.value is None:
            yield Damage("blob", 0, "", str(done.error))
            continue
        yield from _named(store, dict(_measured(store, done.value)))
        found.contents += len(done.value)
        progress(found.contents, total, "stored bytes")
    yield from _named(store, dict.fromkeys(check.returned(store), "it was taken out and holds bytes again"))


def _measured(store: Store, decoded: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, str]]:
    """What is wrong with some contents that were decoded: their bytes, or what is kept beside them."""
    kept = check.measures(store, [row for row, _, _ in decoded])
    for row, size, said in decoded:
        wanted, placed = kept.get(row, (size, True))
        if said:
            yield row, said
        elif size != wanted:
            yield row, f"it holds {size} bytes and not {wanted}"
        elif not placed:
            yield row, "its place in its chain is wrong"


def _named(store: Store, wrong: dict[int, str]) -> Iterator[Damage]:
    """Stored bytes with which something is wrong, with the document that they belong to."""
    owners = check.owners(store, wrong) if wrong else {}
    for row, said in wrong.items():
        yield Damage("blob", row, owners.get(row, ""), said)


@dataclass(frozen=True, slots=True)
class Group:
    """Stored bytes that are decoded together, by their rows, and how many they are."""

    stored: Mapping[int, Stored]
    weight: int = 0


def _groups(store: Store, gone: Set[int]) -> Iterator[Group]:
    for family in check.families(store):
        for row in gone & family.keys():
            del family[row]
        yield Group(family, sum(len(stored.data) for stored in family.values()))


def _told_apart(group: Group, pool: engine.Pool) -> engine.Done[list[tuple[int, int, str]]]:
    """What `decoded` says of a group that ends every process, the contents named that do it."""

    def resting(rows: Sequence[int]) -> Group:
        needed = dict.fromkeys(rows)
        for row in rows:
            while (row := group.stored[row].base) in group.stored and row not in needed:
                needed[row] = None
        return Group({row: group.stored[row] for row in needed})

    culprits = engine.culprits(decoded, list(group.stored), resting, pool)
    left = {row: stored for row, stored in group.stored.items() if row not in culprits}
    rest = engine.alone(decoded, Group(left), pool)
    said = "the program ended each time that it decoded it"
    return engine.Done([(row, 0, said) for row in culprits] + rest.value) if rest.value else rest


def decoded(group: Group) -> list[tuple[int, int, str]]:
    """Decodes every frame of a group; for each its row, its size, and what is wrong, "" for nothing."""
    frames, found = Frames(group.stored), []
    for row in group.stored:
        try:
            found.append((row, len(frames.bytes_of(row)), ""))
        except Corrupt as error:
            found.append((row, 0, f"{error.what} ({error.where})"))
    return found


# ---- records and the log -----------------------------------------------------------------------------------------


def _capture(row: dict[str, Any]) -> bytes:
    return leaves.captured(looked.capture(row))


def _check(row: dict[str, Any]) -> bytes:
    return leaves.checked(looked.check(row), json.loads(row["leaves"]))


def _removal(row: dict[str, Any]) -> bytes:
    return leaves.removed(moment(row["at"]), row["sha256"].hex(), row["by"], row["why"])


RECORDS = {"capture": _capture, "check": _check, "removal": _removal}
MOMENTS = ("at", "fetched_at")


def _records(store: Store, found: Verified) -> Iterator[Damage]:
    found.leaves = check.count(store, "log_leaf")
    for kind in RECORDS:
        recorded = ((row["id"], "record", row) for row in check.records(store, kind))
        logged = ((row["row"], "leaf", row) for row in check.logged(store, kind))
        for number, both in groupby(merge(recorded, logged, key=itemgetter(0)), itemgetter(0)):
            yield from _recorded(kind, number, **{name: row for _, name, row in both})
    for row in check.unknown(store, RECORDS):
        yield from _recorded(row["kind"], row["row"], leaf=row)


def _recorded(
    kind: str, number: int, record: dict[str, Any] | None = None, leaf: dict[str, Any] | None = None
) -> Iterator[Damage]:
    """What is wrong with what the archive holds under a number, beside what the log does."""
    if record is None:
        yield Damage("log_leaf", number, "", f"the log holds {kind} {number}, and the archive does not")
        return
    said = "it is not in the log" if leaf is None else _altered(record, RECORDS[kind], leaf["hash"])
    if said:
        yield Damage(kind, number, record.get("slug") or record.get("document") or "", said)


def _altered(row: dict[str, Any], record: Callable[[dict[str, Any]], bytes], leaf: bytes) -> str:
    try:
        if any(stamp(moment(row[name])) != row[name] for name in MOMENTS if name in row):
            return "a moment is not written as it was"
        made = record(row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return f"it cannot be read: {error}"
    return "" if leaf_hash(made) == leaf else "it is not what was put on record in the log"


def _log(store: Store, found: Verified) -> Iterator[Damage]:
    if gap := check.gap(store):
        yield Damage("log_leaf", gap[1], "", f"leaf {gap[0]} is missing")
        return
    size, hashes = check.count(store, "log_leaf"), log.leaves(store)
    known, used = log.keys(store), set()
    tree = Frontier()
    for one in log.checkpoints(store):
        found.checkpoints += 1
        said, key = _signed(one, known)
        used.add(key)
        if not said and one.size < tree.size:
            said = "it is over fewer leaves than the one before"
        if not said and one.size > size:
            said = f"it is over {one.size} leaves, and the log holds {size}"
        if said:
            yield Damage("checkpoint", one.id, "", said)
            continue
        tree.extend(islice(hashes, one.size - tree.size))
        if checkpoint.parse(one.note).root != tree.root:
            yield Damage("checkpoint", one.id, "", "the log was rewritten since: its root is another one")
        elif tuple(tree.roots) != one.roots:
            yield Damage("checkpoint", one.id, "", "the roots kept beside it are not those of the log")
        yield from _stamped(one, found)
    found.unsealed = size - tree.size
    for origin, public in known:
        if public not in used:
            yield Damage("log_key", 0, "", f"no checkpoint is signed with the key {public.hex()[:16]}… of {origin}")
    if len(known) > 1:
        found.notices += (f"{len(known)} keys signed for this log, one after the other: a key was replaced.",)


def _signed(one: log.Kept, known: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """What is wrong with the signature of a checkpoint, "" for nothing, and the key that signed."""
    try:
        said = checkpoint.parse(one.note)
    except ValueError as error:
        return f"it cannot be read: {error}", b""
    if said.size != one.size:
        return "its row and its text name another size", b""
    for origin, public in known:
        if said.origin == origin and _signs(said, public):
            return "", public
    return "no key of this archive signed it as it reads", b""


def _signs(said: checkpoint.Checkpoint, public: bytes) -> bool:
    try:
        return len(said.signatures) == 1 and checkpoint.signed_by(said, public)
    except ValueError:  # a key that is none
        return False


def _stamped(one: log.Kept, found: Verified) -> Iterator[Damage]:
    if one.reply is None:
        return
    if not timestamp.available():
        found.notices += (f"The time-stamp of checkpoint {one.id} was not checked. {timestamp.MISSING}",)
        return
    try:
        timestamp.moment_of(one.reply, one.note.encode(), one.trusted)
        found.stamped += 1
    except Corrupt as error:
        yield Damage("timestamp", one.id, "", error.what)


def _against(store: Store, note: str) -> Iterator[Damage]:
    """Whether the log is a continuation of what a checkpoint that was kept elsewhere says."""
    if not note:
        return
    try:
        said = checkpoint.parse(note)
    except ValueError as error:
        yield Damage("the checkpoint given", 0, "", f"it cannot be read: {error}")
        return
    tree = Frontier()
    tree.extend(islice(log.leaves(store), said.size))
    if not any(origin == said.origin and _signs(said, public) for origin, public in log.keys(store)):
        yield Damage("the checkpoint given", 0, "", "no key of this archive signed it")
    if tree.size < said.size:
        yield Damage("log_leaf", 0, "", f"the log held {said.size} leaves once and holds {tree.size} now")
    elif tree.root != said.root:
        yield Damage("log_leaf", 0, "", f"the first {said.size} leaves are not those that were signed")


# ---- what rests on the captures ----------------------------------------------------------------------------------


def _declarations(store: Store) -> Iterator[Damage]:
    sql = "select n.*, d.slug from declaration n join document d on d.id = n.document_id order by n.id"
    for row in store.stream(sql):
        if sha256(row["body"].encode()).hexdigest() != row["sha256"]:
            yield Damage("declaration", row["id"], row["slug"], "its text does not have its hash any more")


def _texts(store: Store) -> Iterator[Damage]:
    sql = (
        "select v.id, v.at, v.text_sha256, b.sha256, c.at as seen, d.slug from version v "
        'join blob b on b.id = v.blob_id join "check" c on c.id = v.check_id join document d on d.id = v.document_id '
        "order by v.id"
    )
    for row in store.stream(sql):
        if row["sha256"].hex() != row["text_sha256"]:
            yield Damage("version", row["id"], row["slug"], "its text does not have its hash any more")
        if row["at"] != row["seen"]:
            yield Damage("version", row["id"], row["slug"], "it is not of the moment of its check")


def _clauses(store: Store) -> Iterator[Damage]:
    for row in store.stream("select * from clause order by id"):
        try:
            same = identity(rows.clause(row), row["language"]) == row["hash"]
        except (ValueError, TypeError):
            same = False
        if not same:
            yield Damage("clause", row["id"], "", "its words do not have their hash any more")
