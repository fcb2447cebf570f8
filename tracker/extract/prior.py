"""Links to a document's former texts that its publisher hosts itself. Pure."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urldefrag, urlsplit

from tracker.extract import dates, links
from tracker.extract.characters import clean
from tracker.extract.decode import decode, kind
from tracker.extract.parse import parse
from tracker.extract.proposal import platform_of
from tracker.extract.relatives import same_page
from tracker.model import Page, PriorVersion

MOST = 100
WORDS = re.compile(
    r"\b(?:previous|prior|past|earlier|former|older?|archived?|historic(?:al)?|superseded|outdated)\b.{0,40}"
    r"\b(?:versions?|terms|polic(?:y|ies)|notices?|agreements?|statements?|editions?|revisions?)\b"
    r"|\b(?:versions?|terms|polic(?:y|ies)|notices?)\b.{0,20}\b(?:archives?|history)\b"
    r"|\bversion history\b|\brevision history\b"
    r"|\b(?:ancienne|précédente|antérieure)s? versions?|versions? (?:antérieure|précédente|archivée|ancienne)s?"
    r"|(?:frühere|vorherige|ältere|bisherige|alte)\w* (?:version|fassung|stand)\w*|archivierte \w+"
    r"|versi(?:ón|ones) (?:anterior|previa|antigua)\w*|versões? anterior\w*|version[ei] precedent[ei]"
    r"|(?:vorige|eerdere|oude) versies?|poprzedni\w* wersj\w*|tidigare version\w*|tidligere version\w*"
    r"|以前的?版本|旧版|過去の",
    re.I,
)
# What an address says of a former text: /terms/02-2024, /legal/archive/2023-06-01, /terms-of-service-20240212
DATED = re.compile(
    r"(?:^|[-_/.])(?:(20\d\d)[-_/]?(0[1-9]|1[0-2])(?:[-_/]?([0-2]\d|3[01]))?|(0[1-9]|1[0-2])[-_](20\d\d))(?=$|[-_/.])"
)


def find(page: Page, dated: bool = False) -> tuple[PriorVersion, ...]:
    """The links of a page that say they lead to a former text, each with the date that link or address names.

    With `dated` every dated link of the same platform counts: for pages that list former texts. Never raises.
    """
    if kind(page.body, page.content_type) != "html":
        return ()
    parsed = parse(decode(page.body, page.content_type), page.url)
    here, found = platform_of(page.url), dict[str, PriorVersion]()
    for anchor in parsed.soup.find_all("a", href=True):
        # As the page has it: an address without what looks like noise may be another one.
        url = urldefrag(links.target(str(anchor["href"]), parsed.base))[0]
        if "…" in url or urlsplit(url).scheme not in ("http", "https") or platform_of(url) != here:
            continue
        text = " ".join(clean(anchor.get_text(" ")).split())[:200]
        stated = _date(text, url)
        wanted = WORDS.search(text) or (dated and stated)
        if wanted and same_page(url) != same_page(page.url) and len(found) < MOST:
            found.setdefault(url, PriorVersion(url, stated))
    return tuple(found.values())


def _date(text: str, url: str) -> date | None:
    """The date that a link names, in its words, else in its address."""
    named = dates.find(text)
    if named:
        return named
    match = DATED.search(urlsplit(url).path)
    if not match:
        return None
    year, month, day = (match[1], match[2], match[3] or 1) if match[1] else (match[5], match[4], 1)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
