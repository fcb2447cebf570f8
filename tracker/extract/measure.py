"""How many words each part of a page has, how many of them are links, and how many are prose. Linear in the page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from bs4.element import NavigableString, Tag

from tracker.extract.language import IDEOGRAPH
from tracker.extract.markdown import BLOCKS, DROPPED, HEADINGS

PROSE_WORDS = 6  # a block of at least so many words …
PROSE_LINKS = 0.6  # … of which at most this share are links is prose


@dataclass(slots=True)
class Measure:
    """Words, linked words and words of prose in each element of a tree, by the `id()` of the element."""

    order: list[Tag] = field(default_factory=list)  # all elements in document order, the root first
    pieces: list[tuple[int, int, bool, float]] = field(default_factory=list)  # (element, block, in a link, words)
    words: dict[int, float] = field(default_factory=dict)
    links: dict[int, float] = field(default_factory=dict)
    prose: dict[int, float] = field(default_factory=dict)

    def density(self, tag: Tag) -> float:
        """The share of words that are links, 0 to 1; 1 for an element without words."""
        words = self.words.get(id(tag), 0.0)
        return self.links.get(id(tag), 0.0) / words if words else 1.0

    def without(self, dropped: Collection[int]) -> Measure:
        """The same measure as if the elements with these ids were not there."""
        gone = set(dropped)
        for tag in self.order:
            if id(tag.parent) in gone:
                gone.add(id(tag))
        return _add_up(Measure(self.order, [piece for piece in self.pieces if piece[0] not in gone]))


def measure(root: Tag) -> Measure:
    """Count the words of every element under `root`, scripts and the like left out."""
    found = Measure(order=[root])
    # of each element: the block that its text belongs to, whether it is in a link, whether it is no text at all
    state = {id(root): (id(root), False, False)}
    for node in root.descendants:
        block, linked, ignored = state[id(node.parent)]
        if isinstance(node, Tag):
            name = node.name
            state[id(node)] = (
                id(node) if name in BLOCKS else block,
                linked or name == "button" or (name == "a" and not _is_permalink(node)),
                ignored or name in DROPPED,
            )
            found.order.append(node)
        elif not ignored and type(node) is NavigableString and (count := _count(node)):
            found.pieces.append((id(node.parent), block, linked, count))
    return _add_up(found)


def _is_permalink(link: Tag) -> bool:
    """Whether a link is a heading's link to itself."""
    return str(link.get("href") or "").startswith("#") and link.parent is not None and link.parent.name in HEADINGS


def _count(text: str) -> float:
    wide = 0 if text.isascii() else len(IDEOGRAPH.findall(text))
    return len(text.split()) + wide / 2


def _add_up(found: Measure) -> Measure:
    """Fill in the sums, from the leaves to the root."""
    own: dict[int, float] = {}
    own_links: dict[int, float] = {}
    for element, block, linked, words in found.pieces:
        found.words[element] = found.words.get(element, 0.0) + words
        own[block] = own.get(block, 0.0) + words
        if linked:
            found.links[element] = found.links.get(element, 0.0) + words
            own_links[block] = own_links.get(block, 0.0) + words
    for block, words in own.items():
        if words >= PROSE_WORDS and own_links.get(block, 0.0) <= PROSE_LINKS * words:
            found.prose[block] = words
    for tag in reversed(found.order[1:]):
        for sums in (found.words, found.links, found.prose):
            if value := sums.get(id(tag)):
                parent = id(tag.parent)
                sums[parent] = sums.get(parent, 0.0) + value
    return found
