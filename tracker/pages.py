"""Every page of the site: its address, its template and its values, for the static site and for the live one alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple

from tracker import card, since
from tracker.errors import NotFound
from tracker.model import ChangeRecord, Document
from tracker.rules import RuleSet
from tracker.search.query import words_of
from tracker.store import Store, derived, lineages
from tracker.views import (
    clause,
    comparing,
    data,
    dossier,
    entries,
    exhibit,
    finding,
    front,
    listing,
    news,
    ruling,
    stances,
    story,
)

Values = Mapping[str, Any]
LISTED = "Go to the list of all changes, or look the page up by its platform."


class Page(NamedTuple):
    """A page to be set: `address` counts from the root of the site, with a slash at its end; the index has ""."""

    address: str
    template: str
    values: Values


@dataclass
class Edition:
    """What all pages of one making share.

    `base_url` is where the site is published, for citations and feeds. `live` tells that a server answers: forms are
    answered by it and not by the page itself. `raw` tells that the raw bytes of captures stand beside the pages,
    `indexed` that the static site has an index for its search. `health_of` gives the health of every document
    (`dossier.health`), in order of their ids, and `stances_of` the row of every platform in the matrix, and
    `changes_of` all changes, newest first; without them the archive is read.
    """

    store: Store
    rules: RuleSet
    base_url: str = ""
    live: bool = False
    raw: bool = False
    indexed: bool = False
    health_of: Callable[[], list[dict[str, Any]]] | None = None
    stances_of: Callable[[], list[Values]] | None = None
    changes_of: Callable[[], list[ChangeRecord]] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    _news: dict[str, Values] = field(default_factory=dict)

    @cached_property
    def latest(self):
        """The archive's newest check: what counts as now."""
        return front.latest_check(self.store)

    @cached_property
    def changes(self) -> list[ChangeRecord]:
        return self.changes_of() if self.changes_of else derived.changes(self.store)

    @cached_property
    def documents(self) -> list[Document]:
        return self.store.documents()

    def news(self, change: ChangeRecord) -> Values:
        """A change as an entry of a feed: made once, since it stands in several."""
        if change.id not in self._news:
            self._news[change.id] = news.news(self.store, change)
        return self._news[change.id]

    @cached_property
    def health(self) -> list[dict[str, Any]]:
        if self.health_of:
            return self.health_of()
        return [dossier.health(self.story(document), self.latest) for document in self.documents]

    @cached_property
    def stances(self) -> list[Values]:
        if self.stances_of:
            return self.stances_of()
        grouped: dict[str, list[story.Story]] = {}
        for document in self.documents:
            grouped.setdefault(document.platform_id, []).append(self.story(document))
        return [stance_row(self, own) for own in grouped.values()]

    def story(self, document: Document) -> story.Story:
        return story.load(self.store, document)


# ---- the pages of a document -------------------------------------------------------------------------------------


def past(edition: Edition, told: story.Story) -> Iterator[Page]:
    """The pages that only a new version of the document, or other rules, change."""
    for version in told.versions[:-1]:
        yield version_page(edition, told, version)
    for change in told.changes[1:]:
        yield from change_pages(edition, told, change)


def present(edition: Edition, told: story.Story) -> Iterator[Page]:
    """The pages that say how the document stands today, which every check changes."""
    yield document_page(edition, told)
    if told.latest:
        yield version_page(edition, told, told.latest)
    if told.changes:
        yield from change_pages(edition, told, told.changes[0])


def document_page(edition: Edition, told: story.Story) -> Page:
    values = dossier.document_page(edition.store, told, edition.latest)
    return Page(entries.document_page(told.document.id), "document", values)


def version_page(edition: Edition, told: story.Story, version) -> Page:
    return Page(
        entries.version_page(version), "version", dossier.version_page(edition.store, told, version, edition.raw)
    )


def change_pages(edition: Edition, told: story.Story, change: ChangeRecord) -> Iterator[Page]:
    """The page of a change, and the one of all its clauses where the first has no room for them."""
    values = exhibit.page(edition.store, told, change, edition.base_url, edition.raw)
    if change.ai_change and card.available():
        values["card"] = f"{entries.change_page(change.id)}card.png"
    yield Page(entries.change_page(change.id), "change", values)
    if whole := exhibit.whole_page(values):
        yield Page(values["whole"], "whole", whole)


