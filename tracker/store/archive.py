"""Raw bytes, kept small and given back exactly: zstd frames, each against an earlier one of the same document.

Captures of one page differ by little, so a frame is compressed with an earlier capture as its prefix. Chains are
bounded: at most DEPTH steps, then a keyframe stands alone again. `zstd -d --patch-from=BASE FRAME` decodes a frame
without this program. Pure: `store.py` holds the rows.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker.errors import Corrupt

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DEPTH = 32
CANDIDATES = 4  # pages that switch between a few forms find their own form again
LEVEL = 9  # level 3 misses far matches (2.6 times larger), level 19 gains 4 % for 25 times the work
SMALLEST_PREFIX = 8  # zstd takes no shorter one
LARGEST_DELTA = 32 << 20
WINDOW_MAX = 27
QUICK_LEVEL = 3  # finds far matches too, with a table of its own for them, and sees at once what is nearly the same
TINY = 0.002  # of the raw size, for a quick frame: nothing else is tried
GOOD_ENOUGH = 0.02  # of the whole frame's size: do not try further prefixes
TOO_LARGE = 0.7  # of the whole frame's size: stand alone instead
REMEMBERED = 6  # bodies kept in memory: what the next frame is likely to rest on
RESTORE = "Restore a backup; everything else in the archive can still be read."


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier content that a frame may rest on: its row, its bytes, and how long its own chain is."""

    id: int
    depth: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """Compressed bytes; `base` is the row whose content is the prefix, None for a frame that stands alone."""

    data: bytes
    base: int | None = None
    depth: int = 0


def sha256(raw: bytes) -> str:
    """The address of bytes: their SHA-256 in hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


def compress(raw: bytes, references: Iterable[Reference] = ()) -> Frame:
    """The smallest frame for `raw` against the references, tried in order, or the first that is tiny anyway; decoded
    and compared before it returns.

    Raises Corrupt if the frame does not give the bytes back, which would be a fault of the library or the memory.
    """
    alone = best = None
    for reference in references:
        usable = reference.depth < DEPTH and len(reference.raw) >= SMALLEST_PREFIX and len(raw) <= LARGEST_DELTA
        if not usable or len(reference.raw) > LARGEST_DELTA:
            continue
        if alone is None:
            quick = Frame(_encode(raw, reference.raw, QUICK_LEVEL), reference.id, reference.depth + 1)
            if len(quick.data) <= TINY * len(raw):
                return _checked(quick, raw, reference.raw)
            alone = Frame(_encode(raw, b""))
        frame = Frame(_encode(raw, reference.raw), reference.id, reference.depth + 1)
        if best is None or len(frame.data) < len(best[0].data):
            best = frame, reference.raw
        if len(frame.data) < GOOD_ENOUGH * len(alone.data):
            break
    alone = alone or Frame(_encode(raw, b""))
    frame, prefix = best if best and len(best[0].data) <= TOO_LARGE * len(alone.data) else (alone, b"")
    return _checked(frame, raw, prefix)


def _checked(frame: Frame, raw: bytes, prefix: bytes) -> Frame:
    if decompress(frame.data, prefix) != raw:
        raise Corrupt("A compressed capture did not decode to the same bytes.", remedy="Check this machine's memory.")
    return frame


def decompress(data: bytes, prefix: bytes = b"") -> bytes:
    """The bytes of a frame, given the bytes that it rests on. Raises Corrupt where they do not fit."""
    options = {zstd.DecompressionParameter.window_log_max: WINDOW_MAX}
    dictionary = zstd.ZstdDict(prefix, is_raw=True).as_prefix if prefix else None
    try:
        return zstd.decompress(data, zstd_dict=dictionary, options=options)
    except (zstd.ZstdError, MemoryError) as error:
        raise Corrupt(f"A stored capture does not decode: {error}.", remedy="Restore a backup.") from error


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of bytes as it is kept: the frame, the row that it rests on, and the hash of what it holds."""

    data: bytes
    base: int | None
    sha256: bytes


class Frames:
    """Stored rows with all that they rest on, and a way to their bytes; small enough to travel between processes."""

    def __init__(self, stored: Mapping[int, Stored]) -> None:
        self._stored = stored
        self._open: dict[int, bytes] = {}

    def __reduce__(self) -> tuple[type, tuple]:
        return Frames, (self._stored,)

    @property
    def weight(self) -> int:
        """The bytes that all rows take up together, compressed as they are."""
        return sum(len(stored.data) for stored in self._stored.values())

    def bytes_of(self, row: int) -> bytes:
        """The bytes of a row, checked against their hash. Raises Corrupt, naming the row."""
        chain = [row]
        while chain[-1] not in self._open:
            stored = self._stored.get(chain[-1])
            if stored is None or len(chain) > len(self._stored):
                raise Corrupt("Stored bytes rest on others that are missing.", f"blob {row}", RESTORE)
            if stored.base is None:
                break
            chain.append(stored.base)
        raw = self._open.get(chain[-1], b"")
        for step in reversed(chain):
            if step not in self._open:
                raw = self._decoded(step, raw)
        return raw

    def _decoded(self, row: int, prefix: bytes) -> bytes:
        stored = self._stored[row]
        try:
            raw = decompress(stored.data, prefix)
        except Corrupt as error:
            raise Corrupt(error.what, f"blob {row}", error.remedy) from error
        if hashlib.sha256(raw).digest() != stored.sha256:
            raise Corrupt("Stored bytes do not have their hash any more.", f"blob {row}", RESTORE)
        while len(self._open) >= REMEMBERED:
            self._open.pop(next(iter(self._open)))
        self._open[row] = raw
        return raw


def _encode(raw: bytes, prefix: bytes, level: int = LEVEL) -> bytes:
    window = min(max((len(raw) + len(prefix)).bit_length(), 10), WINDOW_MAX)
    options = {
        zstd.CompressionParameter.compression_level: level,
        zstd.CompressionParameter.enable_long_distance_matching: int(level == QUICK_LEVEL),
        zstd.CompressionParameter.window_log: window,
        zstd.CompressionParameter.checksum_flag: 1,
    }
    dictionary = zstd.ZstdDict(prefix, is_raw=True).as_prefix if prefix else None
    return zstd.compress(raw, options=options, zstd_dict=dictionary)
