"""What a page is, for somebody who has only its address: platform, kind of document, language, date, selector."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from bs4.element import Tag

from tracker.extract import content, dates, language, pdf
from tracker.extract.characters import clean
from tracker.extract.decode import decode, kind
from tracker.extract.language import words
from tracker.extract.markdown import convert
from tracker.extract.numbering import has_label
from tracker.extract.parse import Parsed, parse
from tracker.model import Page

# Open Terms Archive's names of the kinds of documents, with what titles and addresses call them; first match wins.
TERMS_TYPES = (
    (
        "Cookies Policy",
        r"cookies?|traceurs?|trackers? policy",
    ),
    (
        "AI Policy",
        r"(?:generative |responsible )?(?:ai|a\.i\.|artificial intelligence) (?:policy|terms|principles"
        r"|guidelines|addendum)|ki-richtlinie|politique (?:d['’])?ia",
    ),
    (
        "Data Processing Agreement",
        r"data processing|data protection addendum|\bdpa\b|auftragsverarbeitung|sous-traitance",
    ),
    (
        "Copyright Claims Policy",
        r"copyright|dmca|intellectual property|urheberrecht|droit d['’]auteur",
    ),
    (
        "Acceptable Use Policy",
        r"acceptable use|usage polic|prohibited uses?|use policy|utilisation acceptable",
    ),
    (
        "Community Guidelines",
        r"community (?:guidelines|standards|rules|policy|code)|code of conduct|house rules|verhaltensregeln"
        r"|règles de la communauté|normas de la comunidad",
    ),
    (
        "Developer Terms",
        r"developers? (?:terms|agreement|policy)|\bapi (?:terms|agreement|license)",
    ),
    (
        "Seller Warranty",
        r"seller warranty",
    ),
    (
        "Commercial Terms",
        r"commercial terms|business terms|enterprise (?:terms|agreement)|services agreement|merchant"
        r"|customer (?:terms|agreement)|\bagb\b|conditions générales de vente",
    ),
    (
        "Imprint",
        r"imprint|impressum|mentions légales|legal notice|aviso legal|note legali|colofon",
    ),
    (
        "Privacy Policy",
        r"privacy|données personnelles|confidentialité|vie privée|datenschutz|protección de datos|privacidad"
        r"|informativa|privacidade|prywatności|integritet|personvern|privatliv|data policy|données"
        r"|конфиденциальност|隐私|プライバシー|개인정보|gizlilik|ochrana osobních|politique de protection",
    ),
    (
        "Terms of Service",
        r"terms|conditions|nutzungsbedingungen|agb|cgu|términos|condiciones|condizioni|termini|termos"
        r"|condições|voorwaarden|regulamin|villkor|vilkår|eula|user agreement|geschäftsbedingungen|условия"
        r"|соглашение|协议|条款|規約|약관|şartları|koşulları|podmínky|\btos\b|legal",
    ),
)
KINDS = tuple((name, re.compile(pattern, re.I)) for name, pattern in TERMS_TYPES)
_PARTS = (
    "www help support legal policies policy docs about terms privacy en fr de es it nl m app learn corp company trust"
)
MACHINE = re.compile(r"^[a-z0-9]+(?:[-_.][a-z0-9]+)+$")  # a name for programs: "web-front"
TITLE = re.compile(
    r"(?:policy|policies|terms|terms of (?:service|use)|agreement|guidelines|notice|addendum|imprint)$", re.I
)
ENOUGH = 0.98  # share of the words found that a selector must keep
PARTS = frozenset(_PARTS.split())
_SECOND_LEVEL = "co com org net gov ac edu gouv"
SECOND_LEVEL = frozenset(_SECOND_LEVEL.split())
STABLE = re.compile(r"^[A-Za-z][A-Za-z-]{1,40}(?:__?[A-Za-z][A-Za-z-]{1,40})?$")
LAYOUT = re.compile(
    (
        r"^(?:col|row|flex|grid|container|wrapper|inner|outer|w|h|m|p|mx|my|px|py|mt|mb|pt|pb|text|font|bg|border|max"
        r"|min|md|lg|sm|xl|is|has|js|css|sc|block|relative|absolute|hidden|visible|active|open|css|elementor|wp|et|gap"
        r"|space|items|justify|self|order|z|overflow|rounded|shadow)(?:-|_|$)"
    ),
    re.I,
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A guess at a declaration, for a person to confirm. Empty strings and None say that it could not be told."""

    platform: str = ""
    terms_type: str = ""
    title: str = ""
    language: str | None = None
    stated_date: date | None = None
    effective_date: date | None = None
    select: str | None = None  # a CSS selector of exactly the part found, where a lasting one exists
    confidence: float = 0.0
    kept_words: int = 0
    documents: tuple[str, ...] = ()  # titles, where the page seems to hold several documents: choose one by a selector
    kept: str = ""  # the first words kept
    dropped: tuple[str, ...] = ()  # for each part left out: its words and how it begins


def propose(page: Page) -> Proposal:
    """What can be told from a page alone. Never raises; a page without text gives an empty proposal."""
    sort = kind(page.body, page.content_type)
    if sort == "pdf":
        found = pdf.read(page.body)
        return _proposal(page.url, found.text, found.title, "", "", 0.9)
    if sort == "plain":
        text = clean(decode(page.body, page.content_type), keep_lines=True)
        return _proposal(page.url, text, text.strip()[:100].partition("\n")[0], "", "", 0.8)
    if sort != "html":
        return Proposal(platform=platform_of(page.url))
    parsed = parse(decode(page.body, page.content_type), page.url)
    root = parsed.soup.body or parsed.soup
    found = content.find(root)
    text = convert([root], parsed.base, found.skip)
    guess = _proposal(page.url, text, parsed.title, _site_name(parsed), parsed.language, found.confidence)
    return replace(guess, select=_selector(parsed, found, text), dropped=_summaries(found))