def clause_pages(edition: Edition, document: str) -> Iterator[Page]:
    """The pages of the clauses of a document that ever spoke of AI: those that have one on the static site."""
    names = lineages.flagged(edition.store, document)
    for name in names:
        yield from clause_page(edition, document, name, frozenset(names))


def clause_page(edition: Edition, document: str, name: str, linked: frozenset[str] | None = None) -> Iterator[Page]:
    """The page of a clause through all versions, with who else says its very words; none where there is no such clause.
    `name` may be the key of any of its wordings, so that what was cited once leads here."""
    told = since.clauses(edition.store, f"{document}#{name}")
    for found in [one for one in told if one.name == name] or told[:1]:
        if found.steps:
            alike = since.since(edition.store, found.text) if words_of(found.text) else []
            yield Page(clause.address(document, name), "clause", clause.page(found, alike, linked))


def platform_page(edition: Edition, stories: Sequence[story.Story]) -> Page:
    """The page of a platform, out of the stories of all its documents."""
    values = dossier.platform_page(edition.store, stories, edition.latest)
    return Page(entries.platform_page(stories[0].document), "platform", values)


def stance_row(edition: Edition, stories: Sequence[story.Story]) -> Values:
    """A platform's row in the matrix."""
    return stances.row(stories, stances.answers(edition.store, stories, edition.latest))


# ---- the pages that span documents -------------------------------------------------------------------------------


def spanning(edition: Edition) -> Iterator[Page]:
    """The pages that every check may change: index, lists, coverage, rules."""
    for name, make in SPANNING.items():
        yield make(edition, name)
    for one in listing.topics(edition.changes):
        yield _topic(edition, one["topic"], one["page"])
    for rule in ruling.names(edition.store, edition.rules):
        yield _rule(edition, rule)


def months(edition: Edition) -> Iterator[tuple[str, str, Callable[[], Iterator[Page]]]]:
    """The pages of years and months: for each its address, what it is made of, and how it is made."""
    grouped: dict[str, list[ChangeRecord]] = {}
    for change in edition.changes:
        grouped.setdefault(f"{change.at:%Y-%m}", []).append(change)
        grouped.setdefault(f"{change.at:%Y}", []).append(change)
    years = repr(listing.years(edition.changes))
    for name, own in grouped.items():
        address = entries.address("changes", *name.split("-"))
        yield address, f"{years} {own!r}", partial(_period, edition, name, own, address)


def _period(edition: Edition, name: str, changes: list[ChangeRecord], address: str) -> Iterator[Page]:
    if len(name) == 4:
        values = listing.year_page(edition.store, changes, int(name))
        yield Page(address, "year", {**values, "years": listing.years(edition.changes)})
    else:
        yield Page(address, "month", listing.month_page(edition.store, changes, name))


def _index(edition: Edition, address: str) -> Page:
    return Page(address, "index", front.index(edition.store, edition.changes, edition.health))


def _changes(edition: Edition, address: str) -> Page:
    return Page(address, "changes", listing.changes_page(edition.changes, edition.query, edition.live))


def _coverage(edition: Edition, address: str) -> Page:
    return Page(address, "coverage", front.coverage(edition.store, edition.health))


def _compare(edition: Edition, address: str) -> Page:
    values = comparing.page(edition.store, edition.documents, edition.query, edition.live)
    return Page(address, "compare", values)


def _rules(edition: Edition, address: str) -> Page:
    return Page(address, "rules", ruling.rules_page(edition.store, edition.rules))


def _rule(edition: Edition, rule: str) -> Page:
    values = ruling.rule_page(edition.store, edition.rules, rule)
    return Page(entries.rule_page(rule), values["kind"], values)


def _topic(edition: Edition, topic: str, address: str) -> Page | None:
    values = listing.topic_page(edition.store, edition.changes, topic)
    return Page(address, "topic", values) if values else None


def _data(edition: Edition, address: str) -> Page:
    values = data.page(edition.changes, len(edition.documents), edition.latest, edition.base_url)
    return Page(address, "data", values)


