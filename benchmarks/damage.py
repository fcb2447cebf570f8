"""Whether `tracker verify` finds what was altered: one byte at a time, anywhere in an archive.

    python benchmarks/damage.py ARCHIVE [--times 1000] [--seed 1]

Half of the bytes are altered inside the values that evidence consists of (stored bytes, hashes, records, log, texts),
half anywhere in the file. A copy is altered, and what it holds as evidence is read before and after by plain SQL: where
that differs, or cannot be read any more, verify must say so. ARCHIVE should be small: all of it is verified each time.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from tracker.errors import TrackerError
from tracker.evidence.verify import verify
from tracker.store import Store

EVIDENCE = {
    "blob": ("sha256", "data"),
    "capture": ("at", "fetched_at", "url", "final_url", "content_type", "headers", "redirects", "address", "tool"),
    "check": ("at", "source", "outcome", "reason", "message"),
    "declaration": ("sha256", "body"),
    "log_leaf": ("hash",),
    "log_key": ("origin", "public"),
    "checkpoint": ("roots", "note"),
    "version": ("text_sha256",),
    "clause": ("hash", "text", "heading", "lead_in"),
}
TABLES = (*EVIDENCE, "check_capture")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    counts = dict.fromkeys(("altered evidence, found", "altered evidence, MISSED", "no evidence altered"), 0)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.db"
        with closing(sqlite3.connect(args.archive)) as source:
            source.execute("vacuum into ?", (str(whole),))
        before = told(whole)
        for number in range(args.times):
            copy = Path(scratch) / "copy.db"
            shutil.copy(whole, copy)
            what = in_a_value(copy, chance) if number % 2 else in_the_file(copy, chance)
            if told(copy) == before:
                counts["no evidence altered"] += 1
            elif found(copy):
                counts["altered evidence, found"] += 1
            else:
                counts["altered evidence, MISSED"] += 1
                print("missed:", what)
    for name, count in counts.items():
        print(f"{name:28}{count:6}")
    sys.exit(bool(counts["altered evidence, MISSED"]))


def in_the_file(path: Path, chance: random.Random) -> str:
    """Alters a byte anywhere in the file."""
    content = bytearray(path.read_bytes())
    place = chance.randrange(len(content))
    content[place] ^= chance.randrange(1, 256)
    path.write_bytes(content)
    return f"byte {place} of the file"


def in_a_value(path: Path, chance: random.Random) -> str:
    """Alters a byte of a value that evidence consists of."""
    with closing(sqlite3.connect(path)) as connection:
        while True:
            table = chance.choice(list(EVIDENCE))
            column = chance.choice(EVIDENCE[table])
            rows = connection.execute(f'select rowid, {column} from "{table}" where length({column}) > 0').fetchall()
            if rows:
                break
        number, value = chance.choice(rows)
        raw = bytearray(value if isinstance(value, bytes) else value.encode())
        place = chance.randrange(len(raw))
        raw[place] ^= chance.randrange(1, 128 if isinstance(value, str) else 256)
        cast = "?" if isinstance(value, bytes) else "cast(? as text)"
        connection.execute(f'update "{table}" set {column} = {cast} where rowid = ?', (bytes(raw), number))
        connection.commit()
    return f"byte {place} of {column} in {table} {number}"


def told(path: Path) -> str:
    """A hash of all evidence in an archive; what cannot be read is part of it."""
    digest = sha256()
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes
            for table in TABLES:
                columns = ", ".join(EVIDENCE.get(table, ("check_id", "position", "capture_id")))
                for row in connection.execute(f'select {columns} from "{table}" order by {columns}'):
                    digest.update(repr(row).encode())
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return f"cannot be read: {error}"
    return digest.hexdigest()


def found(path: Path) -> bool:
    """Whether verify says that something is wrong; refusing to open the file is saying so."""
    try:
        with Store.read(path) as store:
            return bool(verify(store).damages)
    except TrackerError:
        return True


if __name__ == "__main__":
    main()
