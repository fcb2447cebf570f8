"""Tables, indexes and migrations of the archive: one SQLite file.

Above the line stand the truths, which are only ever added to: blob, document, declaration, capture, check.
Below it stands what is derived from them and can be rebuilt: reading, version, clause, judgement, flag, change.
Times are text, RFC 3339 in UTC with a "Z": sortable, and readable in any SQLite browser.

    document ─┬─ declaration
              ├─ capture ── blob            the raw bytes, each against an earlier one (see archive.py)
              ├─ check ──── check_capture   every attempt to look, with the captures in view
              ╞═ reading                    what a check showed: is it the document, and which version
              ├─ version ── version_clause ── clause ─┬─ judgement
              │                                       └─ flag
              └─ change ─── clause_change

Beside them stands the log: log_leaf holds a hash of the record of every capture, check and removal, in the order in
which they were kept; checkpoint and timestamp hold what was signed over it, log_key the keys' public halves.
"""

from __future__ import annotations

import json

from sqlite_utils import Database, Migrations

from tracker.log import leaves
from tracker.log.merkle import leaf_hash
from tracker.store import looked
from tracker.store.signs import indexed

APPLICATION_ID = 0x54524B52  # "TRKR": SQLite's own mark of whose file it is

migrations = Migrations("tracker")


@migrations(name="001_core")
def _core(db: Database) -> None:
    for statement in (*TRUTHS, *DERIVED, *INDEXES):  # one by one: executescript would end the transaction
        db.execute(statement)


# Foreign keys name what a row rests on; deferred where rows of one transaction point at each other.
TRUTHS = (
    """create table blob (
        id integer primary key, sha256 blob not null unique, size integer not null,
        base_id integer references blob(id), depth integer not null default 0, data blob not null) strict""",
    """create table document (
        id integer primary key, slug text not null unique, platform_slug text not null, platform text not null,
        terms_type text not null, category text not null default '', derived_by text not null default '') strict""",
    """create table declaration (
        id integer primary key, document_id integer not null references document(id), sha256 text not null unique,
        body text not null, first_used text not null) strict""",
    """create table capture (
        id integer primary key, document_id integer not null references document(id), source text not null,
        at text not null, fetched_at text not null, url text not null, final_url text not null,
        status integer not null, content_type text not null, headers text not null, redirects text not null,
        elapsed_ms integer not null, wire_bytes integer not null, address text not null, certificate text not null,
        declaration_id integer not null references declaration(id), tool text not null,
        blob_id integer not null references blob(id)) strict""",
    """create table "check" (
        id integer primary key, document_id integer not null references document(id), at text not null,
        source text not null, outcome text not null, reason text not null, message text not null,
        elapsed_ms integer not null) strict""",
    """create table check_capture (
        check_id integer not null references "check"(id), position integer not null,
        capture_id integer not null references capture(id), primary key (check_id, position)) strict, without rowid""",
    """create table validator (
        document_id integer not null references document(id), url text not null,
        capture_id integer not null references capture(id), etag text not null, last_modified text not null,
        primary key (document_id, url)) strict, without rowid""",
)
DERIVED = (
    """create table version (
        id integer primary key, document_id integer not null references document(id),
        check_id integer not null unique references "check"(id), at text not null,
        blob_id integer not null references blob(id), text_sha256 text not null, substance_sha256 text not null,
        words integer not null, clauses integer not null, title text not null, language text,
        stated_date text, effective_date text, method text not null, confidence real not null,
        warnings text not null) strict""",
    """create table reading (
        check_id integer primary key references "check"(id), verdict text not null, reasons text not null,
        message text not null, version_id integer references version(id) deferrable initially deferred) strict""",
    """create table clause (
        id integer primary key, hash blob not null unique, key text not null, kind text not null, text text not null,
        heading text not null, lead_in text not null, language text) strict""",
    """create table version_clause (
        version_id integer not null references version(id), position integer not null,
        clause_id integer not null references clause(id), primary key (version_id, position)) strict, without rowid""",
    """create table judgement (
        clause_id integer primary key references clause(id), rules text not null, mentions_ai integer not null,
        topics text not null, stance text not null, possibly text not null, traits text not null) strict""",
    """create table flag (
        id integer primary key, clause_id integer not null references clause(id), rule text not null,
        topic text not null, stance text, quote text not null, spans text not null, why text not null,
        severity integer not null) strict""",
    """create table change (
        id integer primary key, document_id integer not null references document(id), slug text not null unique,
        before_id integer not null references version(id), after_id integer not null unique references version(id),
        at text not null, window_from text, window_to text not null, counts text not null, unchanged integer not null,
        touched real not null, reverts_to integer references version(id), summary text not null, verdict text not null,
        ai_change integer not null, ai_kind text, topics text not null, stance_before text not null,
        stance_after text not null, silent integer not null, rules text not null) strict""",
    """create table clause_change (
        change_id integer not null references change(id), position integer not null, kind text not null,
        detail text not null, flagged integer not null, before_clauses text not null, after_clauses text not null,
        primary key (change_id, position)) strict, without rowid""",
)
INDEXES = (
    "create index blob_base on blob(base_id)",
    "create index declaration_document on declaration(document_id)",
    "create index capture_document on capture(document_id, at)",
    "create index capture_blob on capture(blob_id)",
    'create index check_document on "check"(document_id, at)',
    "create index check_capture_capture on check_capture(capture_id)",
    "create index version_document on version(document_id, at)",
    "create index clause_key on clause(key)",
    "create index version_clause_clause on version_clause(clause_id)",
    "create index flag_clause on flag(clause_id)",
    "create index change_document on change(document_id, at)",
    "create index change_at on change(at)",
)


