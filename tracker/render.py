"""Values to HTML: the Jinja environment, dates in words, marks in clauses, links that are safe to follow.

Everything is escaped, whatever the name of the template; a value that is missing is an error and not a blank.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from hashlib import sha256
from io import StringIO
from itertools import groupby
from posixpath import relpath
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from tracker.model import moment
from tracker.settings import bundled
from tracker.views import phrases, pictures

SAFE_SCHEMES = ("http", "https", "mailto")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'"
)
# The static search runs a compiled index in the reader's browser.
SEARCHING = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
SPACES = re.compile(rb"[ \t]*\n\s*\n")


def page(name: str, values: Mapping[str, Any], at: str, live: bool = False) -> bytes:
    """One page as UTF-8. `name` is the template's without suffix, `at` the address of the page from the root of the
    site ("change/…/", "" for the index): every link on it is made relative to that. `live` tells that a server
    answers: its addresses name folders, and its forms are answered."""
    link = linker(at, "" if live else "index.html")
    policy = SEARCHING if name == "search" and not live else POLICY
    html = environment().get_template(f"{name}.html").render(page=values, at=at, link=link, policy=policy, live=live)
    return _storable(html)


def fragment(name: str, values: Mapping[str, Any]) -> str:
    """A piece of HTML to stand in something else, such as an entry of a feed."""
    return _storable(environment().get_template(f"{name}.html").render(values)).decode("utf-8")


def alone(name: str, values: Mapping[str, Any]) -> bytes:
    """A page that is one file: its style inside, no site around it."""
    style = Markup(assets()["site.css"].decode("utf-8"))  # ours, and no template value goes into it
    return _storable(environment().get_template(f"{name}.html").render(page=values, style=style))


def twin(values: Mapping[str, Any]) -> bytes:
    """The same values as JSON, with stable keys."""
    return (json.dumps(values, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8", "backslashreplace")


def table(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows as CSV (RFC 4180) in UTF-8."""
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace")


def _storable(html: str) -> bytes:
    return SPACES.sub(b"\n", html.encode("utf-8", "replace"))


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The Jinja environment over the bundled templates."""
    made = Environment(
        loader=FileSystemLoader(bundled("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "moment": in_words,
        "day": day,
        "month": month,
        "month_short": lambda value: f"{date.fromisoformat(value[:7] + '-01'):%b %Y}",
        "clause": clause,
        "lang": language,
        "href": href,
        "size": size,
        "hash": short_hash,
        "pretty": lambda value: json.dumps(value, ensure_ascii=False, indent=1),
    }
    made.globals |= {
        "number": phrases.number,
        "outcome": lambda name: phrases.OUTCOMES.get(name, name),
        "strip": pictures.strip,
        "timeline": pictures.timeline,
        "assets": assets_version(),
    }
    return made


def assets() -> dict[str, bytes]:
    """The files that every page uses, by name."""
    folder = bundled("templates") / "assets"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def assets_version() -> str:
    """Changes when an asset does, so that no browser shows a new page in an old dress."""
    return sha256(b"".join(assets().values())).hexdigest()[:8]


# ---- links -------------------------------------------------------------------------------------------------------


def linker(at: str, index: str = "index.html"):
    """A function that makes addresses from the root of the site relative to a page, so that a site works from any
    folder, also as files; `index` is what the address of a folder ends with."""

    def link(target: str) -> str:
        path, sign, fragment = target.partition("#")
        if path == "" or path.endswith("/"):
            relative = f"{relpath(path or '.', at or '.')}/{index}".removeprefix("./" if index else "")
        else:
            relative = relpath(path, at or ".")
        return quote(relative, safe="/.-_~") + (sign + quote(fragment, safe="-_.~") if sign else "")

    return link


def href(url: str) -> str | None:
    """An address from outside that is safe as a link, None where it is not: http, https or mailto, nothing else."""
    text = url.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme.lower() not in SAFE_SCHEMES or any(ord(sign) < 33 for sign in text) or "\\" in text:
        return None
    if parts.scheme.lower() != "mailto" and not parts.netloc:
        return None
    return quote(text.encode("utf-8", "replace"), safe="%/:=&?~#+!$,;'@()*[]-._") if not text.isascii() else text


def language(code: str | None) -> Markup:
    """The `lang` and `dir` attributes of a quote, for a language that a page named."""
    found = f' lang="{code}"' if code and LANGUAGE.fullmatch(code) else ""
    return Markup(f'{found} dir="auto"')


# ---- words and marks ---------------------------------------------------------------------------------------------


def clause(pieces: Iterable[Mapping[str, Any]]) -> Markup:
    """The pieces of a clause as HTML: `<ins>`, `<del>`, `<mark>`, bold, emphasis and links; all text escaped."""
    stretches = []
    for op, found in groupby(pieces, key=lambda piece: piece.get("op", "")):
        html = Markup("").join(map(_piece, found))
        tag = {"+": "ins", "-": "del"}.get(op)
        stretches.append(Markup(f"<{tag}>{{}}</{tag}>").format(html) if tag else html)
    return Markup("").join(stretches)


def _piece(piece: Mapping[str, Any]) -> Markup:
    html = escape(piece["text"])
    for name, tag in (("mark", "mark"), ("emphasis", "em"), ("strong", "strong")):
        if piece.get(name):
            html = Markup(f"<{tag}>{{}}</{tag}>").format(html)
    target = href(piece.get("link", ""))
    return Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(target, html) if target else html


def in_words(stamp: str | None, seconds: bool = False) -> str:
    """A moment in words: "11 Feb 2024 06:02 UTC"."""
    if not stamp:
        return "not known"
    at = moment(stamp)
    return f"{at:%-d %b %Y %H:%M:%S} UTC" if seconds else f"{at:%-d %b %Y %H:%M} UTC"


def day(stamp: str | None) -> str:
    """A day in words: "11 Feb 2024"; also of a moment."""
    return f"{date.fromisoformat(stamp[:10]):%-d %b %Y}" if stamp else "not stated"


def month(value: str) -> str:
    """A month in words, of a month, a day or a moment: "February 2024"."""
    return f"{date.fromisoformat(value[:7] + '-01'):%B %Y}"


def size(count: int) -> str:
    """A number of bytes in words."""
    return f"{count:,} bytes" if count < 10_000 else f"{count / 1024:,.0f} KiB"


def short_hash(digest: str) -> str:
    """The beginning of a hash, for a line of text; the whole stands in the proof."""
    return f"{digest[:12]}…"
