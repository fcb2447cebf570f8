"""How long a comparison takes and how much it marks, beside other ways to compare: ratios in one run.

    TRACKER_CORPUS=… python benchmarks/compare.py [--pairs N] [--worst]

Reads every consecutive pair of Open Terms Archive's versions and every judged change of the corpus. All figures are
CPU time of this process and its children. "floor" is what no comparison can beat: hash every line of both texts, and
mark the words of the pairs that truly differ, with the pairs given for free. Ours name every change and mark its words
too; "and a summary" also counts what is unchanged. --worst runs the hostile cases only.
"""

from __future__ import annotations

import argparse
import difflib
import multiprocessing
import os
import random
import re
import resource
import statistics
import subprocess
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from diff_match_patch import diff_match_patch
from rapidfuzz.distance import LCSseq

from tracker.compare import compare, rebuild, summarise
from tracker.model import Comparison, Kind
from tracker.text import split
from tracker.text.clauses import forget

Pair = tuple[str, str, str]  # name, before, after
SYLLABLES = "ba de ki lo mu ne po ra su ti vo we"
WORD = re.compile(r"\w+|\s+|[^\w\s]")


def pairs_of(corpus: Path) -> Iterator[Pair]:
    """Every judged change, and every version of every document with the one before it."""
    for folder in sorted((corpus / "gold/changes").iterdir()):
        yield folder.name, *(_text((folder / name).read_bytes()) for name in ("before.md", "after.md"))
    for packed in sorted((corpus / "replay/docs").glob("*/*/ota-versions.tar.xz")):
        with tarfile.open(packed) as archive:
            members = sorted((m for m in archive.getmembers() if m.isfile()), key=lambda m: m.name)
            texts = [_text(archive.extractfile(member).read()) for member in members]
        for member, before, after in zip(members[1:], texts, texts[1:], strict=False):
            yield f"{packed.parent.parent.name}/{member.name}", before, after


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


# ---- ways to compare ---------------------------------------------------------------------------------------------


def coded(*sides: str) -> list[str]:
    """Texts with one character for each word."""
    codes: dict[str, str] = {}
    return ["".join([codes.setdefault(word, chr(len(codes) + 1)) for word in WORD.findall(side)]) for side in sides]


def floor(before: str, after: str, reworded: list[tuple[str, str]]) -> None:
    """Hash every line, take the difference; mark the words of the given pairs."""
    set(map(hash, before.splitlines())).symmetric_difference(map(hash, after.splitlines()))
    for one, other in reworded:
        LCSseq.opcodes(*coded(one, other))


def difflib_lines(before: str, after: str) -> None:
    list(difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=True).get_opcodes())


def dmp_words(before: str, after: str) -> None:
    """diff-match-patch by words over the whole text, with its own time limit of one second."""
    diff_match_patch().diff_main(*coded(before, after), False)


class Git:
    """`git diff --no-index --word-diff` on two files."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())

    def write(self, before: str, after: str) -> None:
        for name, text in (("a", before), ("b", after)):
            (self.folder / name).write_text(text, "utf-8", errors="replace", newline="")

    def run(self, style: str) -> str:
        command = ["git", "diff", "--no-index", f"--word-diff={style}", "a", "b"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, errors="replace").stdout

    def marked(self) -> int:
        """Characters that a word diff of the whole document marks."""
        lines = self.run("porcelain").split("\n")
        return sum(len(line) - 1 for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))


def summed(comparison: Comparison) -> tuple[int, str]:
    """What it marks, and the line that says how many clauses are unchanged: for that both texts are divided wholly."""
    return marked(comparison), summarise(comparison)


def marked(comparison: Comparison) -> int:
    """Characters that our comparison marks as changed in substance; here the words are compared."""
    shown = [change for change in comparison.changes if change.kind not in (Kind.FORM, Kind.MOVED)]
    return sum(len(piece) for change in shown for operation, piece in change.words if operation != "=")


# ---- measuring ---------------------------------------------------------------------------------------------------


def cpu() -> float:
    """CPU seconds of this process and of the children that ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(work: Callable[[], object], prepare: Callable[[], object] = lambda: None, times: int = 3) -> float:
    """The median CPU milliseconds of some runs."""
    found = []
    for _ in range(times):
        prepare()
        start = cpu()
        work()
        found.append((cpu() - start) * 1000)
    return statistics.median(found)


