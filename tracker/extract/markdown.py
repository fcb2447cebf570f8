"""A part of a page as Markdown: one line a paragraph, one blank line between blocks, the legal numbering kept.

Nothing is dropped because it is hidden: the answers of accordions are. Depth is bounded: what stands deeper than
`DEEPEST` elements comes as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, Tag, TemplateString

from tracker.extract.characters import clean, escape, paragraphs
from tracker.extract.inline import B0, B1, BREAK, I0, I1, L0, L1, LM, finished, lines
from tracker.extract.links import EMAIL_PATH, email, target
from tracker.extract.numbering import Numbering, has_label
from tracker.extract.shown import is_hidden, is_struck, struck
from tracker.extract.tables import MOST, grid_of, is_data, rows_of, size_of
from tracker.extract.telling import part_tells
from tracker.text.links import LONGEST_SIGN, PERMALINK

DEEPEST = 100  # levels of elements; real pages stay below 50
_DROPPED = (
    "script style noscript svg canvas video audio object embed head template select datalist input img picture map "
    "progress meter param track source link meta title base area frame frameset noframes applet"
)
DROPPED = frozenset(_DROPPED.split())
_BLOCKS = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody "
    "td tfoot th thead tr ul iframe textarea"
)
BLOCKS = frozenset(_BLOCKS.split())
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
BOLD, EMPHASIS = frozenset({"b", "strong"}), frozenset({"i", "em", "cite", "dfn"})
BOLD_STYLE = re.compile(r"font-weight\s{0,3}:\s{0,3}(?:bold|[6-9]00)", re.I)
PLAIN_STYLE = re.compile(r"font-weight\s{0,3}:\s{0,3}(?:normal|[1-4]00)", re.I)
BLOCK_STYLE = re.compile(r"display\s{0,3}:\s{0,3}(?:block|flex|grid|list-item|table)", re.I)
LONGEST_HEADING = 300  # characters; longer "headings" are paragraphs in large print
BULLET = re.compile(r"^(?:[•●▪◦‣⁃∙■□➢➤✓✔·]|[-–—*] )\s{0,9}(?=\S)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the walk stands."""

    depth: int = 0
    bold: bool = False
    emphasis: bool = False
    struck: bool = False
    heading: int = 0
    list: Numbering | None = None


def convert(
    roots: Iterable[Tag],
    base: str = "",
    skip: Collection[int] = frozenset(),
    drop_parameters: tuple[str, ...] = (),
) -> str:
    """Markdown of the roots in order, a blank line between them.

    `base` is the address that relative links stand on, `skip` holds the `id()` of elements to leave out,
    `drop_parameters` query parameters to cut from links.
    """
    writer = _Writer(base, skip, drop_parameters)
    for root in roots:
        writer.survey(root)
        writer.tag(root, Place())
        writer.flush()
        writer.leave_lists()
    return writer.text()