def table(edition: Edition, name: str) -> Iterator[list[object]]:
    """The rows of a table of the data page. Raises NotFound."""
    if name not in data.TABLES:
        raise NotFound("There is no such table.", name, "The page of data lists them.")
    return data.rows(name, edition.changes, edition.health)


def _feeds(edition: Edition, address: str) -> Page:
    platforms = front.platforms([{"document": entries.document(one)} for one in edition.documents])
    documents = [entries.document(one) for one in edition.documents]
    return Page(address, "feeds", news.feeds_page(platforms, listing.topics(edition.changes), documents))


def _search(edition: Edition, address: str) -> Page:
    values = finding.page(edition.store, edition.documents, edition.query, edition.live, edition.indexed)
    return Page(address, "search", values)


def _stance(edition: Edition, address: str) -> Page:
    return Page(address, "stance", stances.matrix(edition.stances))


def _method(edition: Edition, address: str) -> Page:
    return Page(address, "method", front.method())


SPANNING: dict[str, Callable[[Edition, str], Page]] = {
    "": _index,
    "changes/": _changes,
    "compare/": _compare,
    "coverage/": _coverage,
    "data/": _data,
    "feeds/": _feeds,
    "method/": _method,
    "rules/": _rules,
    "search/": _search,
    "stance/": _stance,
}


# ---- one page by its address -------------------------------------------------------------------------------------


def find(edition: Edition, address: str, query: Mapping[str, str] | None = None) -> Page:
    """The page at an address, as the static site would have it; a form's answers are in `query`. Raises NotFound or
    Corrupt."""
    edition.query = query or {}
    if address in SPANNING:
        return SPANNING[address](edition, address)
    kind, _, rest = address.partition("/")
    if kind in KINDS and (page := KINDS[kind](edition, rest.strip("/").split("/"), address)):
        return page
    raise NotFound("There is no such page.", address, LISTED)


def _told(edition: Edition, parts: Sequence[str]) -> story.Story | None:
    """The story of the document whose pages stand under these parts of an address."""
    wanted = entries.document_page("/".join(parts))
    for document in edition.documents:
        if entries.document_page(document.id) == wanted:
            return edition.story(document)
    return None


def _find_document(edition: Edition, parts: Sequence[str], _: str) -> Page | None:
    told = _told(edition, parts)
    return document_page(edition, told) if told else None


def _find_version(edition: Edition, parts: Sequence[str], address: str) -> Page | None:
    told = _told(edition, parts[:-1])
    for version in told.versions if told else ():
        if entries.version_page(version) == address:
            return version_page(edition, told, version)
    return None


def _find_change(edition: Edition, parts: Sequence[str], address: str) -> Page | None:
    told = _told(edition, parts[:2])
    for change in told.changes if told else ():
        if address.startswith(entries.change_page(change.id)):
            return next((page for page in change_pages(edition, told, change) if page.address == address), None)
    return None


def _find_platform(edition: Edition, parts: Sequence[str], address: str) -> Page | None:
    own = [document for document in edition.documents if entries.platform_page(document) == address]
    return platform_page(edition, [edition.story(document) for document in own]) if own else None


def _find_period(edition: Edition, parts: Sequence[str], address: str) -> Page | None:
    for one, _, make in months(edition):
        if one == address:
            return next(make())
    return None


def _find_topic(edition: Edition, parts: Sequence[str], address: str) -> Page | None:
    return _topic(edition, parts[0], address) if len(parts) == 1 else None


def _find_rule(edition: Edition, parts: Sequence[str], address: str) -> Page | None:
    found = [rule for rule in ruling.names(edition.store, edition.rules) if entries.rule_page(rule) == address]
    return _rule(edition, found[0]) if found else None


def _find_clause(edition: Edition, parts: Sequence[str], address: str) -> Page | None:
    for document in edition.documents:
        if address.startswith(entries.address("clause", document.id)):
            return next(clause_page(edition, document.id, parts[-1]), None)
    return None


KINDS: dict[str, Callable[[Edition, Sequence[str], str], Page | None]] = {
    "clause": _find_clause,
    "document": _find_document,
    "version": _find_version,
    "change": _find_change,
    "platform": _find_platform,
    "changes": _find_period,
    "topic": _find_topic,
    "rules": _find_rule,
}
