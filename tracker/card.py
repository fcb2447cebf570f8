"""The picture of a change that is shown where its address is shared: 1200×630 PNG, the same bytes for the same words.

Needs Pillow and the font Source Serif, which the extra `site` installs; without them there is no card.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from typing import Any

WIDTH, HEIGHT, MARGIN = 1200, 630, 72
PAPER, INK, SOFT, FLAG, LINE = "#fdfdfb", "#17181a", "#55575c", "#5b1a86", "#d8d6cf"
HEADLINE = ((58, 3), (50, 3), (43, 4), (36, 5), (30, 7))  # sizes, and how many lines each may take
QUOTE = (35, 31, 28)
PALETTE = 64  # colours of the picture: text needs few, and the file stays small


def available() -> bool:
    """Whether what draws cards is installed."""
    return all(find_spec(name) for name in ("PIL", "font_source_serif_pro"))


def draw(values: Mapping[str, Any]) -> bytes:
    """The card of a change, out of the values of its page, as PNG."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, 14), fill=FLAG if values["ai"] else INK)
    document = values["document"]
    y = _line(pen, f"{document['platform']} · {document['terms_type']}", 62, _font("Semibold", 30), SOFT)
    y = _lines(pen, values["headline"], y + 14, [(_font("Bold", size), count) for size, count in HEADLINE], INK)
    if values["quote"] and readable(values["quote"]["text"]):
        top, quote = y + 30, f"“{values['quote']['text']}”"
        sizes = [(_font("Regular", size), (HEIGHT - 110 - top) // int(size * 1.34)) for size in QUOTE]
        # A quote that has no room is left out: cut short it might say something else.
        if any(len(_wrapped(quote, font, WIDTH - 2 * MARGIN - 28)) <= count for font, count in sizes):
            y = _lines(pen, quote, top, sizes, INK, MARGIN + 28)
            pen.rectangle((MARGIN, top + 6, MARGIN + 5, y), fill=FLAG if values["ai"] else LINE)
    pen.line((MARGIN, HEIGHT - 84, WIDTH - MARGIN, HEIGHT - 84), fill=LINE, width=2)
    pen.text((MARGIN, HEIGHT - 64), values["seen"], font=_font("Regular", 25), fill=SOFT)
    name = "Terms change log"
    pen.text(
        (WIDTH - MARGIN - _font("Semibold", 25).getlength(name), HEIGHT - 64),
        name,
        font=_font("Semibold", 25),
        fill=INK,
    )
    body = BytesIO()
    image.quantize(PALETTE, dither=Image.Dither.NONE).save(body, "PNG", optimize=True)
    return body.getvalue()


@lru_cache
def _font(weight: str, size: int):
    import font_source_serif_pro as face
    from PIL import ImageFont

    path = getattr(face, f"SourceSerifPro{'' if weight == 'Regular' else weight}")
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache
def _missing() -> bytes:
    return bytes(_font("Regular", 24).getmask("\uffff"))


@lru_cache(maxsize=4096)
def _has(sign: str) -> bool:
    return sign.isspace() or bytes(_font("Regular", 24).getmask(sign)) != _missing()


def readable(text: str) -> bool:
    """Whether the font has every sign of a text: one in another script is left out rather than drawn as boxes."""
    return all(map(_has, set(text)))


def _line(pen: Any, text: str, y: int, font: Any, fill: str) -> int:
    [line] = _cut(_wrapped(text, font, WIDTH - 2 * MARGIN), 1, font, WIDTH - 2 * MARGIN)
    pen.text((MARGIN, y), line if readable(line) else "", font=font, fill=fill)
    return y + int(font.size * 1.3)


def _lines(pen: Any, text: str, y: int, sizes: Sequence[tuple[Any, int]], fill: str, x: int = MARGIN) -> int:
    """Sets a text in the largest size in which it has room, cut with an ellipsis in the last; gives where it ends."""
    room = WIDTH - MARGIN - x
    for font, count in sizes:
        lines = _wrapped(text, font, room)
        if len(lines) <= count:
            break
    for line in _cut(lines, max(1, count), font, room):
        pen.text((x, y), line, font=font, fill=fill)
        y += int(font.size * (1.34 if x > MARGIN else 1.18))
    return y


def _wrapped(text: str, font: Any, room: int) -> list[str]:
    lines: list[str] = [""]
    for word in _words(text, font, room):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line] or [""]


def _words(text: str, font: Any, room: int) -> Iterator[str]:
    """The words of a text; one that is wider than a line is broken."""
    for word in text[:2_000].split():
        while font.getlength(word) > room:
            size = next(n for n in range(len(word), 0, -1) if n == 1 or font.getlength(word[:n]) <= room)
            yield word[:size]
            word = word[size:]
        if word:
            yield word


def _cut(lines: Sequence[str], count: int, font: Any, room: int) -> list[str]:
    """At most so many lines; where some are left out, the last ends with an ellipsis."""
    if len(lines) <= count:
        return list(lines)
    last = lines[count - 1].split()
    while last and font.getlength(" ".join(last) + " …") > room:
        last.pop()
    return [*lines[: count - 1], " ".join(last) + " …"]
