"""What the page of two texts says that somebody compared: no archive behind it, so no dates and no proof."""

from __future__ import annotations

from tracker.compare import summarise
from tracker.model import ChangeJudgement, Comparison
from tracker.views.exhibit import FOLDED, Values, judged_changes, plain_change
from tracker.views.runs import visible


def page(
    names: tuple[str, str],
    languages: tuple[str | None, str | None],
    comparison: Comparison,
    judgement: ChangeJudgement,
) -> Values:
    """Two texts clause by clause: those that concern AI first, moved and form-only ones last. `names` are what the
    reader calls the texts."""
    clauses = [(one, plain_change(one, *languages)) for one in judged_changes(comparison, judgement)]
    rest = [values for one, values in clauses if not one.flagged]
    summary = summarise(comparison, judgement.flagged)
    first, _, counts = summary.partition(": ")
    return {
        "kind": "pair",
        "title": f"{visible(names[0])} and {visible(names[1])}",
        "names": [visible(name) for name in names],
        "headline": judgement.verdict if judgement.ai_change else first[:1].upper() + first[1:],
        "summary": summary if judgement.ai_change else counts,
        "flagged": [values for one, values in clauses if one.flagged],
        "changed": [values for values in rest if values["kind"] not in FOLDED],
        "folded": [values for values in rest if values["kind"] in FOLDED],
    }