OUTCOME = """create view check_outcome as
    select c.id, c.document_id, c.at, c.source, c.elapsed_ms, r.version_id,
        case r.verdict when 'not-document' then 'blocked' when 'suspect' then 'suspect'
            else c.outcome end as outcome,
        case when r.verdict in ('not-document', 'suspect') then r.reasons else c.reason end as reason,
        coalesce(nullif(r.message, ''), c.message) as message
    from "check" c left join reading r on r.check_id = c.id"""


@migrations(name="002_outcome_view")
def _outcome_view(db: Database) -> None:
    # What a reader calls the outcome: what HTTP said, corrected by what the bytes turned out to be.
    db.execute(OUTCOME)


@migrations(name="007_watch")
def _watch(db: Database) -> None:
    # By slug, not by row: a document waits for its first look before the archive knows it.
    db.execute(
        """create table turn (
        document text primary key, host text not null, due_at text not null, leased_until text,
        failures integer not null, confirms integer not null, note text not null) strict, without rowid"""
    )
    db.execute("create index turn_due on turn(due_at)")


@migrations(name="010_robots")
def _robots(db: Database) -> None:
    db.execute(
        "create table robots (host text primary key, at text not null, status integer not null, body text not null) "
        "strict, without rowid"
    )
    # When an address was last asked without conditions: a server that answers 304 for ever would hide every change.
    db.execute("alter table validator add column asked_at text not null default ''")


@migrations(name="011_relatives")
def _relatives(db: Database) -> None:
    db.execute(
        """create table relative (
        document_id integer not null references document(id), page text not null, url text not null,
        text text not null, terms_type text not null, first_seen text not null, is_new integer not null,
        primary key (document_id, page)) strict, without rowid"""
    )


@migrations(name="006_search")
def _search(db: Database) -> None:
    # Without text of its own; the rank counts a word in the clause itself three times one in its headings.
    db.execute(
        "create virtual table clause_index using fts5(text, around, content='', "
        'tokenize="unicode61 remove_diacritics 2")'
    )
    db.execute("insert into clause_index (clause_index, rank) values ('rank', 'bm25(3.0, 1.0)')")
    for number, *parts in db.execute("select id, text, heading, lead_in from clause").fetchall():
        db.execute("insert into clause_index (rowid, text, around) values (?, ?, ?)", (number, *indexed(*parts)))


@migrations(name="004_past")
def _past(db: Database) -> None:
    # What a source listed and did not give, so that it is not asked for again.
    db.execute(
        """create table skipped (
        document_id integer not null references document(id), source text not null, url text not null,
        at text not null, reason text not null, primary key (document_id, source, url, at)) strict, without rowid"""
    )


@migrations(name="005_lineage")
def _lineage(db: Database) -> None:
    # What stands in older archives is followed by the next command that brings them up to date.
    for statement in (
        """create table lineage (
        id integer primary key, document_id integer not null references document(id), language text,
        key text not null, name text not null, unique (document_id, name)) strict""",
        """create table lineage_event (
        id integer primary key, lineage_id integer not null references lineage(id),
        version_id integer not null references version(id), kind text not null,
        before_id integer references clause(id), after_id integer references clause(id),
        related text not null) strict""",
        "alter table version_clause add column lineage_id integer references lineage(id)",
        "create index lineage_key on lineage(document_id, key)",
        "create index lineage_event_lineage on lineage_event(lineage_id)",
        "create index lineage_event_version on lineage_event(version_id)",
        "create index lineage_event_before on lineage_event(before_id)",  # for the foreign keys, when clauses go
        "create index lineage_event_after on lineage_event(after_id)",
        "create index version_clause_lineage on version_clause(lineage_id)",
    ):
        db.execute(statement)


@migrations(name="012_lineage_apart")
def _lineage_apart(db: Database) -> None:
    # Texts that another tool read are followed apart, as they are compared apart; all is told again.
    for statement in (
        "delete from lineage_event",
        "update version_clause set lineage_id = null",
        "delete from lineage",
        "alter table lineage add column apart integer not null default 0",
    ):
        db.execute(statement)


@migrations(name="013_dates")
def _dates(db: Database) -> None:
    # What the text said at each check: a date that moves while the words stay makes no version.
    db.execute("alter table reading add column stated_date text")
    db.execute("alter table reading add column effective_date text")
    # Where the date itself is a clause, its move makes a version: the only words that changed are dates.
    db.execute("alter table change add column redated integer not null default 0")


