"""Building the site of an archive: each group of pages is made again only if what it is made of changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from tracker import card, feeds, pages, render
from tracker.model import Document, stamp
from tracker.pages import Edition
from tracker.rules import RuleSet
from tracker.settings import bundled
from tracker.site import index
from tracker.site.folder import Built, File, Folder, files_of
from tracker.store import Store, log, prints
from tracker.views import data, dossier, entries, story

PACKAGE = Path(__file__).parent.parent
Progress = Callable[[int, int, str], None]  # done, of how many, what
# A document, what its past and what its pages of today are made of, and its story.
Telling = tuple[Document, str, str, Callable[[], story.Story]]


def build(
    store: Store,
    out: Path,
    rules: RuleSet,
    *,
    base_url: str = "",
    raw: bool = False,
    progress: Progress | None = None,
) -> Built:
    """Writes the site of an archive into a folder; the same archive gives the same bytes.

    Pages whose makings are those of the last build (texts, judgements, templates, code) are not made again; a missing
    file is. `base_url` is where the site is published, for citations and feeds; with `raw` the bytes of the captures of
    every version stand beside the pages. A page of a change or version that the archive holds no longer is replaced by
    one that says so. Raises TrackerError for a folder that holds something else or cannot be written, and Corrupt.
    """
    folder = Folder(
        out, f"{_code()} {rules.version} {base_url} {raw} {card.available()} {index.available()} {_rulings(store)}"
    )
    for name, body in render.assets().items():
        folder.write(f"assets/{name}", body)
    edition = Edition(store, rules, base_url, raw=raw, indexed=index.available())
    found = prints.take(store)
    total = len(edition.documents)
    tellings: list[Telling] = []
    for done, document in enumerate(edition.documents):
        if progress:
            progress(done, total, document.id)
        tellings.append(_document(folder, edition, document, found[document.id]))
    for _, own in groupby(tellings, key=lambda one: one[0].platform_id):
        _platform(folder, edition, list(own))
    if progress:
        progress(total, total, "index")
    edition.health_of = lambda: [folder.facts(f"present/{document.id}") for document in edition.documents]
    _clauses(folder, edition, tellings)
    platforms = dict.fromkeys(document.platform_id for document in edition.documents)
    edition.stances_of = lambda: [folder.facts(f"platform/{name}") for name in platforms]
    for address, makings, make in pages.months(edition):
        folder.publish(f"list/{address}", makings, lambda: files_of(make()))  # noqa: B023 - made at once
    folder.publish("spanning", "", lambda: files_of(pages.spanning(edition)))
    folder.publish("feeds", "", lambda: _feeds(edition, feeds.general(edition)))
    folder.publish("data", "", lambda: _tables(edition))
    if sealed := log.published(store):
        folder.publish("log", sealed.note, lambda: sealed.files.items())
    if edition.indexed:
        pasts = " ".join(past for _, past, *_ in tellings)
        folder.publish("index", pasts, lambda: index.build(store, edition.documents))
    return folder.finish(store.until)


def _document(folder: Folder, edition: Edition, document: Document, found: prints.Prints) -> Telling:
    told = cache(partial(edition.story, document))
    folder.publish(f"past/{document.id}", found.past, lambda: files_of(pages.past(edition, told())))
    folder.publish(
        f"feed/{document.id}", found.past, lambda: _feeds(edition, [feeds.of(edition, ("document", document.id))])
    )
    if edition.raw:
        folder.publish(f"raw/{document.id}", found.past, lambda: _raw(edition, told()))
    group = f"present/{document.id}"
    makings = f"{found.past} {found.present} {_stale(folder.facts(group), edition)}"
    folder.publish(
        group,
        makings,
        lambda: files_of(pages.present(edition, told())),
        lambda: dossier.health(told(), edition.latest),
    )
    return document, found.past, makings, told


def _platform(folder: Folder, edition: Edition, own: list[Telling]) -> None:
    name = own[0][0].platform_id
    folder.publish(
        f"platform/{name}",
        " ".join(makings for _, _, makings, _ in own),
        lambda: files_of([pages.platform_page(edition, [told() for *_, told in own])]),
        lambda: pages.stance_row(edition, [told() for *_, told in own]),
    )
    folder.publish(
        f"feed/{name}",
        " ".join(past for _, past, _, _ in own),
        lambda: _feeds(edition, [feeds.of(edition, ("platform", name))]),
    )


def _raw(edition: Edition, told: story.Story) -> Iterator[File]:
    for number in dict.fromkeys(number for version in told.versions for number in version.captures):
        yield entries.raw_file(edition.store.capture(number).sha256), edition.store.raw(number)


def _clauses(folder: Folder, edition: Edition, tellings: list[Telling]) -> None:
    """The pages of clauses, document by document. They name who says the same, so a document that changed has those
    made again that it names, and those that name it."""
    pasts = {document.id: past for document, past, *_ in tellings}
    named = {name: folder.facts(f"clauses/{name}") or [] for name in pasts}
    due = [name for name, past in pasts.items() if not folder.stands(f"clauses/{name}", past)]
    made: dict[str, list[str]] = {}

    def make(name: str) -> None:
        found = list(pages.clause_pages(edition, name))
        made[name] = sorted({one["document"]["id"] for page in found for one in page.values["elsewhere"]})
        folder.open(f"clauses/{name}", pasts[name])
        for file in files_of(found):
            folder.write(*file)
        folder.groups[f"clauses/{name}"]["facts"] = made[name]

    for name in due:
        make(name)
    touched = {other for name in due for other in (*named[name], *made[name])}
    for name in pasts:
        if name not in made and (name in touched or not made.keys().isdisjoint(named[name])):
            make(name)


def _tables(edition: Edition) -> Iterator[File]:
    for name in data.TABLES:
        yield f"data/{name}", render.table(pages.table(edition, name))


def _feeds(edition: Edition, found: Iterable[Mapping[str, Any]]) -> Iterator[File]:
    for feed in found:
        for name in feeds.FILES:
            yield f"{feed['address']}{name}", feeds.write(name, feed, edition.base_url)


def _stale(health: dict | None, edition: Edition) -> bool:
    """Whether a document has become stale since its health was noted: nobody looked at it, so no print of it moved."""
    until = health and health["fresh_until"]
    return bool(until and edition.latest and stamp(edition.latest) > until)


def _rulings(store: Store) -> list[str]:
    return [row["rules"] for row in store.rows("select distinct rules from judgement order by rules")]


def _code() -> str:
    """Changes when the program or a template does: a page made by another program is made again."""
    digest = sha256()
    for folder, pattern in ((PACKAGE, "*.py"), (bundled("templates"), "*")):
        for path in sorted(path for path in folder.rglob(pattern) if path.is_file()):
            digest.update(path.read_bytes())
    return digest.hexdigest()
