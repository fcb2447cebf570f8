"""Floors of quality, held on clauses and changes judged by readers (`TRACKER_CORPUS` names the folder).

The figures here lie a little below those measured, so that an edit of a rule that loses ground is seen at once.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from tracker import rules
from tracker.compare import compare
from tracker.judge import judge, judge_change

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def ruleset():
    return rules.load(Path(__file__).parent.parent / "data" / "rules")


@pytest.fixture(scope="module")
def gold(corpus):
    return corpus / "gold"


@pytest.fixture(scope="module")
def judged(gold, ruleset):
    """Each judged clause of both files beside our judgement: (file, row, judgement)."""
    found = []
    for name in ("clauses", "documents"):
        for line in (gold / f"{name}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            judgement = judge(row["text"], ruleset, heading=row["heading"], language=row["lang"])
            found.append((name, row, judgement))
    return found


def precision_recall(pairs):
    counts = Counter(pairs)
    hit = counts[True, True]
    return hit / max(1, hit + counts[False, True]), hit / max(1, hit + counts[True, False])


def test_mentions_of_ai(judged):
    pairs = [(row["mentions_ai"], ours.mentions_ai) for name, row, ours in judged if name == "clauses"]
    precision, recall = precision_recall(pairs)

    assert precision >= 0.97
    assert recall >= 0.97


def test_whole_documents_read_end_to_end(judged):
    pairs = [(row["mentions_ai"], ours.mentions_ai) for name, row, ours in judged if name == "documents"]
    precision, recall = precision_recall(pairs)

    assert precision >= 0.93
    assert recall >= 0.97


@pytest.mark.parametrize("language", ["en", "fr", "zh"])
def test_every_language_is_heard(judged, language):
    rows = [(row, ours) for _, row, ours in judged if row["lang"] == language and row["mentions_ai"]]

    assert sum(ours.mentions_ai for _, ours in rows) / len(rows) >= 0.96


def test_topics(judged):
    scores = []
    rows = [(row, ours) for name, row, ours in judged if name == "clauses"]
    for topic in {topic for row, _ in rows for topic in row["topics"]}:
        precision, recall = precision_recall([(topic in row["topics"], topic in ours.topics) for row, ours in rows])
        scores.append(2 * precision * recall / (precision + recall))

    assert sum(scores) / len(scores) >= 0.92


def test_stance(judged):
    pairs = [
        (stance, ours.stance.get(topic))
        for name, row, ours in judged
        if name == "clauses"
        for topic, stance in row["stance"].items()
        if topic in ours.topics
    ]

    assert sum(stance == found for stance, found in pairs) / len(pairs) >= 0.93


def test_hard_negatives_are_seldom_flagged(judged):
    tempting = [ours.mentions_ai for name, row, ours in judged if name == "clauses" and row["hard_negative"]]

    assert sum(tempting) / len(tempting) <= 0.04


@pytest.fixture(scope="module")
def changes(gold, ruleset):
    """Each judged change beside our judgement of it."""

    def ours(folder):
        def look(clause):
            return judge(clause.text, ruleset, heading=clause.heading, lead_in=clause.lead_in)

        return judge_change(
            compare(*((folder / f"{side}.md").read_text("utf-8") for side in ("before", "after"))), look
        )

    folders = sorted(path.parent for path in (gold / "changes").glob("*/label.json"))
    return [(json.loads((folder / "label.json").read_text("utf-8")), ours(folder)) for folder in folders]


def test_changes_that_concern_ai_are_told_from_others(changes):
    precision, recall = precision_recall([(label["ai_change"], ours.ai_change) for label, ours in changes])

    assert precision >= 0.97
    assert recall >= 0.97


def test_the_kind_of_a_change(changes):
    found = [(label["kind"], ours.ai_kind) for label, ours in changes if label["ai_change"] and ours.ai_change]

    assert sum(kind == ours for kind, ours in found) / len(found) >= 0.94
