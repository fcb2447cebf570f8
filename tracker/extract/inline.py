"""One line of a page as Markdown: from marks collected on the way to emphasis and links."""

from __future__ import annotations

import re

# Marks inside a line while it is collected: characters that cleaned text never holds.
B1, B0, I1, I0, L1, LM, L0, BREAK = "\x01", "\x02", "\x03", "\x04", "\x05", "\x06", "\x07", "\x0b"
BRACKETS = re.compile(r"(?<!\\)\]\(")  # written as two pieces, and no link
TAIL = 60  # characters at the end of a line, marks among them, that tell whether its thought is finished
FINISHED = re.compile(r"[.:;!?。；：！？]\W{0,6}$")


def lines(raw: str) -> list[str]:
    """The lines of a paragraph that was broken: those that end a thought or begin one; else they are one line."""
    lines: list[list[str]] = []
    tail = ""
    double = False
    for piece in raw.split(BREAK):
        if not piece.strip(f" {B1}{B0}{I1}{I0}"):
            double = True
            continue
        if lines and not double and _runs_on(tail, piece):
            lines[-1].append(piece)
            tail = f"{tail} {piece[-TAIL:]}"[-TAIL:]
        else:
            lines.append([piece])
            tail = piece[-TAIL:]
        double = False
    return [" ".join(line) for line in lines]


def _runs_on(before: str, after: str) -> bool:
    """Whether a line break is only layout: the thought before is unfinished and the next line goes on in lower case."""
    start = after.lstrip(f" {I1}{B1}{L1}")[:1]
    return start.islower() and not FINISHED.search(before.rstrip(f" {B0}{I0}{L0}"))


def finished(raw: str) -> str:
    """Marks to Markdown: neighbours joined, white space outside, empty ones gone. Linear in the length."""
    text = re.sub(r"\s+", " ", raw).strip()
    for opening, closing, mark in ((B1, B0, "**"), (I1, I0, "*")):
        if opening in text:
            text = re.sub(f"{closing}([ {I1}{I0}]?[ {I1}{I0}]?){opening}", r"\1", text)
            text = re.sub(f"{opening}( ?)", rf"\1{opening}", text)
            text = re.sub(f"( ?){closing}", rf"{closing}\1", text)
            text = text.replace(f"{opening}{closing}", "")
            text = text.replace(opening, mark).replace(closing, mark)
    text = text.replace("~~~~", "").replace("~~ ~~", " ")  # of what was struck out in two pieces
    text = BRACKETS.sub(r"\\](", text)
    if LM in text:
        text = _links(text)
    return re.sub(r" +", " ", text).strip()


def _links(text: str) -> str:
    pieces: list[str] = []
    for part in re.split(f"({L1}[^{L1}{LM}{L0}]*{LM}[^{L1}{LM}{L0}]*{L0})", text):
        if part.startswith(L1):
            words, _, url = part[1:-1].partition(LM)
            inner = words.strip()
            bare = inner.strip("*")
            if bare:
                words = words.replace("[", "(").replace("]", ")") if "[" in words or "]" in words else words
                left = " " if words.startswith(" ") else ""
                right = " " if words.endswith(" ") else ""
                part = f"{left}[{words.strip()}]({url}){right}"
            else:
                part = " "
        elif part.endswith("!"):
            part = f"{part[:-1]}\\!"  # no image follows
        pieces.append(part)
    return re.sub(f"[{L1}{L0}]|{LM}", "", "".join(pieces))
