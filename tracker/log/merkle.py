"""The Merkle tree of RFC 6962, section 2.1: its root, and proofs that a leaf is in it and that it only ever grew.

Hashes are 32 bytes. A `Frontier` is all that is needed to append: the roots of the full subtrees, from left to right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

EMPTY = sha256(b"").digest()


def leaf_hash(record: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """A tree that grows: its size, and the roots of its full subtrees, largest first."""

    size: int = 0
    roots: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Adds the hash of a leaf."""
        full, level = self.size, leaf
        while full & 1:
            level = node_hash(self.roots.pop(), level)
            full >>= 1
        self.roots.append(level)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        for leaf in leaves:
            self.append(leaf)

    @property
    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self.roots:
            return EMPTY
        found = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            found = node_hash(left, found)
        return found


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree over these leaf hashes."""
    tree = Frontier()
    tree.extend(leaves)
    return tree.root


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of the leaf at `index`: the hashes that lead from it to the root, nearest first."""
    if not 0 <= index < len(leaves):
        raise ValueError("no such leaf")
    if len(leaves) == 1:
        return []
    half = _split(len(leaves))
    if index < half:
        return [*inclusion(leaves[:half], index), root(leaves[half:])]
    return [*inclusion(leaves[half:], index - half), root(leaves[:half])]


def root_from(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to from a leaf hash. Raises ValueError where the path has another length."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    found, place, last = leaf, index, size - 1
    for step in path:
        if last == 0:
            raise ValueError("the path is too long")
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return found


def consistency(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """The proof that the tree over the first `size` of these leaves was only added to."""
    if not 0 < size <= len(leaves):
        raise ValueError("no such earlier tree")
    return [] if size == len(leaves) else _consistency(leaves, size, True)


def _consistency(leaves: Sequence[bytes], size: int, whole: bool) -> list[bytes]:
    if size == len(leaves):
        return [] if whole else [root(leaves)]
    half = _split(len(leaves))
    if size <= half:
        return [*_consistency(leaves[:half], size, whole), root(leaves[half:])]
    return [*_consistency(leaves[half:], size - half, False), root(leaves[:half])]


def consistent(first: int, second: int, old: bytes, new: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the tree of `first` leaves with root `old` grew into that of `second` with `new`."""
    if first == second:
        return not proof and old == new
    if not 0 < first < second or not proof:
        return False
    steps = list(proof) if first & (first - 1) else [old, *proof]
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old and after == new


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1