@migrations(name="009_witness")
def _witness(db: Database) -> None:
    # What another archive was asked to keep, and what it said: a row for each capture that it was asked about.
    db.execute(
        """create table witness (
        capture_id integer primary key references capture(id), asked_at text not null, state text not null,
        url text not null, reason text not null) strict"""
    )


@migrations(name="003_log")
def _log(db: Database) -> None:
    # What was kept before there was a log enters it now, in the order in which it was kept.
    for statement in LOG:
        db.execute(statement)
    for row in db.query(f"{looked.CAPTURE} order by c.id"):
        _append(db, "capture", row["id"], leaves.captured(looked.capture(row)))
    for row in db.query(f"{looked.CHECK} order by c.id"):
        _append(db, "check", row["id"], leaves.checked(looked.check(row), json.loads(row["leaves"])))


@migrations(name="012_early_archives")
def _early_archives(db: Database) -> None:
    # The first two tables of these names were changed where they stood: archives of those days have the old ones.
    if "traits" not in {column.name for column in db["judgement"].columns}:
        db.execute("alter table judgement add column traits text not null default '[]'")
    db.execute("drop view check_outcome")
    db.execute(OUTCOME)


LOG = (
    """create table log_leaf (
        seq integer primary key, kind text not null, row integer not null, hash blob not null,
        unique (kind, row)) strict""",
    "create table log_key (id integer primary key, origin text not null, public blob not null unique) strict",
    """create table checkpoint (
        id integer primary key, size integer not null, roots blob not null, note text not null) strict""",
    """create table timestamp (
        checkpoint_id integer primary key references checkpoint(id), reply blob not null,
        trusted text not null) strict""",
    """create table removal (
        id integer primary key, blob_id integer not null unique references blob(id), at text not null,
        by text not null, why text not null) strict""",
)


def _append(db: Database, kind: str, row: int, record: bytes) -> None:
    db.execute("insert into log_leaf (kind, row, hash) values (?, ?, ?)", (kind, row, leaf_hash(record)))


@migrations(name="008_outbox")
def _outbox(db: Database) -> None:
    # By slug: what was told stays told when everything derived is read again. Targets are hashes of addresses.
    for statement in (
        """create table alert (
        id integer primary key, document text not null, clause text not null, verdict text not null,
        stands integer not null, thread integer not null, state text not null, at text not null, facts text not null,
        unique (document, clause, verdict)) strict""",
        """create table delivery (
        id integer primary key, alert_id integer not null references alert(id), target text not null,
        kind text not null, due_at text not null, attempts integer not null, state text not null,
        message text not null, error text not null, unique (alert_id, target, kind)) strict""",
        "create index delivery_due on delivery(state, due_at)",
    ):
        db.execute(statement)


@migrations(name="020_tally")
def _tally(db: Database) -> None:
    # A number that grows with every write to the list of changes: whoever keeps the list asks for it alone.
    db.execute("create table tally (changes integer not null) strict")
    db.execute("insert into tally values (0)")
    for event in ("insert on change", "update on change", "delete on change", "update of platform on document"):
        name = f"tally_{event.replace(' ', '_')}"
        db.execute(f"create trigger {name} after {event} begin update tally set changes = changes + 1; end")


@migrations(name="021_receivers")
def _receivers(db: Database) -> None:
    # Receivers that said that they are gone; and what is wrong with the watch itself, as its operator was told of it.
    for statement in (
        "create table receiver (target text primary key, off_since text not null, why text not null) strict",
        """create table trouble (
        cause text not null, document text not null, since text not null, told_at text not null,
        is_open integer not null, primary key (cause, document)) strict, without rowid""",
        "create index alert_thread on alert(thread)",
        "create index delivery_target on delivery(target, state)",
    ):
        db.execute(statement)


@migrations(name="024_corrections")
def _corrections(db: Database) -> None:
    # The program, declaration and rules under which an alert was last found to hold; "": never looked at again.
    db.execute("alter table alert add column read_with text not null default ''")


@migrations(name="025_skim")
def _skim(db: Database) -> None:
    # What was read last of each document, so that the same is not read again; where there is none, the next page is.
    db.execute(
        """create table skim (
        document_id integer primary key references document(id), check_id integer not null references "check"(id),
        hash blob not null) strict"""
    )


@migrations(name="026_leases")
def _leases(db: Database) -> None:
    # The few that are looked at now are found among tens of thousands without reading them all.
    db.execute("create index turn_leased on turn(leased_until) where leased_until is not null")


@migrations(name="027_begun")
def _begun(db: Database) -> None:
    # Documents that are being read, each by the process that reads it: by slug, as turns are.
    db.execute("create table begun (document text primary key, process text not null) strict, without rowid")


@migrations(name="028_by_version")
def _by_version(db: Database) -> None:
    # What rests on a row is found without reading all there is: when it is asked for, and when the row goes.
    for statement in (
        "create index version_blob on version(blob_id)",
        "create index reading_version on reading(version_id)",
        "create index change_before on change(before_id)",
        "create index change_reverts on change(reverts_to)",
    ):
        db.execute(statement)