def _proposal(url: str, text: str, page_title: str, site: str, hint: str, confidence: float) -> Proposal:
    count = words(text)
    title = _heading(text) or page_title
    several = _documents(text)
    tongue = language.detect(text, hint)
    return Proposal(
        platform=site or platform_of(url),
        terms_type=_terms_type(title, page_title, url, text),
        title=title,
        language=tongue,
        stated_date=dates.stated(text, tongue),
        effective_date=dates.effective(text, tongue),
        confidence=0.0 if count < 60 else round(confidence * (0.6 if several else 1.0), 2),
        documents=several,
        kept_words=count,
        kept=" ".join(text[:400].split()),
    )


def _heading(text: str) -> str:
    match = re.search(r"^#{1,2} (.{1,200})$", text[:3000], re.M)
    return match.group(1).strip() if match else ""


def _documents(text: str) -> tuple[str, ...]:
    """The titles of the documents on a page that holds at least three of different kinds, else nothing."""
    titles: dict[str, str] = {}
    for match in re.finditer(r"^#{1,2} (.{1,60})$", text, re.M):
        title = match.group(1).strip()
        kind = next((name for name, pattern in KINDS if pattern.search(title)), "")
        if kind and TITLE.search(title) and len(title.split()) <= 6 and not has_label(title):
            titles.setdefault(kind, title)
    return tuple(titles.values()) if len(titles) >= 3 else ()


def _terms_type(title: str, page_title: str, url: str, text: str) -> str:
    """By the heading, else the page's title, else the address, else the first lines."""
    return terms_type_of(title, page_title, spoken_path(url), text[:300])


def terms_type_of(*places: str) -> str:
    """The kind of document that the first of these texts names, in Open Terms Archive's words; "" where none does."""
    return next((name for place in places for name, pattern in KINDS if pattern.search(place)), "")


def spoken_path(url: str) -> str:
    """The path of an address as words."""
    return re.sub(r"[-_/.]+", " ", urlsplit(url).path)


def _site_name(parsed: Parsed) -> str:
    """What the site calls itself, in the metadata made for sharing."""
    for attributes in (
        {"property": "og:site_name"},
        {"name": "application-name"},
        {"name": "apple-mobile-web-app-title"},
    ):
        tag = parsed.soup.find("meta", attrs=attributes)
        name = clean(str(tag.get("content") or "")).strip() if isinstance(tag, Tag) else ""
        if name and len(name) <= 40 and not MACHINE.match(name):
            return re.split(r"\s[|–—-]\s", name)[0].removeprefix("www.").removesuffix(".com")
    return ""


def platform_of(url: str) -> str:
    """The name in a host name: "help.example.co.uk" is "Example"."""
    labels = (urlsplit(url).hostname or "").split(".")
    if len(labels) > 1 and not labels[-1].isdigit():
        labels = labels[:-1]
        if len(labels) > 1 and labels[-1] in SECOND_LEVEL:
            labels = labels[:-1]
    named = [label for label in labels if label not in PARTS]
    name = (named or labels or [""])[-1]
    return name[:1].upper() + name[1:]


def _summaries(found: content.Found) -> tuple[str, ...]:
    lines = []
    for tag, why in found.dropped:
        piece = " ".join(tag.get_text(" ").split())
        if piece:
            lines.append(f"{why}, {words(piece)} words: {piece[:70].strip()}")
    return tuple(lines[:40])


# ---- a selector -------------------------------------------------------------------------------------------------


def _selector(parsed: Parsed, found: content.Found, text: str) -> str | None:
    """The shortest lasting selector whose only match holds the text with its title, from the inside outwards."""
    count, title = words(text), _heading(text)
    node: Tag | None = found.node
    while isinstance(node, Tag) and node.name not in ("body", "html", "[document]"):
        inside = convert([node], "", found.skip)
        if count and words(inside) >= ENOUGH * count and _heading(inside) == title:
            for candidate in _candidates(node):
                matches = parsed.soup.select(candidate, limit=2)
                if len(matches) == 1 and matches[0] is node:
                    return candidate
        node = node.parent
    return None


def _candidates(node: Tag) -> list[str]:
    """Ways to name an element that are likely to outlive a redesign of its looks."""
    found = [node.name] if node.name in ("main", "article") else []
    identity = str(node.get("id") or "")
    if _is_lasting(identity):
        found.append(f"#{identity}")
    if node.get("role") == "main":
        found.append("[role=main]")
    return found + [f".{name}" for name in node.get("class") or [] if _is_lasting(name)]


def _is_lasting(name: str) -> bool:
    """Whether an id or class was named by a person for what it holds, and not by a tool or for its looks."""
    if not STABLE.match(name) or LAYOUT.match(name):
        return False
    for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name):
        vowels = sum(letter in "aeiouyAEIOUY" for letter in word)
        if len(word) > 3 and not 0.2 <= vowels / len(word) <= 0.8:
            return False
    return max(map(len, re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name))) > 3
