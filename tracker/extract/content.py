"""The legal text of a page that nobody wrote a selector for.

Legal pages are mostly text, so the work is pruning: menus, footers, dialogs go; then the way down from the body to
the element that holds nearly all prose is followed, and beside that way only what is clearly not text is dropped.
A dropped clause is a change that nobody will see, so doubt keeps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bs4.element import Tag

from tracker.extract import noise
from tracker.extract.measure import Measure, measure
from tracker.extract.telling import part_tells

MOST_PRUNED = 0.45  # share of the words outside links that one pruned part may have
RELATED_WORDS = 80
CHAIN = 0.9  # share of the prose that an element must hold to be followed
COPY_WORDS = 60  # a part that repeats another of at least so many words …
COPY_SHARE = 0.2  # … and at least this share of the page is a second copy; shorter ones are repeated clauses

STRUCTURE = frozenset({"nav", "footer", "aside", "dialog"})
_ROLES = "navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar"
ROLES = frozenset(_ROLES.split())
STRUCTURAL = (
    r"nav(?:bar|igation)?|menu|footer|side-?bar|breadcrumbs?|topbar|toolbar|masthead|drawer|hamburger|pagination|pager"
)
HINT = re.compile(
    rf"(?:^|[-_])(?:{STRUCTURAL}|cookies?|consent|share|sharing|social|newsletter|subscribe|related|promo|popup|modal|toast"
    r"|skip|lang(?:uage)?s?|locale|search|log-?in|sign-?(?:in|up)|cta|feedback|helpful|rating|advert|ads?|toc)(?:$|[-_])",
    re.I,
)
PLACE = re.compile(rf"(?:^|[-_])(?:{STRUCTURAL})(?:$|[-_])", re.I)  # in an id, which also names sections of the text
RELATED = re.compile(
    r"^(?:related (?:articles|content|links|topics|resources|pages|posts)|recently viewed.*|articles? (?:associés?"
    r"|connexes)"
    r"|(?:verwandte|ähnliche) (?:artikel|beiträge|themen)|artículos relacionados|articoli correlati"
    r"|artigos relacionados"
    r"|gerelateerde artikelen|you (?:may|might) also like|more (?:articles|resources)|share this.{0,20}"
    r"|(?:still have|have more) questions\?.{0,40}|need more help\?|return to top|back to top|promoted articles"
    r"|see also|in this (?:article|section)|on this page)$",
    re.I,
)
DATE = re.compile(r"\d{4}|\d{1,2}[./-]\d{1,2}")
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
CLAUSES = [*HEADINGS, "p", "li", "dt", "dd", "blockquote", "pre"]  # elements that clauses are written in
PEERS = frozenset({*CLAUSES, "ul", "ol", "dl"})  # what stands beside one of these stands inside the text
SENTENCE = re.compile(r"\w[^\w\s]{0,3}[.!?:;。！？：；][^\w\s]{0,3}$")  # how a text ends that says something
SMALL_PAGE = 200  # words; where a page says so little, few words are no reason to drop a part


@dataclass(frozen=True, slots=True)
class Found:
    """Where the text is: everything under `root` but the dropped elements; `node` holds nearly all of it."""

    root: Tag
    node: Tag
    dropped: tuple[tuple[Tag, str], ...]  # (element, why: the name of a rule)
    words: float  # kept
    confidence: float

    @property
    def skip(self) -> frozenset[int]:
        """The dropped elements by their `id()`, as `markdown.convert` takes them."""
        return frozenset(id(tag) for tag, _ in self.dropped)


def find(root: Tag) -> Found:
    """The main content under `root` (the body of a page). Linear in the elements; nothing is changed."""
    whole = measure(root)
    dropped = _silent(noise.find(whole))
    dropped += _chrome(whole, {id(tag) for tag, _ in dropped})
    dropped += _copies(whole, {id(tag) for tag, _ in dropped})
    rest = whole.without({id(tag) for tag, _ in dropped})
    node, beside = _descend(root, rest, {id(tag) for tag, _ in dropped})
    beside = _silent(beside)
    dropped += beside
    final = rest.without({id(tag) for tag, _ in beside})
    words = final.words.get(id(root), 0.0)
    return Found(root, node, tuple(dropped), words, _confidence(final, root, node))


# ---- what the page puts around its text ---------------------------------------------------------------------------


def _chrome(whole: Measure, gone: set[int]) -> list[tuple[Tag, str]]:
    """Menus, footers, dialogs and the like, outermost first."""
    total = _unlinked(whole, whole.order[0])
    sacred = _ancestors(whole, ("main", "article"))
    titles = _ancestors(whole, ("h1",))
    inside = set(gone)
    found: list[tuple[Tag, str]] = []
    for tag in whole.order[1:]:
        if id(tag.parent) in inside or id(tag) in inside:
            inside.add(id(tag))
            continue
        why = _why(tag, whole, id(tag) in titles)
        if why and id(tag) not in sacred and _unlinked(whole, tag) <= MOST_PRUNED * total:
            inside.add(id(tag))
            found.append((tag, why))
    return _silent(found)


def _silent(dropped: list[tuple[Tag, str]]) -> list[tuple[Tag, str]]:
    """The dropped parts without those that say what nobody may overlook."""
    return [(tag, why) for tag, why in dropped if why == "copy" or not part_tells(tag)]


def _why(tag: Tag, whole: Measure, has_title: bool) -> str:
    """Why an element is chrome, "" where it is not."""
    words, density = whole.words.get(id(tag), 0.0), whole.density(tag)
    if words == 0 or tag.name in ("h1", "html", "body"):
        return ""
    role = str(tag.get("role") or "").lower()
    if tag.name in STRUCTURE or role in ROLES or tag.get("aria-modal") == "true":
        keeps = (has_title and (density < 0.5 or role == "dialog")) or (density < 0.3 and _is_beside_note(tag, words))
        return "" if keeps else "landmark"
    if tag.name == "header" and (density >= 0.5 or (not has_title and words < 60 and not _is_sectional(tag))):
        return "landmark"
    if has_title:
        return ""
    if tag.name in noise.BOXES and _is_hinted(tag) and (density >= 0.5 or (words <= 20 and _is_control(tag))):
        return "hint"
    return "related" if words <= RELATED_WORDS and _is_related(tag, words, density) else ""


def _is_hinted(tag: Tag) -> bool:
    """Whether the id or a class says that an element is no text."""
    identity, *classes = (noise.CAMEL.sub("-", name) for name in noise.names(tag))
    return bool(PLACE.search(identity)) or any(HINT.search(name) for name in classes)


def _is_beside_note(tag: Tag, words: float) -> bool:
    """Whether an aside or footer belongs to the text: prose inside the article (a summary, a date, a signature)."""
    if tag.name not in ("aside", "footer") or words < noise.TERSE and not DATE.search(tag.get_text()[:500]):
        return False
    return any(parent.name in ("article", "section") for parent in tag.parents)


def _is_control(tag: Tag) -> bool:
    """Whether a small element is there to be pressed: a button, and no heading."""
    return tag.find("button") is not None and tag.find(HEADINGS) is None


def _is_sectional(tag: Tag) -> bool:
    """Whether a header belongs to a section or article and not to the page."""
    return any(parent.name in ("article", "section", "main") for parent in tag.parents)


def _is_related(tag: Tag, words: float, density: float) -> bool:
    """Whether an element is “Related articles” or the like: the heading alone, or a box of links under it."""
    if tag.name in noise.BOXES and density >= 0.4:
        return bool(RELATED.match(next(tag.stripped_strings, "")[:60]))
    if words > noise.TERSE or tag.name not in (*HEADINGS, "p", "div", "span", "strong", "button", "summary"):
        return False
    return bool(RELATED.match(" ".join(tag.get_text(" ").split())[:60]))


def _ancestors(whole: Measure, names: tuple[str, ...]) -> set[int]:
    """The ids of all elements that are or hold an element with one of the names."""
    found: set[int] = set()
    for tag in whole.order:
        if tag.name in names and whole.words.get(id(tag)):
            node: Tag | None = tag
            while node is not None and id(node) not in found:
                found.add(id(node))
                node = node.parent
    return found


def _unlinked(whole: Measure, tag: Tag) -> float:
    return whole.words.get(id(tag), 0.0) - whole.links.get(id(tag), 0.0)


def chrome_within(part: Tag) -> list[tuple[Tag, str]]:
    """What is certainly not text inside a part that a selector chose: noise, second copies, menus, link footers."""
    whole = measure(part)
    found = _silent(noise.find(whole))
    found += _copies(whole, {id(tag) for tag, _ in found})
    inside = {id(tag) for tag, _ in found}
    for tag in whole.order[1:]:
        if id(tag.parent) in inside:
            inside.add(id(tag))
        elif tag.name in ("nav", "footer") and id(tag) not in inside and whole.density(tag) >= 0.5:
            inside.add(id(tag))
            found.append((tag, "landmark"))
    return _silent(found)


# ---- second copies --------------------------------------------------------------------------------------------------


def _copies(whole: Measure, gone: set[int]) -> list[tuple[Tag, str]]:
    """Parts whose words stood there before: pages carry a text twice, for wide and for narrow screens, or for print."""
    least = max(COPY_WORDS, COPY_SHARE * whole.words.get(id(whole.order[0]), 0.0))
    seen: dict[tuple[float, str], Tag] = {}
    inside = set(gone)
    found: list[tuple[Tag, str]] = []
    for tag in whole.order[1:]:
        if id(tag.parent) in inside or id(tag) in inside:
            inside.add(id(tag))
            continue
        words = whole.words.get(id(tag), 0.0)
        if words < least or tag.name in ("tr", "td", "table"):
            continue
        start = _start(tag)
        twin = seen.get((words, start))
        if twin is None:
            seen[(words, start)] = tag
        elif not any(parent is twin for parent in tag.parents) and tag.get_text().split() == twin.get_text().split():
            inside.add(id(tag))
            found.append((tag, "copy"))
    return found


def distinct(parts: list[Tag]) -> list[Tag]:
    """Selected parts without those that repeat an earlier one word for word."""
    seen: set[str] = set()
    kept: list[Tag] = []
    for part in parts:
        words = part.get_text(" ").split()
        text = " ".join(words)
        if len(words) < COPY_WORDS or text not in seen:
            kept.append(part)
            seen.add(text)
    return kept


def _start(tag: Tag) -> str:
    """The first words of an element: cheap to compare before comparing all."""
    pieces: list[str] = []
    size = 0
    for string in tag.stripped_strings:
        pieces.append(string[:80])
        size += len(string)
        if size > 80:
            break
    return " ".join(pieces)[:80]


# ---- the way down ---------------------------------------------------------------------------------------------------


def _descend(root: Tag, rest: Measure, gone: set[int]) -> tuple[Tag, list[tuple[Tag, str]]]:
    """The deepest element that holds nearly all prose, and what was dropped beside the way to it."""
    node, dropped, inside = root, [], False
    while True:
        prose = rest.prose.get(id(node), 0.0)
        children = [child for child in node.contents if isinstance(child, Tag) and id(child) not in gone]
        chosen = next((child for child in children if prose and rest.prose.get(id(child), 0.0) >= CHAIN * prose), None)
        if chosen is None:
            return node, dropped
        inside = inside or node.name in ("main", "article")
        beside = inside or chosen.name in PEERS
        dropped += [(child, "beside") for child in children if child is not chosen and _is_aside(child, rest, beside)]
        node = chosen


def _is_aside(tag: Tag, rest: Measure, inside: bool) -> bool:
    """Whether an element beside the way is clearly not text: nearly all links, or a few words that state nothing.

    `inside` says that it stands in the main content, where short paragraphs and list items are clauses.
    """
    words, density = rest.words.get(id(tag), 0.0), rest.density(tag)
    if not words or tag.name == "h1" or tag.find("h1"):
        return False
    text = tag.get_text()
    is_written = tag.name in CLAUSES or (inside and tag.find(CLAUSES) is not None)
    is_sentence = bool(SENTENCE.search(text[-300:].rstrip()))
    if density >= (0.5 if words > noise.SMALL else 0.3):  # short ones are announcements
        return words > noise.SMALL or not (is_written and is_sentence and (inside or density < 1))
    if words >= noise.TERSE or rest.words[id(rest.order[0])] < SMALL_PAGE:
        return False
    return not (is_written or is_sentence or tag.name == "h2" or tag.find("h2") or DATE.search(text[:500]))


def _confidence(final: Measure, root: Tag, node: Tag) -> float:
    """How sure we are that this is the text, 0 to 1: much prose, nearly all in one place, few links, one title."""
    words, prose = final.words.get(id(root), 0.0), final.prose.get(id(root), 0.0)
    if not words:
        return 0.0
    size = min(words / 300, 1.0)
    share = prose / words
    links = final.links.get(id(root), 0.0) / words
    score = 0.4 * size + 0.4 * min(share / 0.85, 1.0) + 0.2 * max(0.0, 1.0 - 2.5 * links)
    titles = sum(1 for tag in final.order if tag.name == "h1" and final.words.get(id(tag)))
    if titles > 3 or words > 40_000:
        score *= 0.7  # the page looks like several documents
    return round(score, 2)
