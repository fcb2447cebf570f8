"""Links in Markdown: their words, where they lead, and the signs by which headings link to themselves."""

from __future__ import annotations

import re
from typing import NamedTuple

_LINK_MARK = re.compile(r"\\[!-/:-@\[-`{-~]|!?\[|\](?:\(|)")
_TARGET_MARK = re.compile(r"[()\[\]\n]")
# What a heading's link to itself shows, in the languages of the tools that put it there.
PERMALINK = re.compile(
    r"[#¶§🔗]|(?:copy )?(?:anchor )?link to (?:this|the) (?:section|heading|headline|title|paragraph|clause|article)"
    r"|copy (?:anchor )?link|(?:permalink|direct link|permalien|lien permanent|permanenter link|direkter link|"
    r"enlace permanente)(?: (?:to|zu|vers|a) .{1,100}|:.{0,100})?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"""\s*(?:<?(?:[A-Za-z][\w+-]{1,20}:|[/#?]|www\.|[^\s.]*\.)\S*(?:\s+["'].*)?)?\s*$""")
_PLAIN_LINK = re.compile(r"\]\((?<!\\\]\()https?://[^\s()\[\]#\\]{1,3000}\)")
LONGEST_SIGN = 150  # characters of the words of a permalink
_LONGEST_TARGET = 4000  # characters of a link target; what is longer is text
# A sign behind the words of a heading, where it is no link by itself.
SIGN_BEHIND = re.compile(
    r"\s(?:[#¶🔗]\ufe0f?|(?:copy )?(?:anchor )?link to (?:this|the) (?:section|heading|headline|title|paragraph))$",
    re.IGNORECASE,
)


class Link(NamedTuple):
    """A link or an image in Markdown. Its words stand between `opening` and `closing`, which nobody reads."""

    opening: tuple[int, int]  # where "[" or "![" begins and ends; both 0 where nothing opens it
    closing: tuple[int, int]  # where "](target)" begins and ends; with the words where those are a permalink's sign
    target: str


def links_in(text: str) -> list[Link]:
    """The links and images of a piece of Markdown by where they close: one pass with a stack, linear for any input.

    What stands in parentheses after brackets is a target only where it looks like an address: a remark is text.
    """
    found: list[Link] = []
    if "](" not in text:
        return found
    opened: list[tuple[int, int]] = []
    position = 0
    for mark in _LINK_MARK.finditer(text):
        token = mark[0]
        if mark.start() < position or token[0] == "\\":
            continue
        if token[-1] == "[":
            opened.append(mark.span())
            continue
        opening = opened.pop() if opened else (0, 0)
        if token == "](":
            end = _target_end(text, mark.end())
            if end and _ADDRESS.match(text, mark.end(), end):
                position = end + 1
                target = next(iter(text[mark.end() : end].split(maxsplit=1)), "")
                signed = opening[1] and "#" in target and is_sign(text[opening[1] : mark.start()])
                found.append(Link(opening, (opening[1] if signed else mark.start(), position), target))
    return found


def without_targets(markdown: str) -> str:
    """A piece of Markdown without the targets of its plain links. Pieces that are then equal say the same."""
    return _PLAIN_LINK.sub("]()", markdown) if "](" in markdown else markdown


def is_sign(words: str) -> bool:
    """Whether the words of a link are those of a heading's link to itself, which nobody reads."""
    return len(words) <= LONGEST_SIGN and bool(PERMALINK.fullmatch(words.strip(" \t\\*_\u200b\ufe0f")))


def unlinked(text: str) -> tuple[str, tuple[str, ...]]:
    """Links and images replaced by their words, and the targets. Two links side by side are two words, whatever style
    sheets put between them."""
    links = links_in(text)
    gaps = [(*link.closing, " " if text[link.closing[1] : link.closing[1] + 1] == "[" else "") for link in links]
    gaps += [(*link.opening, "") for link in links if link.opening[1]]
    pieces, position = [], 0
    for start, end, stand_in in sorted(gaps):
        pieces += [text[position:start], stand_in]
        position = end
    pieces.append(text[position:])
    return "".join(pieces), tuple([link.target for link in links if link.target])


def _target_end(text: str, start: int) -> int:
    """The position of the parenthesis that closes a link target, or 0."""
    depth = 1
    for mark in _TARGET_MARK.finditer(text, start, start + _LONGEST_TARGET):
        if mark[0] not in "()":
            return 0
        depth += 1 if mark[0] == "(" else -1
        if not depth:
            return mark.start()
    return 0