def measure(pairs: list[Pair], slow: int) -> None:
    """Print the table for real pairs; the first `slow` of them are also given to the ways that take long."""
    figures: dict[str, list[float]] = {}
    kinds: Counter[str] = Counter()
    ours, theirs, git = 0, 0, Git()
    for number, (name, before, after) in enumerate(pairs):
        comparison = compare(before, after)
        assert rebuild(comparison) == (before, after), name
        kinds.update(comparison.counts)
        git.write(before, after)
        ours, theirs = ours + marked(comparison), theirs + git.marked()
        for way, took in race(before, after, comparison, git, number, number < slow).items():
            figures.setdefault(way, []).append(took)
    table(figures)
    print(f"\nclause changes by kind: {dict(kinds.most_common())}")
    print(f"characters marked: {ours / theirs:.2f} of those that git's word diff of the document marks")
    print(f"rebuilt byte for byte: all {len(pairs)} pairs")


def race(before: str, after: str, comparison: Comparison, git: Git, seed: int, slow: bool) -> dict[str, float]:
    """CPU milliseconds of every way to compare a pair, in an order drawn anew for each pair."""
    reworded = [
        (change.before[0].raw, change.after[0].raw)
        for change in comparison.changes
        if change.kind in (Kind.REWORDED, Kind.MOVED_REWORDED)
    ]
    old, new = split(before), split(after)
    list(old), list(new)  # both are divided now

    ways: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "floor": (lambda: floor(before, after, reworded), forget),
        "tracker, cold": (lambda: marked(compare(before, after)), forget),
        "tracker, cold, and a summary": (lambda: summed(compare(before, after)), forget),
        "tracker, old version in memory": (lambda: marked(compare(old, after)), forget),
        "tracker, both versions in memory": (lambda: marked(compare(old, new)), forget),
        "git diff --word-diff": (lambda: git.run("plain"), forget),
        "difflib by lines": (lambda: difflib_lines(before, after), forget),
    }
    if slow:
        ways["diff-match-patch by words"] = (lambda: dmp_words(before, after), forget)
    order = random.Random(seed).sample(sorted(ways), len(ways))
    return {way: timed(*ways[way], times=1 if "match" in way else 3) for way in order}


def table(figures: dict[str, list[float]]) -> None:
    base, git = figures["floor"], figures["git diff --word-diff"]
    print(f"{'CPU ms':34}{'median':>8}{'p95':>9}{'max':>9}{'total':>10}   median, total x floor   median, total x git")
    for way, values in sorted(figures.items(), key=lambda item: sum(item[1]) / len(item[1])):
        n, ranked = len(values), sorted(values)
        ratios = []
        for other in (base, git):
            ratios.append(statistics.median(v / max(o, 0.001) for v, o in zip(values, other, strict=False)))
            ratios.append(sum(values) / sum(other[:n]))
        line = f"{way:34}{ranked[n // 2]:8.2f}{ranked[int(n * 0.95)]:9.2f}{ranked[-1]:9.1f}{sum(values):10.0f}"
        print(line + "".join(f"{ratio:11.2f}" for ratio in ratios) + ("" if n == len(base) else f"   ({n} pairs)"))


# ---- hostile cases -----------------------------------------------------------------------------------------------


