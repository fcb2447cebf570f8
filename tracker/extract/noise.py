"""Parts of a page that are certainly not its text: each rule has a name, a reason and a test.

These hold inside a part that a selector chose, too. What only the place on the page tells (menus, footers) is known
to `content`. Rules for characters stand in `characters`, for link targets in `links`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from bs4.element import Tag

from tracker.extract.markdown import BLOCKS, HEADINGS
from tracker.extract.measure import Measure

SMALL = 40  # words
TERSE = 12  # words
PROBE_WORDS = 500
OVERLAY_WORDS = 60
HALF = 0.45  # share of the page
TABULAR = ["table", "tbody", "thead", "tr", "td", "th"]
MODULE = re.compile(r"^([A-Za-z][A-Za-z0-9-]*)_([A-Za-z][A-Za-z0-9-]*)__[\w-]{4,8}$")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Noise:
    """One kind of noise: how it is called, why it is noise, how it is known."""

    name: str
    reason: str
    holds: Callable[[Look], bool]


VENDOR = re.compile(
    r"^(?:onetrust-(?:consent-sdk|banner-sdk|pc-sdk|pc-btn-handler)|ot-sdk-btn(?:-floating)?|CybotCookiebotDialog\w*"
    r"|Cookiebot\w*|didomi-(?:host|popup|notice)|usercentrics-(?:root|cmp-ui)|uc-(?:banner|main)\S*|qc-cmp2?-\S+"
    r"|truste-consent\S*|trustarc\S*|consent_blackbar|sp_message_container\S*|axeptio\w*|tarteaucitron\w*|osano-cm-\S+"
    r"|termly-(?:code-snippet-support|consent\S*)|iubenda-cs-\S+|cookiefirst-root|klaro|BorlabsCookie\S*"
    r"|fc-consent-root|cmpbox\d?|cmpwrapper|ketch-\S+|transcend-\S+|hs-eu-cookie-confirmation\S*|moove_gdpr\S*"
    r"|cky-(?:consent|modal|overlay)\S*|shopify-pc__\S+|wt-cli-\S+|cmplz-\S+|real-cookie-banner|_?evidon\S*|snigel-\S+"
    r"|ncmp__\S*|silktide-\S+|adroll_consent\S*|cc-(?:window|nb-main-container))$",
    re.I,
)
CONSENT = re.compile(
    r"^(?:cookie-?law-(?:info|bar)\S*|cookies?-?(?:eu-?)?(?:consent|banner|notice|bar|popup|modal|overlay|dialog|prompt"
    r"|message|alert|disclaimer|preferences-modal|settings-modal)(?:-(?:banner|root|container|wrapper|modal|dialog))?"
    r"|cc-banner|gdpr-(?:banner|consent|cookie|modal)\S*|cookie_consent\S*"
    r"|consent-(?:banner|modal|dialog|manager|popup)|privacy-(?:banner|modal))$",
    re.I,
)
ANNOUNCER = re.compile(
    r"^(?:next-route-announcer|__next-route-announcer__|route-announcer|gatsby-announcer|a11y-announcer"
    r"|aria-live-region|live-region|announcer|tooltip(?:-\w+)?|toast(?:er|-container|s)?|toastify|nprogress)$",
    re.I,
)
_LIVE_ROLES = "status alert log timer tooltip progressbar"
LIVE_ROLES = frozenset(_LIVE_ROLES.split())
SKIP_LINK = re.compile(
    r"^(?:skip|jump|go|aller|passer|accéder|zum|direkt|saltar|ir|vai|pular|ga|naar|przejdź|hoppa|spring|hopp|pasar)\b"
    r".{0,30}\b(?:main|content|navigation|search|footer|contenu|inhalt|hauptinhalt|contenido|contenuto|conteúdo|inhoud"
    r"|treści|innehåll\w*|indhold|innhold\w*|principal\w*)$",
    re.I,
)
PROBE = re.compile(r"^[mwliMWLIQ0O@#&1fo]{6,20}$")  # widest and narrowest letters side by side
KEYS = re.compile(r"^(?:(?:⌘|⌥|⇧|⌃|ctrl|cmd|command|alt|option|shift|strg)\s?\+?\s?){1,2}[a-z0-9/]$", re.I)
UNSEEN = re.compile(
    r"(?:^|[-_])(?:sr-only|visually-?hidden|hidden-visually|screen-?reader(?:s|-text|-only)?|a11y-hidden|assistive-text)$"
)
OVERLAY = re.compile(
    r"^fixed$|(?:^|[-_])(?:modals?|pop-?ups?|overlay|lightbox|drawer|snackbars?|chat|chatbot)$"
    r"|^(?:modals?|pop-?ups?|lightbox|drawer|snackbars?|chat|chatbot)[-_]",
    re.I,
)
BOXES = frozenset({"div", "section", "aside", "dialog", "form", "ul"})
PAGER = re.compile(r"^(?:pagination|pager|bread-?crumbs?)(?:[-_]\w+)?$", re.I)
PROFILE = re.compile(
    r"^https?://(?:[\w-]{1,20}\.)?(?:linkedin\.com|twitter\.com|x\.com|facebook\.com|instagram\.com|github\.com)/", re.I
)
VOTE = re.compile(
    r"^(?:(?:was|did|is|were)\s(?:this|these|it|you)\b.{0,60}(?:help|useful|find|question)\w*.{0,40}\??"
    r"|(?:\d+|no one|\d+ out of \d+).{0,30}found this (?:helpful|useful).*"
    r"|(?:cet article|cette page|cela|ceci).{0,30}(?:utile|aidé).{0,40}|war (?:dieser|diese|das).{0,40}hilfreich.{0,40}"
    r"|¿.{0,40}(?:útil|ayudó).{0,20}|(?:questo|este|esta) .{0,30}(?:utile|útil).{0,20}|(?:was"
    r"|is) dit .{0,30}nuttig.{0,20})$",
    re.I,
)
UPDATED = (
    r"(?:last\s+)?(?:updated|edited|modified|published|posted|aktualisiert|bearbeitet|mise? à jour|modifié|actualizado"
    r"|aggiornato|atualizado)\s*:?\s*"
)
AGO = re.compile(
    rf"^(?:{UPDATED})?(?:over |about |almost |more than )?(?:an?|one|\d{{1,3}})\s"
    r"(?:second|minute|hour|day|week|month|year)s?\sago\.?$"
    rf"|^{UPDATED}(?:today|yesterday|just now|(?:this|(?:in |within )?(?:the )?last) (?:hour|day|week|month|year))\.?$"
    rf"|^(?:{UPDATED})?(?:il y a|vor|hace|há)\s.{{1,12}}\s"
    r"(?:secondes?|minutes?|heures?|jours?|semaines?|mois|ans?|sekunden?"
    r"|minuten?|stunden?|tag(?:en)?|wochen?|monat(?:en)?|jahr(?:en)?|segundos?|minutos?|horas?|d[íi]as?|semanas?|meses|mes|años?)$",
    re.I,
)


def names(tag: Tag) -> list[str]:
    """The id and the classes of an element; of those that a build tool decorated ("bar_cookieBar__x1Y2z") the parts."""
    classes = tag.get("class") or []
    found = [str(each)[:80] for each in (classes if isinstance(classes, list) else [classes])[:20]]
    parts = [part for name in found if "__" in name and (match := MODULE.match(name)) for part in match.groups()]
    return [str(tag.get("id") or "")[:80], *found, *parts]


class Look:
    """One element as the rules see it, each thing worked out once."""

    def __init__(self, tag: Tag, measure: Measure) -> None:
        self.tag, self.measure = tag, measure
        self.words = measure.words[id(tag)]
        self.names = [name for name in names(tag) if name]

    @cached_property
    def line(self) -> str:
        """The text of a small element that holds all words of its block, "" for others."""
        if self.words > SMALL or self.tag.name in ("td", "th"):
            return ""
        block = self.tag
        while block.name not in BLOCKS and block.parent is not None:
            block = block.parent
            if self.measure.words.get(id(block), 0) != self.words:
                return ""
        return " ".join(self.tag.get_text(" ").split())[:200]

    @property
    def share(self) -> float:
        """Its part of all words, 0 to 1."""
        return self.words / self.measure.words[id(self.measure.order[0])]

    def is_named(self, pattern: re.Pattern[str]) -> bool:
        """Whether the id or a class matches from its beginning."""
        return any(pattern.match(name) for name in self.names)


def _is_consent(look: Look) -> bool:
    return look.is_named(VENDOR) or (look.is_named(CONSENT) and look.share < HALF)  # a Cookie Notice may be the text


def _is_announcer(look: Look) -> bool:
    if ANNOUNCER.match(look.tag.name) or look.is_named(ANNOUNCER):
        return look.words <= SMALL
    live = str(look.tag.get("aria-live") or "").lower() in ("polite", "assertive") or look.tag.get("role") in LIVE_ROLES
    return live and look.words <= TERSE  # longer ones are notices that terms begin with


def _is_skip_link(look: Look) -> bool:
    if look.tag.name != "a" or look.words > 8 or not str(look.tag.get("href") or "").startswith("#"):
        return False
    return bool(SKIP_LINK.match(" ".join(look.tag.get_text(" ").split())[:60]))


def _is_probe(look: Look) -> bool:
    if not 2 < look.words <= PROBE_WORDS or look.tag.name in TABULAR:
        return False
    tokens = look.tag.get_text(" ").split()
    if len(tokens) < 3 or len(set(tokens)) > 12:
        return False
    if len(set(tokens)) == 1:
        return len(tokens) > 3 and len(tokens[0]) > 2 and look.tag.find(TABULAR) is None
    return all(PROBE.match(token) for token in set(tokens))


def _is_key_hint(look: Look) -> bool:
    return look.words <= 4 and bool(KEYS.match(look.line))


def _is_unseen(look: Look) -> bool:
    """Text for screen readers alone, unless it is, or holds, the page's title."""
    if look.words > SMALL or not any(UNSEEN.search(name) for name in look.names):
        return False
    return look.tag.name not in HEADINGS and look.tag.find("h1") is None


