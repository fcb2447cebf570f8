"""How fast rules are, on texts made here: `python benchmarks/rules.py [CLAUSES] [RULES]`.

Prints clauses judged per second with the bundled rules, the same with as many copies of them as make RULES rules, and
the time to load them.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

from tracker import rules
from tracker.judge import judge

BUNDLED = Path(__file__).parent.parent / "data" / "rules"
PLAIN = (
    "we you the service your content data information account terms privacy agree provide use access may shall will "
    "and or of to in for with by this that any other such as not if when where under law rights party third cookies "
    "payment email address security contact support country date notice period fees products settings device browser"
)
ON_AI = (
    "AI artificial intelligence machine learning models train training algorithms prompts outputs generative "
    "opt out consent improve develop language automated"
)


def clauses(count: int, share: float = 0.05) -> list[str]:
    """Clauses of some fifty words, a share of them with words on AI; the same ones at every run."""
    chance = random.Random(7)
    made = []
    for _ in range(count):
        words = f"{PLAIN} {ON_AI} {ON_AI}".split() if chance.random() < share else PLAIN.split()
        made.append(" ".join(chance.choices(words, k=chance.randint(10, 90))).capitalize() + ".")
    return made


def timed(texts: list[str], ruleset: rules.RuleSet) -> float:
    """Clauses judged per second on one core."""
    start = time.process_time()
    for text in texts:
        judge(text, ruleset, language="en")
    return len(texts) / (time.process_time() - start)


def multiplied(wanted: int) -> rules.RuleSet:
    """The bundled rules over and over under other ids, until there are so many."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in BUNDLED.rglob("*.toml"):
            target = folder / path.relative_to(BUNDLED)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
        base = len(rules.load(BUNDLED).rules)
        for copy in range(1, wanted // base + 1):
            for path in BUNDLED.glob("*.toml"):
                text = path.read_text("utf-8").replace('\nid = "', f'\nid = "copy{copy}.')
                (folder / f"{path.stem}-{copy}.toml").write_text(text, "utf-8")
        return rules.load(folder)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    texts = clauses(count)
    start = time.process_time()
    bundled = rules.load(BUNDLED)
    print(f"load: {time.process_time() - start:.2f} s, {len(bundled.rules)} rules")
    print(f"bundled: {timed(texts, bundled):,.0f} clauses per second")
    many = multiplied(wanted)
    print(f"{len(many.rules)} rules: {timed(texts, many):,.0f} clauses per second")


if __name__ == "__main__":
    main()
