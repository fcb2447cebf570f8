"""Words of a line that a browser does not show, or strikes out."""

from __future__ import annotations

import re

from bs4.element import Tag

from tracker.extract.telling import part_tells

STRUCK = frozenset({"s", "del", "strike"})
STRUCK_STYLE = re.compile(r"text-decoration(?:-line)?\s{0,3}:[^;]{0,40}line-through", re.I)
_INLINE = "a abbr b big code del em font i label mark s small span strike strong sub sup u"
INLINE = frozenset(_INLINE.split())
LINES = ("p", "li", "td", "th", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote")
HIDDEN_STYLE = re.compile(r"(?:display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden)", re.I)


def is_hidden(tag: Tag) -> bool:
    """Whether an element holds words of a line that are not shown. What has an `id` may be opened by a click, as the
    answers of accordions are, and counts as shown; so does a sentence that says what AI does: a script may show it."""
    if tag.name not in INLINE or tag.has_attr("id"):
        return False
    hidden = tag.has_attr("hidden") or HIDDEN_STYLE.search(str(tag.get("style") or "")[:500])
    return bool(hidden) and tag.find_parent(LINES) is not None and not part_tells(tag)


def is_struck(tag: Tag) -> bool:
    """Whether an element strikes its words out, by its name or by its own style."""
    return tag.name in STRUCK or bool(STRUCK_STYLE.search(str(tag.get("style") or "")[:500]))


def struck(text: str) -> str:
    """A text with words, struck out as Markdown does it, white space outside."""
    words = text.strip()
    start = text.index(words)
    tilde = "\\" if words.startswith("~") else ""  # three in a row would begin a fence
    return f"{text[:start]}~~{tilde}{words}~~{text[start + len(words) :]}"
