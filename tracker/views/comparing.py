"""What the page says that compares any two versions, of one document or of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracker import history
from tracker.compare import compare
from tracker.errors import NotFound, WrongQuery
from tracker.judge import judge_change
from tracker.model import Document, Version, end_of, stamp
from tracker.store import Store, derived
from tracker.text import split
from tracker.views import entries, exhibit, pair
from tracker.views.runs import visible

Values = dict[str, Any]

FIELDS = ("document", "from", "other", "to")


def page(store: Store, documents: Sequence[Document], query: Mapping[str, str], live: bool) -> Values:
    """The form, and below it what the two versions named in the query differ in. `document` and `other` are ids of
    documents (`other` is the same where it is empty), `from` and `to` name a version or a day; "" is the first and the
    latest one. Raises NotFound or WrongQuery."""
    asked = {name: query.get(name, "").strip() for name in FIELDS} if live else dict.fromkeys(FIELDS, "")
    own = {document.id: document for document in documents}
    values: Values = {
        "kind": "compare",
        "title": "Compare versions",
        "live": live,
        "query": asked,
        "documents": [_choice(document) for document in documents],
        "versions": [],
        "result": None,
    }
    if not asked["document"]:
        return values
    before = _document(own, asked["document"])
    after = _document(own, asked["other"] or asked["document"])
    values["versions"] = [entries.version(one) for one in reversed(derived.versions(store, before.id))]
    pairs = _chosen(store, before, asked["from"], True), _chosen(store, after, asked["to"], False)
    values["result"] = _result(store, (before, after), pairs)
    values["title"] = values["result"]["title"]
    return values


def _choice(document: Document) -> Values:
    words = f"{visible(document.platform)}: {visible(document.terms_type)}"
    return {"id": document.id, "words": words, "page": entries.document_page(document.id)}


def _document(known: Mapping[str, Document], name: str) -> Document:
    found = known.get(name.strip("/"))
    if found is None:
        raise NotFound("The archive holds no such document.", visible(name[:100]), "Choose one from the form's list.")
    return found


def _chosen(store: Store, document: Document, name: str, first: bool) -> Version:
    versions = derived.versions(store, document.id)
    if not versions:
        remedy = "Choose another document; the page of this one says what its checks met."
        raise NotFound("This document was never read.", document.id, remedy)
    if name in ("", "now"):
        return versions[0] if first and not name else versions[-1]
    if named := [version for version in versions if version.address == name]:
        return named[0]
    try:
        at = end_of(name)
    except (ValueError, TypeError, OverflowError):
        remedy = "Write it as 2024-02-12, choose a version, or leave it empty."
        raise WrongQuery(f"“{visible(name[:40])}” is not a date.", "from" if first else "to", remedy) from None
    found = [version for version in versions if version.at <= at]
    if not found:
        remedy = f"The first version is of {stamp(versions[0].at)[:10]}."
        raise NotFound(f"There is no version at {visible(name[:40])}.", document.id, remedy)
    return found[-1]


def _result(store: Store, documents: tuple[Document, Document], pairs: tuple[Version, Version]) -> Values:
    before, after = pairs
    if documents[0] == documents[1]:
        compared, _ = history.comparison(store, documents[0].id, before.id, after.id)
    else:
        compared = compare(split(derived.text_of(store, before.id)), split(derived.text_of(store, after.id)))
    judged = judge_change(compared, history.judged_by(store, before, after))
    names = [
        f"{visible(document.platform)}, {visible(document.terms_type)}, {version.at:%-d %B %Y}"
        for document, version in zip(documents, pairs, strict=True)
    ]
    values = pair.page((names[0], names[1]), (before.language, after.language), compared, judged)
    room = exhibit.listed(values["changed"], exhibit.ROOM)
    return {
        **values,
        "title": f"{names[0]} → {names[1]}",
        "before": {**entries.version(before), "warnings": [visible(one) for one in before.warnings]},
        "after": {**entries.version(after), "warnings": [visible(one) for one in after.warnings]},
        "documents": [entries.document(one) for one in documents],
        "rewritten": compared.touched > entries.REWRITTEN,
        "unchanged": compared.unchanged,
        "listed": len(room),
    }
