"""The archive as it stood at a moment: what was seen later does not exist for whoever reads.

Temporary views stand in front of the tables, under their names, so that every query of every page, feed, dataset and
search goes through them, and none can forget to. Whole rows are left out, whatever is derived from a later look with
them; take-downs (`removal`) and the log's signed roots, which are hashes, are not held back.
"""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from tracker.model import stamp
from tracker.store.schema import OUTCOME

# A row of a table is there where this holds; `{until}` is the moment. Those that name a view rest on it.
SHOWN = {
    "check": "at <= '{until}'",
    "capture": "at <= '{until}'",
    "version": "at <= '{until}'",
    "change": "at <= '{until}'",
    "document": 'exists (select 1 from "check" where document_id = t.id)',
    "check_capture": 'exists (select 1 from "check" where id = t.check_id)',
    "reading": 'exists (select 1 from "check" where id = t.check_id)',
    "witness": "exists (select 1 from capture where id = t.capture_id) and asked_at <= '{until}'",
    "relative": "first_seen <= '{until}'",
    "version_clause": "exists (select 1 from version where id = t.version_id)",
    "lineage_event": "exists (select 1 from version where id = t.version_id)",
    "clause_change": "exists (select 1 from change where id = t.change_id)",
    "clause": "exists (select 1 from version_clause where clause_id = t.id)",
    "flag": "exists (select 1 from version_clause where clause_id = t.clause_id)",
    "judgement": "exists (select 1 from version_clause where clause_id = t.clause_id)",
    "lineage": "exists (select 1 from version_clause where lineage_id = t.id)",
}
# What holds nothing of what a page said, or is asked for only by way of a row above.
OPEN = (
    *("blob", "declaration", "validator", "turn", "robots", "skipped", "removal", "tally", "skim", "begun"),
    *("log_leaf", "log_key", "checkpoint", "timestamp", "alert", "delivery", "receiver", "trouble"),
)


def hold_back(db: Database, until: datetime) -> None:
    """Shows an open archive as it stood at a moment, for as long as it is open."""
    db.conn.execute("pragma temp_store = memory")
    for table, shown in SHOWN.items():
        condition = shown.format(until=stamp(until))
        db.conn.execute(f'create temp view "{table}" as select * from main."{table}" t where {condition}')
    db.conn.execute(OUTCOME.replace("create view", "create temp view", 1))