class _Writer:
    """Collects blocks while walking a tree."""

    def __init__(self, base: str, skip: Collection[int], drop_parameters: tuple[str, ...]) -> None:
        self.base, self.skip, self.drop_parameters = base, skip, drop_parameters
        self.blocks: list[tuple[bool, str]] = []  # (is a list item, text)
        self.line: list[str] = []
        self.indent = 0
        self.pending: tuple[int, str, bool] | None = None  # (indent, marker, ordered) of an item without text yet
        self.holders: set[int] = set()  # elements with a block inside
        self.outer_tables: set[int] = set()
        self.room = MOST  # characters that tables may still take

    # -- before the walk ------------------------------------------------------------------------------------------

    def survey(self, root: Tag) -> None:
        """Note which elements hold blocks and which tables hold tables, climbing no step twice."""
        tables: set[int] = set()
        for tag in root.find_all(True):
            if tag.name in BLOCKS or _is_block_by_style(tag):
                self._climb(tag, root, self.holders)
            if tag.name == "table":
                self._climb(tag, root, tables)
        self.outer_tables |= tables

    @staticmethod
    def _climb(tag: Tag, root: Tag, seen: set[int]) -> None:
        parent = tag.parent
        while parent is not None and id(parent) not in seen:
            seen.add(id(parent))
            if parent is root:
                break
            parent = parent.parent

    # -- the walk -------------------------------------------------------------------------------------------------

    def children(self, tag: Tag, place: Place) -> None:
        """What an element holds, one level deeper."""
        place = replace(place, depth=place.depth + 1)
        if place.depth > DEEPEST:
            self.line.append(clean(tag.get_text(" ")))
            return
        for child in tag.contents:
            if isinstance(child, Tag):
                self.tag(child, place)
            elif type(child) in (NavigableString, CData, TemplateString):
                self.string(child, place)

    def string(self, text: str, place: Place) -> None:
        """A piece of text, with the emphasis of its place."""
        text = escape(clean(text))
        if not text.strip():
            self.line.append(" " if text else "")
            return
        if place.struck:
            text = struck(text)
        if place.bold and not place.heading:
            text = f"{B1}{text}{B0}"
        if place.emphasis and not place.heading:
            text = f"{I1}{text}{I0}"
        self.line.append(text)

    def tag(self, tag: Tag, place: Place) -> None:
        """One element, by what it is."""
        name = tag.name
        if id(tag) in self.skip or (name in DROPPED and not _is_shown(tag)):
            return
        if id(tag) not in self.holders and is_hidden(tag):
            return
        if (cipher := tag.get("data-cfemail")) and (address := email(str(cipher))):
            self.line.append(escape(address))
        elif handler := HANDLERS.get(name):
            handler(self, tag, place)
        elif name in HEADINGS or (tag.get("role") == "heading" and name in BLOCKS):
            self.heading(tag, place)
        elif tag.get("aria-expanded") is not None and id(tag) not in self.holders:
            self.title(tag, place)
        elif name in BLOCKS or _is_block_by_style(tag):
            self.block(tag, place)
        else:
            self.children(tag, _marked(tag, place))

    def block(self, tag: Tag, place: Place) -> None:
        """An element that begins and ends a paragraph."""
        if place.heading:
            self.line.append(" ")
            self.children(tag, place)
            self.line.append(" ")
            return
        self.flush()
        self.children(tag, _marked(tag, place))
        self.flush()

    def heading(self, tag: Tag, place: Place) -> None:
        """A heading; at the top of a numbered item it takes the number along."""
        if place.heading:
            return self.block(tag, place)
        level = HEADINGS.get(tag.name) or _level(tag)
        self.flush()
        self.children(tag, replace(place, heading=level, bold=False, emphasis=False))
        line = self.finish()
        if not line:
            return None
        if len(line) > LONGEST_HEADING:
            return self.emit(line)
        if self.pending:
            self.indent, marker, ordered = self.pending
            line = f"{marker.removeprefix('- ')}{line}" if ordered and not has_label(line) else line
            self.pending = None
        self.blocks.append((False, f"{'#' * level} {line}"))
        return None

    def link(self, tag: Tag, place: Place) -> None:
        """A link with its target; hidden addresses are read, permalinks and links within the page lose their target."""
        href = str(tag.get("href") or "")
        if EMAIL_PATH in href and (address := email(href.partition("#")[2])):
            self.line.append(escape(address))
            return
        url = target(href, self.base, self.drop_parameters) if href else ""
        if id(tag) in self.holders:
            return self.children(tag, _marked(tag, place))
        if (href.startswith("#") or (place.heading and "#" in href)) and _is_sign(tag):
            return None
        if not url or place.heading:
            return self.children(tag, _marked(tag, place))
        self.line.append(L1)
        self.children(tag, _marked(tag, place))
        self.line.append(f"{LM}{url}{L0}")
        return None

    def new_line(self, tag: Tag, place: Place) -> None:
        """A line break: what it means is decided when the paragraph is complete."""
        self.line.append(" " if place.heading else BREAK)

    def button(self, tag: Tag, place: Place) -> None:
        """Buttons do something and say nothing, but those that open a section carry its title."""
        if place.heading:
            self.children(tag, place)
        elif tag.get("aria-expanded") is not None or tag.get("aria-controls") is not None:
            self.title(tag, place)
        elif part_tells(tag):
            self.flush()
            self.children(tag, place)
            self.flush()

    def title(self, tag: Tag, place: Place) -> None:
        """A summary, the name of a term: bold, on its own line, unless it holds a heading."""
        self.flush()
        self.children(tag, place if id(tag) in self.holders or place.heading else replace(place, bold=True))
        self.flush()

    def list(self, tag: Tag, place: Place) -> None:
        """A list of any kind; its items count by its own numbering."""
        if place.heading:
            return self.block(tag, place)
        self.flush()
        self.children(tag, replace(place, list=Numbering.of(tag)))
        self.flush()
        return None

    def item(self, tag: Tag, place: Place) -> None:
        """One item: its first block carries the marker, the others are indented under it."""
        if place.heading:
            return self.block(tag, place)
        self.flush()
        numbering = place.list or Numbering()
        marker = numbering.marker(tag)
        outer = self.indent
        if self.pending:  # an item that holds nothing but a list
            outer = self.pending[0]
        self.pending = (outer, marker, numbering.ordered)
        self.indent = outer + (2 if marker.startswith("-") else 3)
        self.children(tag, replace(_marked(tag, place), list=None))
        self.flush()
        self.pending, self.indent = None, outer
        return None

    def leave_lists(self) -> None:
        """Forget the list that a part ended in."""
        self.pending, self.indent = None, 0

    def rule(self, tag: Tag, place: Place) -> None:
        """A line across the page ends the paragraph."""
        self.flush()

    def quotation(self, tag: Tag, place: Place) -> None:
        """Words in quotation marks that the browser draws."""
        self.line.append("“")
        self.children(tag, place)
        self.line.append("”")

    def preformatted(self, tag: Tag, place: Place) -> None:
        """Text with its own line ends."""
        self.flush()
        for line in paragraphs(clean(tag.get_text(), keep_lines=True)):
            self.emit(escape(line))

    def frame(self, tag: Tag, place: Place) -> None:
        """A frame whose page stands in an attribute is text that the reader sees."""
        inner = str(tag.get("srcdoc") or "")
        if inner and place.depth < DEEPEST // 2:
            self.flush()
            page = BeautifulSoup(inner, "lxml")
            self.survey(page)
            self.children(page, replace(place, depth=place.depth + DEEPEST // 2))
            self.flush()

    def table(self, tag: Tag, place: Place) -> None:
        """A table as rows, or as blocks where it only lays out text."""
        rows = [] if place.heading or id(tag) in self.outer_tables else rows_of(tag, self.skip)
        size = size_of(rows) if is_data(rows) else 0
        if not 0 < size <= self.room:
            return self.block(tag, place)
        self.room -= size
        self.flush()
        if caption := tag.find("caption"):
            self.block(caption, place)
        grid = grid_of([[(cell, self._cell(cell, place)) for cell in row] for row in rows])
        printed = [f"| {' | '.join(row)} |" for row in grid if any(row)]
        if printed:
            columns = len(grid[0])
            printed.insert(1, "|" + " --- |" * columns)
            pad = " " * self.indent
            self.blocks.append((False, "\n".join(pad + line for line in printed)))
        return None

    def _cell(self, cell: Tag, place: Place) -> str:
        inner = _Writer(self.base, self.skip, self.drop_parameters)
        inner.holders, inner.outer_tables = self.holders, self.outer_tables
        inner.children(cell, replace(place, list=None))
        inner.flush()
        pieces = [re.sub(r"^(?:#{1,6}|-) ", "", text.strip()) for _, text in inner.blocks]
        return " ".join(pieces).replace("|", "\\|")

    # -- lines ----------------------------------------------------------------------------------------------------

    def finish(self) -> str:
        """The collected line as Markdown; the collection is empty afterwards."""
        line, self.line = "".join(self.line).replace(BREAK, " "), []
        return finished(line)

    def flush(self) -> None:
        """End the paragraph: what was collected becomes one block, or several where it was broken on purpose."""
        if not self.line:
            return
        raw, self.line = "".join(self.line), []
        for line in lines(raw) if BREAK in raw else [raw]:
            if text := finished(line):
                self.emit(text)

    def emit(self, text: str) -> None:
        """Keep a finished block, with the marker of its item or as an item of its own where a bullet was typed."""
        if self.pending:
            indent, marker, ordered = self.pending
            self.pending = None
            text = BULLET.sub("", text)
            if ordered and has_label(text):
                marker = "- "  # the page numbers by itself, and hides the number of the list
            self.blocks.append((True, f"{' ' * indent}{marker}{text}"))
        elif BULLET.match(text) and not text.startswith("**"):
            self.blocks.append((True, f"{' ' * self.indent}- {BULLET.sub('', text)}"))
        else:
            self.blocks.append((False, " " * self.indent + text))

    def text(self) -> str:
        """All blocks: items line by line, everything else with a blank line between."""
        pieces: list[str] = []
        before = False
        for item, text in self.blocks:
            if pieces:
                pieces.append("\n" if item and before else "\n\n")
            pieces.append(text)
            before = item
        return "".join(pieces)


HANDLERS = {
    "a": _Writer.link,
    "br": _Writer.new_line,
    "hr": _Writer.rule,
    "button": _Writer.button,
    "summary": _Writer.title,
    "dt": _Writer.title,
    "ul": _Writer.list,
    "ol": _Writer.list,
    "menu": _Writer.list,
    "dir": _Writer.list,
    "li": _Writer.item,
    "q": _Writer.quotation,
    "pre": _Writer.preformatted,
    "textarea": _Writer.preformatted,
    "iframe": _Writer.frame,
    "table": _Writer.table,
}


def _is_shown(tag: Tag) -> bool:
    """Templates that browsers attach as the visible content of their parent; fields that show a fixed text."""
    return tag.name == "template" and (tag.get("shadowrootmode") or tag.get("shadowroot")) is not None


def _is_block_by_style(tag: Tag) -> bool:
    """Whether an inline element is shown as a block: by its own style, or because it stands for one (`data-as`)."""
    style = tag.get("style")
    return bool(style and BLOCK_STYLE.search(str(style)[:500])) or tag.get("data-as") in BLOCKS


def _is_sign(link: Tag) -> bool:
    """Whether a link within the page shows nothing but that it is a link: "#", "¶", "Link to this section"."""
    words = " ".join(clean(link.get_text(" ")).split())
    return not words or (len(words) < LONGEST_SIGN and bool(PERMALINK.fullmatch(words)))


def _marked(tag: Tag, place: Place) -> Place:
    """The place inside an element that is bold or emphasised, by name or by its own style."""
    style = str(tag.get("style") or "")[:500]
    bold = (place.bold or tag.name in BOLD or bool(BOLD_STYLE.search(style))) and not PLAIN_STYLE.search(style)
    emphasis = place.emphasis or tag.name in EMPHASIS
    out = place.struck or is_struck(tag)
    if (bold, emphasis, out) == (place.bold, place.emphasis, place.struck):
        return place
    return replace(place, bold=bold, emphasis=emphasis, struck=out)


def _level(tag: Tag) -> int:
    level = str(tag.get("aria-level") or "2")
    return min(max(int(level), 1), 6) if level.isascii() and level.isdigit() and len(level) < 3 else 2
