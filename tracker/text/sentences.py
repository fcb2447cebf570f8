"""Where sentences end, and which of them go on below."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

LONGEST = 6000  # characters: a longer paragraph is divided into its sentences

_SENTENCE = re.compile(r"""[.!?][")”’»\]*_\\]*\s+(?=["(“‘«\[*_\\]*[^\Wa-z_])|[。！？；]+["”’」』）]*""")
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-Za-z]|e\.g|i\.e|no|nos|art|inc|ltd|co|corp|sec|vs|cf|etc|st|mr|ms|mrs|dr|abs|nr|bzw|p)|^\W*\d{1,3})$",
    re.I,
)
_GAP = re.compile(r"\s+")


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with the white space after it; joined they give the text back.

    >>> sentences("We keep it, e.g. Logs. You may ask. ")
    ['We keep it, e.g. Logs. ', 'You may ask. ']
    """
    found, start = [], 0
    for mark in _SENTENCE.finditer(text):
        if mark[0][0] == "." and _ABBREVIATED.search(text[max(start, mark.start() - 8) : mark.start()]):
            continue
        found.append(text[start : mark.end()])
        start = mark.end()
    return [*found, text[start:]] if start < len(text) else found


def portions(text: str) -> Iterator[str]:
    """A very long paragraph in sentences, and a very long sentence cut between words at places that depend on the
    words around them alone, so that an edit at the front does not shift all cuts behind it."""
    for sentence in sentences(text):
        start, end = 0, len(sentence)
        while end - start > LONGEST:
            cut = start + LONGEST
            for gap in _GAP.finditer(sentence, start + LONGEST // 4, start + LONGEST):
                cut = gap.end()
                before = sentence[max(start, gap.start() - 12) : gap.start()]
                if zlib.crc32(before.encode("utf-8", "replace")) % 32 == 0:
                    break
            yield sentence[start:cut]
            start = cut
        if start < end:
            yield sentence[start:]


def unfinished(text: str) -> str:
    """The sentence at the end of a text that governs a list below it, or "": it ends with a colon, a dash or no point.
    Without either it may be a title, so then it must be long and mostly in small letters.

    >>> unfinished("Be kind. You agree not to:")
    'You agree not to:'
    """
    if not text or text[-1] in '.!?。！？)”"' or len(text) < 3:
        return ""
    tail = sentences(text)[-1].strip()
    if text[-1] in ":：-–—;,":
        return tail
    words = tail.split()
    return tail if len(words) >= 5 and 2 * sum(word[0].islower() for word in words) >= len(words) else ""
