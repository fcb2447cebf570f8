"""Shards: which of several watches looks at a document, so that each can ask from an address of its own."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from tracker.model import Declaration


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `of` parts of all documents, `part` from 1 on.

    A site belongs to one part as a whole, so that nobody asks it twice at the same moment: by the host of a document's
    first address. Each part draws a lot for each host and the highest takes it (rendezvous hashing, Thaler and
    Ravishankar 1998): with one part more, only what that one takes moves.

    >>> Shard.parse("2/5")
    Shard(part=2, of=5)
    """

    part: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """A shard as people write it. Raises ValueError for anything else, or for a part that there is not."""
        part, slash, of = text.partition("/")
        if not (slash and part.isdecimal() and of.isdecimal() and 1 <= int(part) <= int(of) <= 1000):
            raise ValueError(f"{text!r} is no part of several: write 2/5 for the second of five.")
        return cls(int(part), int(of))

    def __contains__(self, declaration: Declaration) -> bool:
        host = (urlsplit(declaration.sources[0].url).hostname or declaration.document.id).removeprefix("www.")
        return self.part == max(range(1, self.of + 1), key=lambda part: sha256(f"{part} {host}".encode()).digest())
