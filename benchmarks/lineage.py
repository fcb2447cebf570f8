"""What following clauses costs: a new version against telling all again, and a very long document with a long history.

    python benchmarks/lineage.py [--versions 100] [--large]

Times are CPU seconds of this process; trust the ratios. The texts are made by chance with a fixed seed: in each version
a few clauses are reworded, one is added, one is removed, some are moved, and now and then an earlier text is back.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracker import rules, timeline
from tracker.model import Check, Document, Outcome, Quality, Reading, Shown, Verdict, VersionDraft
from tracker.settings import bundled
from tracker.store import Store, derived, lineages
from tracker.text import split, substance_hash

DOCUMENT = Document("synthetic/terms", "Synthetic", "Terms")
START = datetime(2020, 1, 1, tzinfo=UTC)
STEMS = ["service", "account", "content", "licence", "notice", "payment", "dispute", "privacy"]
WORDS = [f"{stem}{end}" for stem in STEMS for end in ("", "s", "ed")]


def versions(clauses: int, count: int, chance: random.Random) -> Iterator[list[str]]:
    """Texts that follow each other, as lists of clauses."""
    text = [sentence(chance) for _ in range(clauses)]
    past: list[list[str]] = []
    for _ in range(count):
        yield text
        past = [*past[-9:], list(text)]
        text = list(text)
        for _ in range(3):
            place = chance.randrange(len(text))
            text[place] = f"{text[place][:-1]} {chance.choice(WORDS)}."
        text.pop(chance.randrange(len(text)))
        text.insert(chance.randrange(len(text)), sentence(chance))
        moved = text.pop(chance.randrange(len(text)))
        text.insert(chance.randrange(len(text)), moved)
        if chance.random() < 0.1:
            text = list(chance.choice(past))


def sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=14)).capitalize() + f" {chance.randrange(10**6)}."


def run(clauses: int, count: int, folder: Path) -> None:
    chance = random.Random(7)
    ruleset = rules.load(bundled("data") / "rules")
    following: list[float] = []
    with Store.write(folder / "tracker.db") as store:
        keep = lineages.keep

        def timed(*arguments) -> None:
            begun = time.process_time()
            keep(*arguments)
            following.append(time.process_time() - begun)

        timeline.lineages.keep = timed
        whole = time.process_time()
        for number, text in enumerate(versions(clauses, count, chance)):
            add(store, number, "\n\n".join(text), ruleset)
        whole = time.process_time() - whole
        begun = time.process_time()
        with store.transaction():
            lineages.forget(store, store.document_id(DOCUMENT.id))
            keep(store, DOCUMENT.id)
        again = time.process_time() - begun
        names = store.row("select count(*) as n from lineage")["n"]
    step = sorted(following)[len(following) // 2]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{clauses} clauses, {count} versions: {names} clauses followed")
    print(f"  following one version: median {step * 1000:.1f} ms, most {max(following) * 1000:.1f} ms")
    print(f"  telling all again: {again:.2f} s = {again / step:.0f} x one version")
    print(f"  all of it, comparing included: {whole:.1f} s, of which following {sum(following) / whole:.0%}")
    print(f"  peak memory {peak} MB, archive {(folder / 'tracker.db').stat().st_size / 1e6:.0f} MB")


def add(store: Store, number: int, text: str, ruleset: rules.RuleSet) -> None:
    at = START + timedelta(days=number)
    with store.transaction():
        row = store.keep_document(DOCUMENT)
        check = store.keep_check(row, Check(0, DOCUMENT.id, at, Outcome.CAPTURED))
        clauses = split(text)
        reading = Reading(text, language="en")
        draft = VersionDraft(check, at, reading, clauses, substance_hash(clauses), None, None)
        derived.keep_version(store, row, draft)
        derived.keep_reading(store, Shown(check, Quality(Verdict.GOOD), check))
        timeline.keep_changes(store, DOCUMENT, ruleset)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--versions", type=int, default=100)
    parser.add_argument("--clauses", type=int, default=300)
    parser.add_argument("--large", action="store_true", help="5,000 clauses and 500 versions, in place of the others")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(*((5000, 500) if chosen.large else (chosen.clauses, chosen.versions)), Path(folder))


if __name__ == "__main__":
    main()
