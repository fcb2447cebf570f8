"""Characters that readers do not see, and lines of plain text: what is cleaned before any text is kept."""

from __future__ import annotations

import re
import unicodedata

# Zero-width and bidirectional marks, soft hyphens, variation selectors, tags: invisible, and inserted at will.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
# Icon fonts draw with characters of the private areas.
ICONS = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
SPACES = re.compile(r"[^\S\n]+")
CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
HARD = 40  # characters; where most lines of a text are longer, their ends are layout


def clean(text: str, keep_lines: bool = False) -> str:
    """Text in NFC without invisible characters, controls and icons, all white space one space (or kept line ends)."""
    if not text.isascii():
        text = ICONS.sub("", INVISIBLE.sub("", text))
        text = unicodedata.normalize("NFC", CONTROL.sub("", text))
    elif not text.isprintable():
        text = CONTROL.sub("", text)
    if not keep_lines:
        return re.sub(r"\s+", " ", text)
    text = re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text)
    return SPACES.sub(" ", text)


def escape(text: str) -> str:
    """Text in which no character is taken for Markdown: a reader of the Markdown sees the same words.

    Numbering and bullets stay as they are: typed ones are as good as others.
    """
    if SPECIAL.search(text):
        text = EVERYWHERE.sub(r"\\\g<0>", text)
        if "_" in text:
            text = UNDERSCORES.sub(lambda run: run[0].replace("_", "\\_"), text)
    return IN_FRONT.sub(r"\1\\\2", text)


SPECIAL = re.compile(r"[\\*`_<&~\]]")
# What is Markdown wherever it stands; the next piece of a line may complete what one piece begins.
EVERYWHERE = re.compile(r"[\\*`]|<(?=[A-Za-z/]|$)|&(?=#?[A-Za-z0-9]{1,8};|#?[A-Za-z0-9]{0,8}$)|~(?=~|$)|\](?=\()")
UNDERSCORES = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
IN_FRONT = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|>|\||=+(?=\s*$)|-{2,}(?=\s*$))")


def paragraphs(text: str) -> list[str]:
    """Plain text as paragraphs, one string each: hard-wrapped lines are joined, blank lines and list marks divide."""
    found: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        if not lines:
            continue
        wrapped = len(lines) > 1 and sum(len(line) for line in lines[:-1]) >= HARD * (len(lines) - 1)
        current = ""
        for line in lines:
            if current and wrapped and not BEGINS.match(line):
                current += " " + line
            else:
                found += [current] if current else []
                current = line
        found.append(current)
    return found


BEGINS = re.compile(r"(?:[-*•·–]\s|\(?[a-zA-Z0-9]{1,3}[.)]\s|#{1,6}\s|\d{1,3}(?:\.\d{1,3}){1,4}\.?\s)")
