"""Datasets as researchers open them: CSV, JSON Lines, Parquet or SQLite, with a Frictionless data package, a licence
and a citation. The same archive gives the same bytes."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from tracker import __version__
from tracker.datasets import folder
from tracker.datasets.tables import TABLES, Table
from tracker.errors import NotFound, SettingsError
from tracker.store import Store

LICENCE = """The database: which versions there are, when they were seen, how they differ and what was flagged in them,
is made available under the Open Data Commons Attribution License (ODC-BY 1.0):
https://opendatacommons.org/licenses/by/1-0/

The legal texts themselves belong to the platforms that published them. They are quoted here so that what they say can
be checked. What came from other archives stands under the terms of those archives; the column `source` names them.
"""
RISKY = re.compile(r"^\s*[=+\-@\t\r]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SQL_TYPES = {"string": "varchar", "integer": "bigint", "number": "double", "boolean": "boolean", "date": "date"}
SQL_TYPES |= {"datetime": "timestamptz"}
MEDIA = {"csv": "text/csv", "jsonl": "application/x-ndjson", "parquet": "application/vnd.apache.parquet"}
FORMATS = (*MEDIA, "sqlite")

Rows = Iterable[dict[str, Any]]


def write(
    store: Store,
    form: str,
    documents: Sequence[str],
    since: datetime | None,
    target: Path,
    step: Callable[[int, int, str], None],
) -> dict[str, int]:
    """Writes a dataset of documents to a new folder; gives the number of rows of each table.

    `since` leaves out what is older. Raises NotFound without a version, SettingsError where Parquet's package is
    missing, NoSpace where the folder cannot be written.
    """
    newest = store.row("select max(at) as at from version") or {}
    if not newest.get("at"):
        raise NotFound("There is no version to export.", str(store.path), "Run `tracker check` or `tracker backfill`.")
    counts: dict[str, int] = {}
    with folder.fresh(target) as made:
        resources = []
        for number, table in enumerate(TABLES):
            step(number, len(TABLES), table.name)
            rows = _counted(table, table.rows(store, documents, since), counts)
            path = WRITERS[form](made, table, rows)
            if form != "sqlite":
                resources.append(_resource(table, path, form))
        if form == "sqlite":
            resources.append(_described("tracker", made / "tracker.sqlite", "sqlite", "application/vnd.sqlite3"))
        _describe(made, form, newest["at"], resources)
    return counts


def _counted(table: Table, rows: Rows, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    counts[table.name] = 0
    for row in rows:
        counts[table.name] += 1
        yield row


def guarded(value: Any) -> Any:
    """A value of a CSV file: what a spreadsheet would take for a formula has an apostrophe before it, and characters
    that no text has are gone.

    >>> guarded("=1+1")
    "'=1+1"
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    clean = CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
    return f"'{clean}" if RISKY.match(clean) else clean


def _csv(made: Path, table: Table, rows: Rows) -> Path:
    path = made / f"{table.name}.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([column.name for column in table.columns])
        writer.writerows([guarded(row[column.name]) for column in table.columns] for row in rows)
    return path


def _jsonl(made: Path, table: Table, rows: Rows) -> Path:
    path = made / f"{table.name}.jsonl"
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def _parquet(made: Path, table: Table, rows: Rows) -> Path:
    try:
        import duckdb
    except ImportError:
        remedy = "Install it: pip install 'tracker[research]', or export csv or jsonl."
        raise SettingsError("Parquet files need the package duckdb.", "duckdb", remedy) from None
    lines = _jsonl(made, table, rows)
    path = made / f"{table.name}.parquet"
    columns = ", ".join(f"'{column.name}': '{SQL_TYPES[column.type]}'" for column in table.columns)
    names = [str(one).replace("'", "''") for one in (lines, path)]
    with duckdb.connect() as db:
        db.execute("set threads = 1; set timezone = 'UTC'")  # the order of the rows is kept, so neighbours are alike
        source = f"read_json('{names[0]}', format = 'newline_delimited', columns = {{{columns}}}, "
        db.execute(
            f"copy (select * from {source} maximum_object_size = 268435456)) to '{names[1]}' "
            "(format parquet, compression zstd, compression_level 9, row_group_size 2048)"
        )
    lines.unlink()
    return path


def _sqlite(made: Path, table: Table, rows: Rows) -> Path:
    path = made / "tracker.sqlite"
    kinds = {"integer": int, "number": float, "boolean": int}
    db = Database(path)
    try:
        db.create_table(table.name, {column.name: kinds.get(column.type, str) for column in table.columns})
        db.table(table.name).insert_all(rows)
        db.table(table.name).create_index(["document"])
    finally:
        db.conn.close()
    return path


WRITERS = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet, "sqlite": _sqlite}


def _described(name: str, path: Path, form: str, media: str) -> dict[str, Any]:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    said = {"name": name, "path": path.name, "format": form, "mediatype": media, "encoding": "utf-8"}
    return {**said, "bytes": path.stat().st_size, "hash": f"sha256:{digest.hexdigest()}"}


def _resource(table: Table, path: Path, form: str) -> dict[str, Any]:
    fields = [{"name": one.name, "type": one.type, "description": one.description} for one in table.columns]
    schema: dict[str, Any] = {"fields": fields}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.name != "documents":
        reference = {"resource": "documents", "fields": "document"}
        schema["foreignKeys"] = [{"fields": "document", "reference": reference}]
    profile = {"profile": "tabular-data-resource"} if form == "csv" else {}
    described = _described(table.name, path, form, MEDIA[form])
    return {**described, **profile, "description": table.description, "schema": schema}


def _describe(made: Path, form: str, newest: str, resources: list[dict[str, Any]]) -> None:
    title = "Terms of digital services over time"
    note = " A cell that a spreadsheet would take for a formula begins with an apostrophe." if form == "csv" else ""
    package = {
        "name": "terms-over-time",
        "title": title,
        "description": f"Versions, changes and AI-related flags of legal texts of digital services, by tracker.{note}",
        "version": newest[:10],
        "created": newest,
        "licenses": [
            {"name": "ODC-BY-1.0", "path": "https://opendatacommons.org/licenses/by/1-0/", "title": "ODC-BY 1.0"}
        ],
        "resources": resources,
    }
    (made / "datapackage.json").write_text(json.dumps(package, indent=2, ensure_ascii=False) + "\n", "utf-8")
    (made / "LICENSE.txt").write_text(LICENCE, "utf-8")
    (made / "CITATION.cff").write_text(
        f'cff-version: 1.2.0\nmessage: "If you use this dataset, please cite it."\ntype: dataset\n'
        f'title: "{title}"\nauthors:\n  - name: "The keepers of this archive, with tracker {__version__}"\n'
        f'version: "{newest[:10]}"\ndate-released: "{newest[:10]}"\nlicense: ODC-By-1.0\n',
        "utf-8",
    )
