"""The legal text of a page: from bytes to a reading, with selectors or without, and never an exception."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.extract import content, language, pdf, selection, walls
from tracker.extract.characters import clean, escape, paragraphs
from tracker.extract.decode import MAXIMUM, decode, kind
from tracker.extract.markdown import convert
from tracker.extract.parse import Parsed, parse
from tracker.model import Page, Reading, Source
from tracker.model.texts import MARKDOWN

EVERYTHING = frozenset({"body", "html", "*", ":root", "html body", "html > body"})  # a selector that chooses nothing
REPAIR = "`tracker repair` proposes another one."  # ends what is said of a selection that matches nothing any more
FEW = 60  # words; a selector that gives fewer has missed the text
SHELL_SCRIPTS = 2000  # bytes of script that a page without text may have before it is a shell
CONTAINER = re.compile(
    r"^(?:root|app|main-app|app-root|react-root|__next|__nuxt|__layout|gatsby|svelte|ember-app)$", re.I
)
PART = "\n\n- - -\n\n"  # between the texts of a document that has several sources


def read(page: Page, source: Source) -> Reading:
    """The legal text of a page, found by the source's selectors or by itself.

    Never raises, whatever the bytes are: what holds no text gives an empty reading whose `signals` say why
    ("binary", "image", "json", "xml", "empty", "shell", "error-page", "bot-wall", "login", "consent", "redirect",
    "pdf-viewer", "pdf-without-text", "truncated", "too-deep", "too-large", "selector-empty").
    """
    sort = kind(page.body, page.content_type)
    try:
        if page.content_type.lower().startswith("text/markdown") and sort in ("plain", "html", "json", "xml"):
            return _markdown(page)
        if sort == "pdf":
            return _pdf(page)
        if sort == "plain":
            return _plain(page)
        if sort == "html":
            return _html(page, source)
    except (RecursionError, MemoryError, AssertionError, ValueError, TypeError, AttributeError, LookupError) as error:
        said = f"The page could not be read ({type(error).__name__}); please report it with the capture."
        return Reading("", method="plain", confidence=0.0, warnings=(said,), signals=("empty", "unreadable"))
    return Reading("", method="plain", confidence=0.0, signals=(sort,))


def join(readings: Sequence[Reading]) -> Reading:
    """One reading of the parts of a document that stands on several pages, in order.

    All parts must have text: if one has none, or is a wall, its signals become those of the whole.
    """
    signals = tuple(dict.fromkeys(signal for reading in readings for signal in reading.signals))
    if any(not reading.text.strip() for reading in readings) and "empty" not in signals:
        signals += ("empty",)
    warnings = tuple(dict.fromkeys(warning for reading in readings for warning in reading.warnings))
    return Reading(
        text=PART.join(reading.text for reading in readings),
        title=next((reading.title for reading in readings if reading.title), ""),
        language=next((reading.language for reading in readings if reading.language), None),
        words=sum(reading.words for reading in readings),
        method=readings[0].method if readings else "main",
        confidence=min((reading.confidence for reading in readings), default=0.0),
        warnings=warnings,
        signals=signals,
    )


# ---- PDF and plain text ---------------------------------------------------------------------------------------------


def _pdf(page: Page) -> Reading:
    found = pdf.read(page.body)
    count = language.words(found.text)
    warnings = ()
    if "pdf-without-text" in found.signals:
        warnings = ("The PDF file seems to be scanned: its pages are pictures. Look for a version with text.",)
    signals = found.signals if count or found.signals else ("empty",)
    title = found.title or _first_heading(found.text)
    return Reading(
        found.text, title, language.detect(found.text), count, "pdf", 0.9 if count else 0.0, warnings, signals
    )


def _markdown(page: Page) -> Reading:
    """A text that another tool read from the page already: taken as it is."""
    text = clean(decode(page.body, page.content_type), keep_lines=True).strip()
    count = language.words(text)
    signals = walls.said("", text[:5000], count) or ([] if count else ["empty"])
    return Reading(text, _first_heading(text), language.detect(text), count, MARKDOWN, 0.9, (), tuple(signals))


def _plain(page: Page) -> Reading:
    text = clean(decode(page.body, page.content_type), keep_lines=True)
    text = "\n\n".join(escape(line) for line in paragraphs(text))
    count = language.words(text)
    signals = walls.said("", text[:5000], count) or ([] if count else ["empty"])
    if len(page.body) > MAXIMUM:
        signals.append("too-large")
    return Reading(text, text[:80].partition("\n")[0], language.detect(text), count, "plain", 0.8, (), tuple(signals))


# ---- HTML -----------------------------------------------------------------------------------------------------------


def _html(page: Page, source: Source) -> Reading:
    raw = decode(page.body, page.content_type)
    parsed = parse(raw, page.url)
    signals = list(parsed.signals)
    warnings: list[str] = []
    if len(page.body) > MAXIMUM:
        signals.append("too-large")
    if not parsed.is_closed:
        signals.append("truncated")
    if source.remove:
        warnings += selection.remove(parsed.soup, source.remove)
    text, method, confidence = _selected(parsed, source, warnings)
    count = language.words(text)
    if method == "selectors" and count < FEW:
        whole, found = _found(parsed, source)
        if language.words(whole) > count:
            signals.append("selector-empty")
            warnings.append(_selector_sentence(source, count))
            text, count, method, confidence = whole, language.words(whole), "main", min(found, 0.6)
    elif method == "main":
        text, confidence = _found(parsed, source)
        count, method = language.words(text), "main"
    signals += _walls(parsed, text, count)
    tongue = language.detect(text, parsed.language)
    title = _first_heading(text) or parsed.title
    return Reading(text, title, tongue, count, method, confidence, tuple(warnings), tuple(dict.fromkeys(signals)))


def _selected(parsed: Parsed, source: Source, warnings: list[str]) -> tuple[str, str, float]:
    """The text that the selectors choose, without what is certainly noise."""
    if not source.select or set(source.select) <= EVERYTHING:
        return "", "main", 0.0
    parts, complaints = selection.select(parsed.soup, source.select)
    warnings += complaints
    parts = content.distinct(parts)
    skip = {id(tag) for part in parts for tag, _ in content.chrome_within(part)}
    return convert(parts, parsed.base, skip, source.drop_parameters), "selectors", 1.0


def _found(parsed: Parsed, source: Source) -> tuple[str, float]:
    """The text that the page shows as its content, with how sure that is."""
    root = parsed.soup.body or parsed.soup
    found = content.find(root)
    return convert([root], parsed.base, found.skip, source.drop_parameters), found.confidence


def _selector_sentence(source: Source, count: int) -> str:
    chosen = ", ".join(selection.describe(each) for each in source.select[:3])
    what = f"gave only {count} words" if count else "gave no text"
    return f"The selection {chosen} {what}, so the text was found without it. {REPAIR}"


def _walls(parsed: Parsed, text: str, count: int) -> list[str]:
    """What a page with little text is instead of the document."""
    if count >= walls.SHORT:
        return []
    shown = clean(" ".join(parsed.soup.get_text(" ").split())[:20_000])
    signals = walls.said(parsed.title, f"{text[:1500]}\n{shown[:3000]}", count)
    if count >= FEW:
        return signals
    if parsed.viewer:
        signals.append("pdf-viewer")
    if parsed.refresh:
        signals.append("redirect")
    if not signals and _is_shell(parsed, count):
        signals.append("shell")
    return signals or ([] if count else ["empty"])


def _is_shell(parsed: Parsed, count: int) -> bool:
    """Whether a page waits for its scripts: much script and no text, or an empty container for an application."""
    if count < FEW // 3:
        return parsed.scripts >= SHELL_SCRIPTS
    return any(not tag.get_text(strip=True) for tag in parsed.soup.find_all(id=CONTAINER))


def _first_heading(text: str) -> str:
    match = re.search(r"^#{1,2} (.{1,200})$", text[:5000], re.M)
    return match.group(1).strip() if match else ""
