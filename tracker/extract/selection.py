"""The parts of a page that a declaration keeps and drops: CSS selectors and ranges, as Open Terms Archive reads them.

What is to be removed goes first: all matches of selectors, then the ranges, which were found before anything was
deleted. Then each selector or range is kept in the order of the declaration; of matches inside each other only the
outermost counts.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag
from soupsieve import SelectorSyntaxError

from tracker.extract.links import EMAIL_PATH, email
from tracker.model import Range, Selector

LONGEST = 2000  # characters of a selector
MOST = 10_000  # matches of one selector; more say that it matches everything


def describe(selector: Selector) -> str:
    """A selector in words, for messages."""
    if isinstance(selector, str):
        return f"“{selector[:200]}”"
    start, end = ("after" if selector.after_start else "before"), ("after" if selector.after_end else "before")
    return f"from {start} “{selector.start[:100]}” to {end} “{selector.end[:100]}”"


def remove(soup: BeautifulSoup, selectors: tuple[Selector, ...]) -> list[str]:
    """Delete what the selectors and ranges name from the tree; returns a sentence for each that could not be used."""
    complaints: list[str] = []
    found = [(each, _boundaries(soup, each, complaints)) for each in selectors if isinstance(each, Range)]
    ranges = [(_mark(soup, *at[0]), _mark(soup, *at[1])) for each, at in found if at]
    for selector in selectors:
        if isinstance(selector, str):
            for match in _matches(soup, selector, complaints):
                if _is_hidden_address(match):
                    continue
                _rescue([mark for pair in ranges for mark in pair], match)
                match.extract()
    for start, end in ranges:
        for node in list(_between(start, end)):
            node.extract()
        start.extract()
        end.extract()
    return complaints


def _is_hidden_address(tag: Tag) -> bool:
    """Whether an element hides an e-mail address that we can read: declarations drop these because others cannot."""
    return bool(
        email(str(tag.get("data-cfemail") or "")) or email(str(tag.get("href") or "").partition(f"{EMAIL_PATH}#")[2])
    )


def select(soup: BeautifulSoup, selectors: tuple[Selector, ...]) -> tuple[list[Tag], list[str]]:
    """The parts to keep, in the order of the selectors, and a sentence for each selector that gave nothing."""
    complaints: list[str] = []
    kept: list[Tag] = []
    groups = [
        _matches(soup, each, complaints) if isinstance(each, str) else _cut(soup, each, complaints)
        for each in selectors
    ]
    taken = {id(match) for group in groups for match in group}
    seen: set[int] = set()
    for group in groups:
        for match in group:
            if id(match) in seen or any(id(parent) in taken for parent in match.parents):
                continue
            seen.add(id(match))
            kept.append(match)
    return kept, complaints


def _matches(soup: BeautifulSoup, selector: str, complaints: list[str], limit: int = MOST) -> list[Tag]:
    """All matches of a selector in document order; none where it is invalid or matches too much."""
    if len(selector) > LONGEST:
        complaints.append(f"The selector {describe(selector)} is too long; shorten it.")
        return []
    try:
        with warnings.catch_warnings():  # old spellings of pseudo-classes are warned of; they work
            warnings.simplefilter("ignore")
            matches = list(soup.select(selector, limit=limit))
    except (SelectorSyntaxError, NotImplementedError, ValueError, RecursionError):
        complaints.append(f"The selector {describe(selector)} is not valid CSS; mend it in the declaration.")
        return []
    if not matches:
        complaints.append(
            f"The selector {describe(selector)} matches nothing; the page was redesigned, or it never did."
        )
    if len(matches) >= MOST:
        complaints.append(f"The selector {describe(selector)} matches {MOST} elements or more; choose a narrower one.")
    return matches


# ---- ranges --------------------------------------------------------------------------------------------------------


def _boundaries(soup: BeautifulSoup, chosen: Range, complaints: list[str]):
    """The two ends of a range as (element, whether after it), or None where one of them is missing."""
    missing: list[str] = []
    start = _matches(soup, chosen.start, missing, limit=1)
    end = _matches(soup, chosen.end, missing, limit=1)
    if not start or not end:
        complaints.append(f"The range {describe(chosen)} has no such end on the page; mend it in the declaration.")
        return None
    return (start[0], chosen.after_start), (end[0], chosen.after_end)


def _mark(soup: BeautifulSoup, element: Tag, after: bool) -> Tag:
    mark = soup.new_tag("range-mark")
    (element.insert_after if after else element.insert_before)(mark)
    return mark


def _rescue(marks: list[Tag], doomed: Tag) -> None:
    """An end of a range inside a deleted element moves to where the element stood."""
    for mark in marks:
        if any(parent is doomed for parent in mark.parents):
            mark.extract()
            doomed.insert_before(mark)


def _between(start: Tag, end: Tag) -> Iterator[PageElement]:
    """The largest nodes that lie wholly between two marks; none where the end stands before the start."""
    path = {id(parent) for parent in end.parents} | {id(end)}
    found: list[PageElement] = []
    node: PageElement | None = start
    while True:
        while node is not None and node.next_sibling is None:
            node = node.parent
        if node is None:
            return iter(())
        node = node.next_sibling
        while id(node) in path:
            if node is end:
                return iter(found)
            node = node.contents[0]
        found.append(node)


def _cut(soup: BeautifulSoup, chosen: Range, complaints: list[str]) -> list[Tag]:
    """A copy of what lies in the range, with the elements that it only partly covers around it."""
    ends = _boundaries(soup, chosen, complaints)
    if not ends:
        return []
    start, end = _mark(soup, *ends[0]), _mark(soup, *ends[1])
    wrappers: dict[int, Tag] = {}
    top = soup.new_tag("div")
    nodes = list(_between(start, end))
    for node in nodes:
        holder = _wrapper(soup, node.parent, wrappers, top)
        holder.append(copy.copy(node) if isinstance(node, Tag) else _string(node))
    start.extract()
    end.extract()
    if not nodes:
        complaints.append(f"The range {describe(chosen)} ends before it begins; mend it in the declaration.")
    return [top] if nodes else []


def _string(node: PageElement) -> NavigableString:
    return type(node)(str(node))


def _wrapper(soup: BeautifulSoup, original: Tag | None, wrappers: dict[int, Tag], top: Tag) -> Tag:
    """The copy of a partly covered element, itself in copies of those around it."""
    chain: list[Tag] = []
    while original is not None and original.parent is not None and id(original) not in wrappers:
        chain.append(original)
        original = original.parent
    holder = wrappers.get(id(original), top)
    for element in reversed(chain):
        fresh = soup.new_tag(element.name, attrs=dict(element.attrs))
        holder.append(fresh)
        wrappers[id(element)] = holder = fresh
    return holder
