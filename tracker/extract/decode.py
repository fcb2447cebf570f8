"""Bytes to characters: what kind of thing a body is, and which text it holds, whatever its labels say."""

from __future__ import annotations

import codecs
import json
import re

MAXIMUM = 10_000_000  # bytes read of a page; real legal pages stay below 2.2 MB
MOST_TAGS = 150_000  # "<" in a page that is read as a tree; real legal pages have under 40,000

SIGNATURES = (
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"\x00\x00\x01\x00", "image"),
    (b"PK\x03\x04", "binary"),
    (b"\x1f\x8b", "binary"),
    (b"\xd0\xcf\x11\xe0", "binary"),
    (b"\x28\xb5\x2f\xfd", "binary"),
    (b"BZh", "binary"),
    (b"\xfd7zXZ", "binary"),
    (b"wOF", "binary"),
    (b"\x7fELF", "binary"),
)
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What browsers do with these labels (WHATWG Encoding Standard): the superset that people really wrote.
SUPERSETS = {
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-16-le",
}
_CHARSETS = "cp iso latin ascii gb big5 euc koi8 mac- shift johab hz tis kz utf"
CHARSETS = tuple(_CHARSETS.split())
CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w:.-]{1,40})", re.I)
META = re.compile(rb"<meta[^<>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w:.-]{1,40})", re.I)
XML = re.compile(rb"^\s{0,99}<\?xml[^<>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w:.-]{1,40})", re.I)
TAG = re.compile(r"<(?:!doctype|html|head|body|div|p|h[1-6]|br|span|table|ul|ol|a|title|meta|script|section)\b", re.I)
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def kind(body: bytes, content_type: str = "") -> str:
    """What the bytes are: "html", "pdf", "plain", "json", "xml", "image", "binary" or "empty".

    The bytes decide, not the label: servers call PDF files text/html and the other way round.
    """
    if not body.strip(b"\x00 \t\r\n\x0c\xef\xbb\xbf"):
        return "empty"
    if b"%PDF-" in body[:1024]:
        return "pdf"
    for signature, name in SIGNATURES:
        if body.startswith(signature):
            return name
    if body[:4] == b"RIFF" or body[4:8] == b"ftyp" or content_type.lower().startswith(("image/", "audio/", "video/")):
        return "html" if TAG.search(decode(body[:4096], content_type)) else "image"
    if _is_binary(body):
        return "binary"
    return _kind_of_text(decode(body[:200_000], content_type), body, content_type)


def _is_binary(body: bytes) -> bool:
    """Many control characters in bytes that are no UTF-16: a compressed or encrypted body, a font, a program."""
    head = body[:8192]
    if _mark(head) or _wide(head):
        return False
    return len(CONTROL.findall(head)) > max(len(head) // 50, 3)


def _kind_of_text(text: str, body: bytes, content_type: str) -> str:
    start = text[:2000].lstrip("\ufeff \t\r\n").lower()
    if start.startswith("<svg"):
        return "image"
    if TAG.search(text):
        if start.startswith("<?xml") and "<html" not in start and "html" not in content_type.lower():
            return "xml"
        return "html"
    if start.startswith(("{", "[")) and ("json" in content_type.lower() or _is_json(body)):
        return "json"
    if start.startswith("<?xml") or (start.startswith("<") and "xml" in content_type.lower()):
        return "xml"
    return "html" if start.startswith("<") or "html" in content_type.lower() and "<" in text else "plain"


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body[:MAXIMUM])
    except (ValueError, RecursionError):
        return False
    return True


def decode(body: bytes, content_type: str = "") -> str:
    """The text of the bytes, at most `MAXIMUM` of them, without NUL characters; never raises.

    In order: byte order mark; valid UTF-8; the charset of the header, then of the document, read as browsers do;
    UTF-8 with a few bad bytes; Windows-1252. No guessing by frequency: a guess may flip between two fetches.
    """
    body = body[:MAXIMUM]
    mark = _mark(body) or _wide(body)
    if mark:
        return _clean(body.decode(mark, "replace"))
    labels = _labels(body, content_type)
    if "iso2022_jp" in labels and b"\x1b$" in body:
        return _clean(body.decode("iso2022_jp", "replace"))
    text = body.decode("utf-8", "replace")
    errors = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    if errors <= 1 and (errors == 0 or text.endswith("\ufffd")):  # one at the very end: the body was cut there
        return _clean(text)
    for label in labels:
        if label.startswith("utf"):
            continue
        if (other := body.decode(label, "replace")).count("\ufffd") < errors:
            return _clean(other)
    return _clean(text if errors * 500 < len(body) else body.decode("cp1252", "replace"))


def _mark(body: bytes) -> str:
    return next((name for mark, name in MARKS if body.startswith(mark)), "")


def _wide(body: bytes) -> str:
    """UTF-16 without a byte order mark: nearly every second byte is NUL."""
    head = body[:400]
    half = len(head) // 2
    if half < 4:
        return ""
    if head[1::2].count(0) > half * 0.7 and head[::2].count(0) < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if head[::2].count(0) > half * 0.7 and head[1::2].count(0) < half * 0.1 else ""


def _labels(body: bytes, content_type: str) -> list[str]:
    """The charsets that the header and the document name, as Python calls them, as browsers read them."""
    found = [match.group(1) for match in [CHARSET.search(content_type[:1000])] if match]
    for pattern in (META, XML):
        if match := pattern.search(body[:8192]):
            found.append(match.group(1).decode("ascii", "ignore"))
    names = []
    for label in found:
        try:
            name = codecs.lookup(label).name
        except (LookupError, ValueError, TypeError):
            continue
        if name.startswith(CHARSETS):  # others are transformations that only call themselves codecs
            names.append(SUPERSETS.get(name, name))
    return names


def _clean(text: str) -> str:
    return text.replace("\x00", "").lstrip("\ufeff")
