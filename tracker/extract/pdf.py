"""PDF files to Markdown: lines joined to paragraphs over lines and pages, running heads dropped, headings found."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from tracker.extract.characters import clean, escape
from tracker.extract.language import words
from tracker.pdfium import printed_lines

LARGE = 1.12  # times the size of most letters: a heading
SCANNED = 30  # words a page; fewer on average say that the pages are pictures

NUMBER = re.compile(
    (
        r"^\W{0,3}(?:(?:page|seite|página|pagina|strona|sida|side|p\.)\s{0,3})?\d{1,4}(?:\s{0,3}(?:/|of|sur|von|de|di"
        r"|av|z|-)\s{0,3}\d{1,4})?\W{0,3}$"
    ),
    re.I,
)
ITEM = re.compile(
    r"^(?:[•●▪◦‣⁃∙■□➢✓·\uf0b7o]\s+|[-–—]\s+|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]\s+"
    r"|\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+)(?=\S)"
)
BULLET = re.compile(r"^(?:[•●▪◦‣⁃∙■□➢✓·]|[-–—]|o)\s+")
ENDED = re.compile(r"[.:;!?。：；！？]['\"”’»)\]]{0,3}$")
HYPHEN = re.compile("[\ufffe\x02]")  # how the library writes a hyphen that ends a line
SENTENCES = re.compile(r"[^\W\d_]{4}[.!?]['\"”’»)]{0,2} [^\W_]")  # a sentence ends, and another word follows
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: its text, the size and weight of its letters, its page."""

    text: str
    size: float
    bold: bool
    page: int


@dataclass(frozen=True, slots=True)
class PdfText:
    """What a PDF file says: Markdown, its title where it names one, its pages, and signals of trouble."""

    text: str
    title: str = ""
    pages: int = 0
    signals: tuple[str, ...] = ()


def read(body: bytes) -> PdfText:
    """The text of a PDF file; never raises. Signals: those of `pdfium.printed_lines`, and "pdf-without-text"."""
    found = printed_lines(body)
    printed = (
        (clean(text.replace("\ufffe", "-").replace("\x02", "-")).strip(), *rest) for text, *rest in found["lines"]
    )
    text = reflow([Line(text, *rest) for text, *rest in printed if text])
    signals = list(found["signals"])
    if not signals and words(text) < SCANNED * max(found["pages"], 1):
        signals.append("pdf-without-text")
    return PdfText(text, clean(found["title"]).strip(), found["pages"], tuple(signals))


def reflow(lines: list[Line]) -> str:
    """Markdown of printed lines: running heads and page numbers gone, each paragraph on one line."""
    kept = _without_running_heads(lines)
    if not kept:
        return ""
    body = Counter()
    for line in kept:
        body[line.size] += len(line.text)
    normal = body.most_common(1)[0][0]
    width = _width(kept)
    blocks: list[tuple[str, Line]] = []  # (text, its last line)
    for line in _without_bold_prose(kept, normal, width):
        if blocks and _goes_on(blocks[-1], line, normal, width):
            blocks[-1] = (_join(blocks[-1][0], line.text), line)
        else:
            blocks.append((line.text, line))
    sizes = sorted({line.size for _, line in blocks if line.size >= normal * LARGE}, reverse=True)
    return "\n\n".join(_marked(text, line, normal, sizes) for text, line in blocks)


def _without_running_heads(lines: list[Line]) -> list[Line]:
    """Lines that return at the edge of most pages, but for their numbers, are the page's and not the text's."""
    pages: dict[int, list[Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    edges = Counter(shape for page in pages.values() for shape in {_shape(line) for line in page[:3] + page[-3:]})
    often = {shape for shape, count in edges.items() if count >= max(3, len(pages) * 0.5)}
    kept: list[Line] = []
    for page in pages.values():
        for index, line in enumerate(page):
            at_edge = index < 3 or index >= len(page) - 3
            if at_edge and (NUMBER.match(line.text) or _shape(line) in often):
                continue
            kept.append(line)
    return kept


def _shape(line: Line) -> str:
    return DIGITS.sub("0", line.text.casefold())[:200]


def _without_bold_prose(lines: list[Line], normal: float, width: int) -> list[Line]:
    """The lines, those no longer bold whose bold words stand inside a paragraph: such lines head nothing.

    A run of bold lines is in the flow where it begins small, where the line after it does, or where a long line of it
    ends one sentence and begins another.
    """
    found = list(lines)
    for start, end in _bold_runs(lines, normal):
        run, after = lines[start:end], lines[end : end + 1]
        goes_on = bool(after) and after[0].size == run[0].size and after[0].text[:1].islower()
        says_more = any(len(line.text) > 0.6 * width and SENTENCES.search(line.text) for line in run)
        if goes_on or says_more or run[0].text[:1].islower():
            found[start:end] = [replace(line, bold=False) for line in run]
    return found


def _bold_runs(lines: list[Line], normal: float) -> list[tuple[int, int]]:
    """Where lines of the text's own size follow each other in bold: (first, after the last)."""
    runs: list[tuple[int, int]] = []
    for index, line in enumerate(lines):
        if not line.bold or line.size >= normal * LARGE:
            continue
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs


def _width(lines: list[Line]) -> int:
    """How many characters a full line has: the length that nine in ten lines do not exceed."""
    lengths = sorted(len(line.text) for line in lines)
    return max(lengths[int(len(lengths) * 0.9)], 20)


def _goes_on(block: tuple[str, Line], line: Line, normal: float, width: int) -> bool:
    """Whether a line continues the paragraph before it."""
    text, last = block
    if _is_heading(last, normal) or _is_heading(line, normal):
        alike = (last.size, last.bold) == (line.size, line.bold) and last.page == line.page
        return alike and not ITEM.match(line.text) and not ENDED.search(text) and len(last.text) > 0.6 * width
    if ITEM.match(line.text):
        return False
    if line.text[:1].islower() or text.endswith("-"):
        return True
    if ENDED.search(text):
        return len(last.text) > 0.85 * width and last.page == line.page and not text.endswith((":", "："))
    return len(last.text) > 0.6 * width


def _is_heading(line: Line, normal: float) -> bool:
    if len(line.text) > 150 or not re.search(r"[^\W\d_]{2}", line.text):
        return False
    return line.size >= normal * LARGE or (line.bold and line.size >= normal and not ENDED.search(line.text))


def _join(before: str, after: str) -> str:
    """Two pieces of a paragraph: a hyphen at the line's end divides a word, unless what follows is no small letter."""
    if before.endswith("-") and before[-2:-1].isalpha():
        return before[:-1] + after if after[:1].islower() else before + after
    return f"{before} {after}"


def _marked(text: str, line: Line, normal: float, sizes: list[float]) -> str:
    """A block as Markdown: headings by the rank of their size, bold lines bold, list items."""
    if _is_heading(line, normal) and len(text) <= 200:
        if line.size in sizes:
            return f"{'#' * min(sizes.index(line.size) + 1, 4)} {escape(text)}"
        return f"**{escape(text)}**"
    return "- " + escape(BULLET.sub("", text)) if BULLET.match(text) else escape(text)
