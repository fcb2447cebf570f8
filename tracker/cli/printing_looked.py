"""What is printed of a round of checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracker.cli import terminal
from tracker.cli.terminal import line

if TYPE_CHECKING:
    from tracker.model import ChangeRecord
    from tracker.pipeline import Looked

COLOURS = {"unchanged": "dim", "captured": "green", "suspect": "yellow", "blocked": "red", "failed": "red"}
NOT_SEEN = ("suspect", "blocked", "failed")


def one_line(found: ChangeRecord) -> str:
    """What a list says of a change: its verdict where it concerns AI, else its summary."""
    if found.redated:
        return "only the dates that it gives for itself moved"
    return found.verdict if found.ai_change and found.verdict else found.summary


def looked(one: Looked) -> None:
    """One document's line as it is checked."""
    if one.error:
        terminal.complain(one.error)
        return
    assert one.check is not None
    outcome = one.check.outcome.value
    same = "new bytes, same text" if outcome == "captured" and not one.version else ""
    line((f"{outcome:9} ", COLOURS[outcome]), one.document.id, (f"  {one.check.message or same}", "dim"))
    if one.change:
        style = "bold magenta" if one.change.ai_change else "bold"
        line("          ", ("AI  " if one.change.ai_change else "", style), (one_line(one.change), style))
        line(("          tracker show " + one.change.id, "dim"))
    elif one.version:
        line("          ", f"first version: {one.version.words:,} words, {one.version.clauses} clauses")
    for found in one.relatives:
        line("          ", f"new link to a legal text: {found.text}  ", (f"tracker add {found.url}", "dim"))


def check_summary(found: Sequence[Looked], has_contact: bool) -> None:
    """The totals of a round, and what to do next."""
    outcomes = Counter(one.check.outcome.value if one.check else "not recorded" for one in found)
    changes = [one.change for one in found if one.change]
    line("")
    said = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    line(f"{len(found)} documents checked: {said}.")
    line(f"{len(changes)} changes, {sum(change.ai_change for change in changes)} that concern AI.")
    if any(one.check and one.check.outcome in NOT_SEEN for one in found):
        line(("Not seen this time: `tracker status --problems` says why.", "yellow"))
    if not has_contact:
        line(('Say who asks: contact = "you@example.org" in tracker.toml goes into the User-Agent.', "dim"))
