"""How things look in a terminal: progress, tables, coloured clauses. In a pipe: plain lines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from tracker.errors import TrackerError
from tracker.model import Clause, ClauseChange, Kind

WORDS = {
    "added": ("+ Added", "blue"),
    "removed": ("- Removed", "red"),
    "reworded": ("~ Reworded", "yellow"),
    "moved": ("> Moved", "yellow"),
    "moved-reworded": ("> Moved and reworded", "yellow"),
    "split": ("/ Split", "yellow"),
    "split-reworded": ("/ Split and reworded", "yellow"),
    "merged": ("\\ Merged", "yellow"),
    "merged-reworded": ("\\ Merged and reworded", "yellow"),
    "repeated": ("x2 Repeated", "yellow"),
    "returned": ("<- Returned", "blue"),
    "form": (". Form only", "dim"),
    "replaced": ("! Replaced", "red"),
}
FOLDED = ("moved", "split", "merged", "repeated", "form")
MARKED = ("reworded", "moved-reworded", "split-reworded", "merged-reworded", "form")  # shown as one text with marks
SIGNS = {"=": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}
BEGINNING = 600  # characters of each side of a document that was swapped whole
MARKS = {"=": "", "-": "red strike", "+": "blue underline"}

# In a pipe a line is a line; on a terminal long ones are wrapped.
out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
err = Console(stderr=True, highlight=False, soft_wrap=True)


def printable(text: str) -> str:
    """Text of a stranger that cannot move the cursor, colour the terminal or turn the reading direction."""
    odd = {"\t": " ", "\n": "\n"}
    return "".join(odd.get(char, char if _shows(char) else f"\\x{ord(char):02x}") for char in text)


def _shows(char: str) -> bool:
    code = ord(char)
    hidden = code < 32 or 0x7F <= code < 0xA0 or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
    return not hidden and not 0xD800 <= code <= 0xDFFF


def write_json(value: object) -> None:
    """One JSON value on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() + "\n")


def complain(error: TrackerError) -> None:
    """What happened, where, and the remedy: three lines on standard error."""
    err.print(Text(printable(error.what), "bold red"))
    for line in (error.where, error.remedy):
        if line:
            err.print(Text(f"  {printable(line)}"))


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Any]:
    """A bar on a terminal, nothing in a pipe; yields `step(text)`, called when one more is done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[now]}"),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=total, now="")

        def step(text: str = "", done: int | None = None, of: int | None = None) -> None:
            bar.update(task, now=escape(printable(text))[:60], total=of if of is not None else total)
            bar.update(task, completed=done) if done is not None else bar.advance(task)

        yield step


@contextmanager
def paged() -> Iterator[None]:
    """Long text goes through the pager that people have set, on a terminal only."""
    if not out.is_terminal:
        yield
        return
    os.environ.setdefault("LESS", "-FRX")  # colours; nothing to quit where it all fits
    with out.pager(styles=True):
        yield


def table(columns: Mapping[str, str], rows: Iterable[Iterable[str]]) -> None:
    """A table without lines around it; `columns` maps a heading to "left" or "right"."""
    drawn = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading, side in columns.items():
        drawn.add_column(heading, justify=side, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        drawn.add_row(*(Text(printable(cell)) for cell in row))
    Console(highlight=False, width=None if out.is_terminal else 200).print(drawn)


def paragraph(text: str | Text, style: str = "") -> None:
    """A block of text, indented; wrapped on a terminal, one line in a pipe."""
    block = Text(printable(text), style) if isinstance(text, str) else text
    out.print(Padding(block, (0, 0, 0, 2)) if out.is_terminal else Text("  ").append(block))


def show_clause(change: ClauseChange, reason: str, full: bool) -> None:
    """A clause change: what happened, where it stands, before and after, and why it is flagged. Of a document that was
    swapped whole only the beginning is shown, unless it is to be `full`."""
    word, colour = WORDS[change.kind.value]
    heading = " › ".join((change.after or change.before)[0].heading) if change.after or change.before else ""
    out.print(Text.assemble((f"\n{word}", f"bold {colour}"), ("  " + printable(heading) if heading else "", "dim")))
    if change.words and change.kind.value in MARKED:
        paragraph(_marked(change.words))
    else:
        for title, side in (("Before", change.before), ("After", change.after)):
            if side:
                text = f"{title}: {_readable(side)}"
                swapped = change.kind is Kind.REPLACED and not full and len(text) > BEGINNING
                paragraph(f"{text[:BEGINNING]}… (--full shows all of it)" if swapped else text)
    if reason:
        paragraph(f"Why: {reason}", "magenta")


def _marked(words: Sequence[tuple[str, str]]) -> Text:
    """A text with what went and what came: in colours on a terminal, between signs, as git has them, in a pipe."""
    pieces = []
    for operation, text in words:
        before, after = ("", "") if out.is_terminal else SIGNS[operation]
        pieces.append((f"{before}{printable(text)}{after}", MARKS[operation]))
    marked = Text.assemble(*pieces)
    marked.rstrip()
    return marked


def _readable(clauses: tuple[Clause, ...]) -> str:
    return "\n".join(f"{clause.label} {clause.text}".strip() for clause in clauses)