def _is_overlay(look: Look) -> bool:
    if look.tag.name not in BOXES or look.words > OVERLAY_WORDS:
        return False
    return any(OVERLAY.search(CAMEL.sub("-", name)) for name in look.names)


def _is_pager(look: Look) -> bool:
    return look.words <= SMALL and look.is_named(PAGER) and look.measure.density(look.tag) >= 0.5


def _is_credits(look: Look) -> bool:
    """A long list of people, each with a link to a profile: thanks to finders of faults."""
    if look.tag.name not in ("ul", "ol") or look.measure.density(look.tag) < 0.6:
        return False
    items = look.tag.find_all("li", recursive=False)
    people = [item for item in items if (link := item.find("a")) and PROFILE.match(str(link.get("href") or ""))]
    return len(people) >= 10 and len(people) >= 0.5 * len(items)


def _is_vote(look: Look) -> bool:
    return bool(VOTE.match(look.line))


def _is_relative_date(look: Look) -> bool:
    return len(look.line) < 60 and bool(AGO.match(look.line))


RULES = (
    Noise("consent", "cookie dialogs list vendors and change by place and visitor", _is_consent),
    Noise("announcer", "live regions speak of the page's own state to screen readers", _is_announcer),
    Noise("skip-link", "a keyboard hint, shown or not by chance", _is_skip_link),
    Noise("font-probe", "words set to measure fonts, never read", _is_probe),
    Noise("key-hint", "“Ctrl+K” or “⌘K”, by the visitor's system", _is_key_hint),
    Noise("screen-reader", "words for screen readers about the page's own parts", _is_unseen),
    Noise("overlay", "small windows over the page: chats, forms, messages", _is_overlay),
    Noise("pager", "the way to other pages", _is_pager),
    Noise("credits", "thanks to people, a list that grows by itself", _is_credits),
    Noise("vote", "“Was this helpful?” and its counter", _is_vote),
    Noise(
        "relative-date",
        "“updated 3 days ago” changes every day; the date stays elsewhere or nowhere",
        _is_relative_date,
    ),
)


def find(measure: Measure) -> list[tuple[Tag, str]]:
    """The outermost noisy elements of a measured tree (the root never), each with the name of its rule."""
    found: list[tuple[Tag, str]] = []
    inside: set[int] = set()
    for tag in measure.order[1:]:
        if id(tag.parent) in inside:
            inside.add(id(tag))
        elif measure.words.get(id(tag)):
            look = Look(tag, measure)
            if rule := next((rule for rule in RULES if rule.holds(look)), None):
                inside.add(id(tag))
                found.append((tag, rule.name))
    return found
