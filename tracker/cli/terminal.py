"""How things look in a terminal: progress, tables, coloured clauses. In a pipe: plain lines.

The library that draws is loaded where something is drawn: a round of checks from cron draws nothing.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, TextIO

from tracker.errors import TrackerError
from tracker.model import Kind

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from tracker.model import Clause, ClauseChange

    out: Console
    err: Console

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
MARKED = ("reworded", "moved-reworded", "split-reworded", "merged-reworded")  # shown as one text with marks
SIGNS = {"=": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}
BEGINNING = 600  # characters of each side of a document that was swapped whole
MARKS = {"=": "", "-": "red strike", "+": "blue underline"}


def __getattr__(name: str) -> Console:
    if name in ("out", "err"):
        return _console(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _console(name: str) -> Console:
    """`out` and `err`, made when they are asked for first. In a pipe a line is a line; on a terminal it is wrapped."""
    from rich.console import Console

    wraps = name == "out" and sys.stdout.isatty()
    return Console(stderr=name == "err", highlight=False, soft_wrap=not wraps)


def _draws(stream: TextIO) -> bool:
    """Whether what is written there may be coloured, as the library that draws sees it."""
    return stream.isatty() or bool(os.environ.get("FORCE_COLOR") or os.environ.get("TTY_COMPATIBLE"))


def line(*parts: str | tuple[str, str]) -> None:
    """One line of pieces, each a text or a (text, style); whatever they hold is shown as text."""
    pieces = [(printable(part[0]), part[1]) if isinstance(part, tuple) else printable(part) for part in parts]
    if not _draws(sys.stdout):
        plain = "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces)
        sys.stdout.write(f"{plain}\n")
        return
    from rich.text import Text

    _console("out").print(Text.assemble(*pieces))


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
    from rich.text import Text

    console = _console("err")
    console.print(Text(printable(error.what), "bold red"))
    for said in (error.where, error.remedy):
        if said:
            console.print(Text(f"  {printable(said)}"))


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Any]:
    """A bar on a terminal, nothing in a pipe; yields `step(text)`, called when one more is done."""
    if not _draws(sys.stderr):
        yield lambda text="", done=None, of=None: None
        return
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[now]}"),
    )
    with Progress(*columns, console=_console("err"), transient=True) as bar:
        task = bar.add_task(what, total=total, now="")

        def step(text: str = "", done: int | None = None, of: int | None = None) -> None:
            bar.update(task, now=escape(printable(text))[:60], total=of if of is not None else total)
            bar.update(task, completed=done) if done is not None else bar.advance(task)

        yield step


@contextmanager
def paged() -> Iterator[None]:
    """Long text goes through the pager that people have set, on a terminal only."""
    if not _draws(sys.stdout):
        yield
        return
    os.environ.setdefault("LESS", "-FRX")  # colours; nothing to quit where it all fits
    with _console("out").pager(styles=True):
        yield


def table(columns: Mapping[str, str], rows: Iterable[Iterable[str]]) -> None:
    """A table without lines around it; `columns` maps a heading to "left" or "right"."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading, side in columns.items():
        drawn.add_column(heading, justify=side, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        drawn.add_row(*(Text(printable(cell)) for cell in row))
    Console(highlight=False, width=None if _draws(sys.stdout) else 200).print(drawn)


def paragraph(text: str | Text, style: str = "") -> None:
    """A block of text, indented; wrapped on a terminal, one line in a pipe."""
    from rich.padding import Padding
    from rich.text import Text

    console = _console("out")
    block = Text(printable(text), style) if isinstance(text, str) else text
    console.print(Padding(block, (0, 0, 0, 2)) if console.is_terminal else Text("  ").append(block))


def show_clause(change: ClauseChange, reason: str, full: bool) -> None:
    """A clause change: what happened, where it stands, before and after, and why it is flagged. Of a document that was
    swapped whole only the beginning is shown, unless it is to be `full`."""
    from rich.text import Text

    console = _console("out")
    word, colour = WORDS[change.kind.value]
    heading = " › ".join((change.after or change.before)[0].heading) if change.after or change.before else ""
    console.print(Text.assemble((f"\n{word}", f"bold {colour}"), ("  " + printable(heading) if heading else "", "dim")))
    if change.kind.value in MARKED:
        paragraph(_marked(_read(change)))
    elif change.kind is Kind.FORM and change.words:
        paragraph(_marked(change.words))
    else:
        for title, side in (("Before", change.before), ("After", change.after)):
            if side:
                text = f"{title}: {_readable(side)}"
                swapped = change.kind is Kind.REPLACED and not full and len(text) > BEGINNING
                paragraph(f"{text[:BEGINNING]}… (--full shows all of it)" if swapped else text)
    if reason:
        paragraph(f"Why: {reason}", "magenta")


def _read(change: ClauseChange) -> list[tuple[str, str]]:
    """A reworded clause as it reads, in pieces; the number of one that is still one stands in front."""
    from tracker.views.passages import sides

    found = [(piece.get("op", "="), piece["text"]) for piece in sides(change).together]
    if len(change.before) > 1 or len(change.after) > 1:
        return found
    old, new = (
        label if any(map(str.isalnum, label)) else "" for label in (change.before[0].label, change.after[0].label)
    )
    numbers = [("=", new)] if old == new else [("-", old), ("+", new)]
    return [*[number for number in numbers if number[1]], ("=", " " if old or new else ""), *found]


def _marked(words: Sequence[tuple[str, str]]) -> Text:
    """A text with what went and what came: in colours on a terminal, between signs, as git has them, in a pipe."""
    from rich.text import Text

    pieces = []
    for operation, run in groupby(words, lambda piece: piece[0]):
        text = "".join(text for _, text in run)
        before, after = ("", "") if _console("out").is_terminal else SIGNS[operation]
        pieces.append((f"{before}{printable(text)}{after}", MARKS[operation]))
    marked = Text.assemble(*pieces)
    marked.rstrip()
    return marked


def _readable(clauses: tuple[Clause, ...]) -> str:
    return "\n".join(f"{clause.label} {clause.text}".strip() for clause in clauses)
