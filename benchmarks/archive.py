"""How small the archive is, and what writing and reading cost, beside git and beside single zstd frames.

    TRACKER_CORPUS=… python benchmarks/archive.py [--only DOCUMENT] [--keep ARCHIVE]

Every capture of the corpus is kept in order of time with its check, then committed to a git repository (one commit for
each, `git gc` after), then compressed by itself at zstd level 9. Read the figures as ratios: machines differ.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time

from extract import captures

from tracker.declarations import canonical, fingerprint, load
from tracker.model import Check, Declaration, Document, Outcome, Response, Source, moment
from tracker.store import Store
from tracker.store.archive import compress

READS = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="documents whose path holds this")
    parser.add_argument("--keep", type=Path, help="where to leave the archive, for other measurements")
    args = parser.parse_args()
    corpus = Path(os.environ.get("TRACKER_CORPUS", ""))
    if not (corpus / "replay" / "docs").is_dir():
        sys.exit("Set TRACKER_CORPUS to the folder of real captures; there is nothing to measure without it.")
    folders = [path.parent for path in sorted(corpus.glob("replay/docs/*/*/document.json")) if args.only in str(path)]
    with tempfile.TemporaryDirectory() as scratch:
        archive = args.keep or Path(scratch) / "tracker.db"
        ours = archived(archive, folders, declared(corpus, Path(scratch)))
        report(archive, ours, repository(Path(scratch) / "git", folders), alone(folders))


def report(archive: Path, ours: tuple[int, float], git: tuple[int, int, float], single: tuple[int, float]) -> None:
    """A line for each way to keep the captures."""
    count, spent = ours
    with Store.read(archive) as store:
        payload = store.row("select sum(length(data)) as n from blob")["n"]
        numbers = [row["id"] for row in store.rows("select id from capture")]
        reads = random.Random(1).choices(numbers, k=READS)
        times = []
        for number in reads:
            store.forget_bodies()
            start = process_time()
            store.raw(number)
            times.append(1000 * (process_time() - start))
    size = archive.stat().st_size
    print(f"{count} captures{'':32}{'bytes each':>12}{'of git':>8}{'CPU ms a write':>16}")
    per_git = git[0] / count
    rows = (
        ("archive, the whole file", size / count, 1000 * spent / count),
        ("archive, frames alone", payload / count, None),
        ("git after gc, the whole .git folder", per_git, 1000 * git[2] / count),
        ("git after gc, its packs alone", git[1] / count, None),
        ("one zstd frame each, level 9", single[0] / count, 1000 * single[1] / count),
    )
    for name, each, cost in rows:
        print(f"{name:42}{each:12.0f}{each / per_git:8.2f}{f'{cost:16.2f}' if cost is not None else ''}")
    times.sort()
    tail = times[int(0.95 * len(times))]
    print(f"random read of a capture, {READS} of them: CPU ms median {median(times):.2f}, 95 % {tail:.2f}")


def declared(corpus: Path, scratch: Path) -> dict[str, Declaration]:
    """The corpus' own declarations, by document."""
    command = [sys.executable, str(corpus / "replay" / "declare.py"), "--out", str(scratch / "declared")]
    subprocess.run(command, check=True, capture_output=True)
    return load(scratch / "declared").declarations


def in_order(folders: list[Path]) -> Iterator[tuple[str, str, str, str, bytes]]:
    """All captures as a tracker would have met them, document by document: name, moment, address, type, bytes."""
    for folder in folders:
        for row, page in captures(folder):
            yield "/".join(folder.parts[-2:]), row["timestamp"], page.url, page.content_type, page.body


def archived(path: Path, folders: list[Path], known: dict[str, Declaration]) -> tuple[int, float]:
    """Keeps every capture with a check of its own; how many, and the CPU seconds."""
    count, spent = 0, 0.0
    with Store.write(path) as store:
        for name, at, url, content_type, body in in_order(folders):
            declaration = known.get(name) or Declaration(Document(name, name, name), (Source(url),))
            start = process_time()
            keep(store, declaration, at, url, content_type, body)
            spent += process_time() - start
            count += 1
    return count, spent


def keep(store: Store, declaration: Declaration, at: str, url: str, content_type: str, body: bytes) -> None:
    """One check with its capture, to be read later."""
    when, document = moment(at), declaration.document
    answer = Response(url, url, 200, (("Content-Type", content_type),), body, when, address="192.0.2.1")
    with store.transaction():
        row = store.keep_document(document, declaration.category)
        number = store.keep_declaration(row, fingerprint(declaration), canonical(declaration), when)
        capture, new = store.keep_capture(row, number, answer)
        outcome = Outcome.CAPTURED if new else Outcome.UNCHANGED
        store.keep_check(row, Check(0, document.id, when, outcome, captures=(capture,)))
        store.db.execute("update document set derived_by = 'not yet' where id = ?", (row,))


def repository(folder: Path, folders: list[Path]) -> tuple[int, int, float]:
    """The captures in git, one commit each, after gc: bytes of the .git folder, of its packs, and CPU seconds."""
    folder.mkdir()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    git(folder, "init", "-q")
    importer = subprocess.Popen(["git", "fast-import", "--quiet", "--force"], cwd=folder, stdin=subprocess.PIPE)
    for name, at, _, _, body in in_order(folders):
        head = f"commit refs/heads/main\ncommitter t <t@example.org> {int(moment(at).timestamp())} +0000\n"
        subject = f"Record new changes of {name}"
        importer.stdin.write(f"{head}data {len(subject)}\n{subject}\nM 100644 inline {name}\n".encode())
        importer.stdin.write(b"data %d\n%s\n" % (len(body), body))
    importer.stdin.close()
    if importer.wait():
        sys.exit("git fast-import failed.")
    git(folder, "gc", "-q", "--no-prune")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sizes = {path: path.stat().st_size for path in (folder / ".git").rglob("*") if path.is_file()}
    packs = sum(size for path, size in sizes.items() if path.suffix in (".pack", ".idx"))
    hooks = sum(size for path, size in sizes.items() if "hooks" in path.parts)
    return sum(sizes.values()) - hooks, packs, spent


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def alone(folders: list[Path]) -> tuple[int, float]:
    """Bytes and CPU seconds of one frame for each different capture."""
    total, seen, start = 0, set(), process_time()
    for _, _, _, _, body in in_order(folders):
        if body not in seen:
            total += len(compress(body).data)
        seen.add(body)
    return total, process_time() - start


if __name__ == "__main__":
    main()
