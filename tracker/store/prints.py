"""Prints of what is derived: one short text for each document that changes when anything that its pages tell does.

Read in a few passes over the whole archive, without opening a text: whoever keeps pages asks here which are still true.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from hashlib import blake2b

from tracker.store.connection import explained
from tracker.store.truths import Store

# Row numbers are left out: reading an archive again gives other ones to the same content.
PAST = (
    "select d.slug, d.platform, d.terms_type from document d {where}",
    "select d.slug, v.at, hex(v.text_sha256), v.title, v.language, v.stated_date, v.effective_date, v.method, "
    "v.confidence, v.warnings from version v join document d on d.id = v.document_id {where} "
    "order by v.document_id, v.at",
    "select d.slug, c.slug, c.window_from, c.counts, c.unchanged, c.touched, c.summary, c.verdict, c.ai_kind, "
    "c.topics, c.stance_before, c.stance_after, c.silent, c.redated, c.rules, r.at from change c "
    "join document d on d.id = c.document_id left join version r on r.id = c.reverts_to "
    "{where} order by c.document_id, c.at",
    "select d.slug, c.at, c.url, w.asked_at, w.state, w.url, w.reason from witness w "
    "join capture c on c.id = w.capture_id join document d on d.id = c.document_id "
    "{where} order by c.document_id, c.at, c.id",
)
PRESENT = (
    'select d.slug, count(*), max(c.at) from "check" c join document d on d.id = c.document_id '
    "{where} group by c.document_id",
    "select d.slug, o.at, o.outcome, o.reason, o.message from document d join check_outcome o on o.id = "
    '(select id from "check" where document_id = d.id order by at desc, id desc limit 1) {where}',
)


@dataclass(frozen=True, slots=True)
class Prints:
    """What a document's pages rest on: `past` changes with its versions and changes, `present` with every check."""

    past: str
    present: str


def take(store: Store, document: str = "") -> dict[str, Prints]:
    """The prints of every document by its id, or of one. Raises Corrupt or ArchiveError."""
    past, present = _digests(store, PAST, document), _digests(store, PRESENT, document)
    return {name: Prints(print_, present.get(name, "")) for name, print_ in past.items()}


def tally(store: Store) -> int:
    """A number that is another one after every write to the list of changes."""
    row = store.row("select changes from tally")
    return row["changes"] if row else 0


def _digests(store: Store, queries: tuple[str, ...], document: str) -> dict[str, str]:
    found: defaultdict[str, blake2b] = defaultdict(lambda: blake2b(digest_size=16))
    where, values = ("where d.slug = ?", (document,)) if document else ("", ())
    with explained(store.path):
        for query in queries:
            for row in store.db.conn.execute(query.format(where=where), values):
                found[row[0]].update(repr(row).encode("utf-8", "backslashreplace"))
    return {name: digest.hexdigest() for name, digest in found.items()}
