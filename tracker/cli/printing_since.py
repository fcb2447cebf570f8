"""What `since` prints for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from rich.text import Text

from tracker.cli import terminal
from tracker.cli.printing import line, when
from tracker.cli.printing_found import marked
from tracker.cli.terminal import out
from tracker.search.found import cut
from tracker.since import Found, Happened, Run, Told, days
from tracker.views.clause import WORDS

LISTED = 20  # documents, or clauses, that are listed
SHOWN = 12  # steps of a long story that are shown at either end


def found(result: Sequence[Found], words: str) -> None:
    """Where words stand and since when, the earliest first."""
    if not result:
        line("These words stand nowhere in the archive, nor anything worded nearly so.")
        line(("  Older texts may hold them: `tracker backfill`. `tracker search` looks for single words.", "dim"))
        return
    if words and result[0].likeness < 100:
        line(("These words stand nowhere word for word. What is worded nearly so:", "yellow"))
    for one in result[:LISTED]:
        _standing(one)
    line("")
    if len(result) > LISTED:
        line(f"… and {len(result) - LISTED} more: name a document, or more words; --json has them all.")
    if len(result) > 1 and result[0].likeness == 100:
        count = len({one.document.id for one in result})
        documents = "1 document" if count == 1 else f"{count} documents"
        line(f"{documents}; first seen in {result[0].document.title}, {_came(result[0].runs[0])}.")
    line(("A text permits or promises; it does not show what was done.", "dim"))


def _came(run: Run) -> str:
    return when(run.came) if run.came.start else f"there already on {run.came.end:%-d %B %Y}"


def _standing(one: Found) -> None:
    nearly = f"  {one.likeness:.0f} % alike" if one.likeness < 100 else ""
    nearly += "  (the text as another tool read it)" if one.apart else ""
    line("")
    line((one.document.title, "bold"), (f"  {one.document.id}{nearly}", "dim"))
    for run in one.runs[:SHOWN]:
        _run(run)
    if len(one.runs) > SHOWN:
        line(f"  … and {len(one.runs) - SHOWN} more times that it went and came back: --json has them all")


def _run(run: Run) -> None:
    how = f"Came {_came(run)}  {WORDS.get(run.kind, run.kind)}." if run.came.start else f"T{_came(run)[1:]}."
    line((f"  {how}", "bold"))
    if run.remark:
        line((f"    {run.remark}", "yellow"))
    if run.heading:
        line((f"    {' › '.join(run.heading)}", "dim"))
    out.print(Text("    ").append_text(marked(*cut(run.text, run.marks))), soft_wrap=True)
    if run.before and run.before != run.text:
        line((f"    worded before: {cut(run.before, ())[0]}", "dim"))
    if run.gone:
        line(f"    Gone {when(run.gone)}; it stood for {_lasted(run)}.")
    else:
        seen = f" when last seen, on {run.last_seen:%-d %B %Y}" if run.last_seen else ""
        line(f"    It stood{seen}: for {_lasted(run)}.")
    stated = (
        f"; it says that it was last changed on {run.version.stated_date:%-d %B %Y}" if run.version.stated_date else ""
    )
    applies = (
        f"; it says that it applies from {run.version.effective_date:%-d %B %Y}" if run.version.effective_date else ""
    )
    line((f"    {run.source} capture of {run.version.at:%Y-%m-%d %H:%M:%S} UTC{stated}{applies}", "dim"))
    line((f"    SHA-256 of its raw bytes {run.sha256}", "dim"))
    line((f"    tracker since {run.version.document}#{run.clause}", "dim"))


def _says(what: str, day: date | None) -> str:
    return f"; the text says that it {what} {day:%-d %B %Y}" if day else ""


def _lasted(run: Run) -> str:
    least, most = days(run)
    if most is None:
        return f"{least} days at least" if least else "some hours at least"
    if most == 0:
        return "less than a day"
    return f"{least} days" if most == least else f"{least} to {most} days"


def clauses(told: Sequence[Told]) -> None:
    """The story of one clause; of several, where a name fits several."""
    for one in told:
        line((one.document.title, "bold"), (f"  {one.id}", "dim"))
        seen = f"; last seen {one.last_seen:%-d %B %Y}" if one.last_seen else ""
        line(f"  {'It stands in the latest version' if one.stands else 'It is gone'}{seen}.")
        if one.worded is not one.steps[0]:
            line(f"  It began {when(one.steps[0].window)}; its present words came {when(one.worded.window)}.")
        if one.spoken and one.spoken is not one.worded:
            line(f"  What it says on AI it has said since a version that came {when(one.spoken.window)}.")
        for step in one.steps[:SHOWN]:
            _happened(step)
        left_out = one.steps[SHOWN:-SHOWN]
        if left_out:
            counts = Counter(WORDS.get(step.kind, step.kind).lower() for step in left_out)
            said = ", ".join(f"{count} × {kind}" for kind, count in counts.most_common())
            line("")
            line((f"  … {len(left_out)} more: {said} (--json has them all)", "dim"))
        for step in one.steps[max(SHOWN, len(one.steps) - SHOWN) :]:
            _happened(step)
        line("")


def _happened(step: Happened) -> None:
    line("")
    line(
        (f"  {WORDS.get(step.kind, step.kind)}", "bold"),
        f"  {when(step.window)}",
        ("  " + " › ".join(step.heading), "dim"),
    )
    if step.remark:
        line((f"    {step.remark}", "yellow"))
    if step.words and out.is_terminal:
        pieces = [(terminal.printable(text), terminal.MARKS[operation]) for operation, text in step.words]
        out.print(Text("    ").append_text(Text.assemble(*pieces)), soft_wrap=True)
    elif step.words:
        line(f"    Before: {step.before}")
        line(f"    After: {step.after}")
    elif step.kind != "moved":
        line(f"    {step.after or step.before or ''}")
    if step.related:
        line((f"    with {', '.join(step.related)}", "dim"))
    if step.stances:
        said = ", ".join(f"{topic}: {stance}" if stance else topic for topic, stance in step.stances.items())
        line((f"    {said}", "magenta"))
    line((f"    {step.source} capture, version {step.version}, SHA-256 {step.sha256}", "dim"))