def _prose(words: int, seed: int, clause: int = 20) -> list[str]:
    chance = random.Random(seed)
    stock = [first + last for first in SYLLABLES.split() for last in ("n", "r", "s", "t", "l", "nd", "rt", "st", "mp")]
    names = [first + second for first in stock for second in stock[:40]]
    return [" ".join(chance.choices(names, k=clause)).capitalize() + "." for _ in range(words // clause)]


def _sharing(words: int, share: float) -> tuple[str, str]:
    before, other = _prose(words, 1), _prose(words, 2)
    chance = random.Random(3)
    after = [one if chance.random() < share else two for one, two in zip(before, other, strict=True)]
    return "\n\n".join(before), "\n\n".join(after)


def hostile() -> dict[str, Callable[[], tuple[str, str]]]:
    """The worst cases by name, built when asked for."""
    same = "The same clause stands here again and again for everybody.\n\n"
    unlike = "\n\n".join(f"Clause {n}: the user must not copy part {n * 7919 % 9973} of it." for n in range(5000))
    shifted = "\n\n".join(f"Clause {n + 1}: the user must not copy part {n * 7919 % 9973} of it." for n in range(5000))
    one_word = [line.split() for line in _prose(100_000, 5)]
    cases: dict[str, Callable[[], tuple[str, str]]] = {
        "5,000 identical clauses, 100 fewer and one new": lambda: (same * 5000, same * 4900 + "One that is new.\n"),
        "200 KB, all rewritten": lambda: _sharing(33_000, 0.0),
        "5,000 clauses shuffled": lambda: _shuffled(5000),
        "one line of 470 KB, 2 % of the words changed": lambda: _one_line(0.02),
        "one line of 470 KB, all rewritten": lambda: _one_line(1.0),
        "a word added to every other line, 200 KB": lambda: _added(_prose(33_000, 4)),
        "5,000 near-identical clauses shifted": lambda: (unlike, shifted),
        "5,000 clauses that differ in one word each": lambda: (
            "\n\n".join(map(" ".join, one_word)),
            "\n\n".join(" ".join([*line[:9], "other", *line[10:]]) for line in one_word),
        ),
        '"a a a" against "a b a b", 200 KB': lambda: ("a " * 100_000, "a b " * 50_000),
        "8,000 headings, every seventeenth renamed": lambda: _renamed(8000),
        "2.2 MB, 5 % of the clauses edited": lambda: _edited(_prose(370_000, 6)),
        "hostile Markdown, 620 KB": lambda: _bombs(),
        "100 KB of random characters, one a line": lambda: (_noise(1), _noise(2)),
        "one clause of 1 MB without a space": lambda: ("x" * 1_000_000, "x" * 500_000 + "y" + "x" * 499_999),
    }
    for size in (10, 100, 1000):
        for share in (0.5, 0.1, 0.0):
            cases[f"{size} thousand words that share {share:.0%}"] = partial(_sharing, size * 1000, share)
    return cases


def _shuffled(count: int) -> tuple[str, str]:
    clauses = _prose(count * 20, 7)
    return "\n\n".join(clauses), "\n\n".join(random.Random(8).sample(clauses, len(clauses)))


def _one_line(share: float) -> tuple[str, str]:
    words, others, chance = " ".join(_prose(76_000, 9)).split(), " ".join(_prose(76_000, 10)).split(), random.Random(11)
    return " ".join(words), " ".join(b if chance.random() < share else a for a, b in zip(words, others, strict=True))


def _added(lines: list[str]) -> tuple[str, str]:
    after = [line.replace(" ", " added ", 1) if number % 2 else line for number, line in enumerate(lines)]
    return "\n\n".join(lines), "\n\n".join(after)


def _edited(clauses: list[str]) -> tuple[str, str]:
    after = [clause.replace(" ", " not ", 1) if number % 20 == 0 else clause for number, clause in enumerate(clauses)]
    return "\n\n".join(clauses), "\n\n".join(after)


def _renamed(count: int) -> tuple[str, str]:
    before = "".join(f"# Rules on matter {n}\n\n" for n in range(count))
    return before, "".join(f"# {'Terms' if n % 17 == 0 else 'Rules'} on matter {n}\n\n" for n in range(count))


def _bombs() -> tuple[str, str]:
    bombs = [bomb * (155_000 // len(bomb)) for bomb in ("[", "![](", "***", "\\\\")]
    return "\n\n".join(bombs), "\n\n".join(reversed(bombs))


def _noise(seed: int) -> str:
    chance = random.Random(seed)
    return "\n\n".join(chr(chance.randrange(0x100, 0xD7FF)) for _ in range(25_000))


def _run(name: str, out: multiprocessing.SimpleQueue) -> None:
    before, after = hostile()[name]()
    compare("warm up", "warmed up")
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory begins anew
    memory, start = _peak(), cpu()
    comparison = compare(before, after)
    took, grown = cpu() - start, _peak() - memory
    assert rebuild(comparison) == (before, after), name
    out.put((took, grown / 1024, comparison.counts))


def _peak() -> int:
    """The most memory that this process held, in KiB (Linux)."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])


def worst() -> None:
    """Print CPU seconds and additional memory of the hostile cases, each in a fresh process."""
    context = multiprocessing.get_context("spawn")
    print(f"{'hostile case':52}{'CPU s':>7}{'MB':>7}")
    for name in hostile():
        out = context.SimpleQueue()
        child = context.Process(target=_run, args=(name, out))
        child.start()
        child.join()
        took, grown, counts = out.get() if not out.empty() else (float("nan"), float("nan"), {"failed": 1})
        print(f"{name:52}{took:7.2f}{grown:7.0f}  {counts}", flush=True)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=0, help="a random sample of this size instead of all pairs")
    parser.add_argument("--worst", action="store_true", help="the hostile cases only")
    options = parser.parse_args()
    if options.worst:
        return worst()
    corpus = Path(os.environ.get("TRACKER_CORPUS", ""))
    if not (corpus / "replay").is_dir():
        raise SystemExit("TRACKER_CORPUS does not name the folder of real captures and judged clauses")
    pairs = list(pairs_of(corpus))
    random.Random(0).shuffle(pairs)
    measure(pairs[: options.pairs or None], slow=40)
    return worst()


if __name__ == "__main__":
    main()
