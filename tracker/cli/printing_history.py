"""What `history` prints for people: versions with their windows, what their dates do, and the checks between them."""

from __future__ import annotations

from collections import Counter

from tracker.cli.printing import dates, when
from tracker.cli.printing_looked import NOT_SEEN, one_line
from tracker.cli.terminal import line
from tracker.model import Check, Redating
from tracker.overview import Chapter, Chronicle
from tracker.since.windows import day

FEW = 3  # checks in a row that did not show the text and are listed; more are counted


def history(told: Chronicle) -> None:
    """A document's versions, oldest first."""
    line((told.document, "bold"), f"  {len(told.chapters)} versions, {told.checks} checks")
    for chapter in told.chapters:
        _chapter(chapter)
    if not told.chapters:
        line("  No version yet: `tracker status` says what came of the checks.")


def _chapter(chapter: Chapter) -> None:
    version, change = chapter.version, chapter.change
    tally = Counter(check.outcome.value for check in chapter.checks)
    said = ", ".join(f"{count} {outcome}" for outcome, count in tally.most_common())
    language = f", {version.language}" if version.language else ""
    size = f"{version.words:,} words, {version.clauses} clauses{language}"
    line(f"  {version.at:%Y-%m-%d %H:%M}  {size}", (f"  {chapter.source}  ({said})", "dim"))
    came = f"came {when(chapter.window)}" if chapter.window.start else "there already when first seen"
    given = f"; says that it {'; '.join(dates(version))}" if dates(version) else "; gives no date"
    line((f"      {came}{given}", "dim"))
    if chapter.remark:
        line((f"      {chapter.remark}", "yellow"))
    if change:
        silent = "  Silent: no date that it gives moved." if change.silent else ""
        line(f"      {one_line(change)}", (silent, "yellow"))
    for redating in chapter.redatings:
        line((f"      {redated(redating)}", "yellow"))
    _unseen([check for check in chapter.checks if check.outcome.value in NOT_SEEN])


def redated(found: Redating) -> str:
    """A date that moved while the words stayed, in words."""
    moved = [
        f"{what} from {day(old)} to {day(new)}"
        for what, old, new in zip(("“last changed”", "“applies from”"), found.before, found.after, strict=True)
        if old and new and old != new
    ]
    return f"Dates moved, the words did not: {'; '.join(moved)}, {when(found.window)}."


def _unseen(checks: list[Check]) -> None:
    for check in checks[:FEW]:
        line((f"      {check.at:%Y-%m-%d %H:%M}  {check.outcome.value}: {check.message}", "yellow"))
    if len(checks) > FEW:
        line((f"      … and {len(checks) - FEW} more checks that did not show the text", "yellow"))
