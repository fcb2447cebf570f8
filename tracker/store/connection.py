"""Opening the archive's file safely: the writer's lock, SQLite's settings, whose file it is, and errors explained.

SQLite before 3.51.3 can damage a file that two connections write at the same instant, so there is one writer, held by
a lock; readers open the file read-only.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

from sqlite_utils import Database

from tracker.errors import ArchiveError, Busy, Corrupt, Foreign, NoSpace, NotFound
from tracker.store.schema import APPLICATION_ID, migrations


def writing(path: Path) -> tuple[Database, IO[str]]:
    """The archive opened for writing, made or migrated where needed, and the lock to close after it.

    Raises Busy (another writer), Foreign, Corrupt, NoSpace or ArchiveError; then nothing was changed.
    """
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _lock(path)
        try:
            connection = sqlite3.connect(path, timeout=10)
            try:
                return _prepared(connection, path), lock
            except BaseException:
                connection.close()
                raise
        except BaseException:
            lock.close()
            raise


def reading(path: Path) -> Database:
    """The archive opened read-only. Raises NotFound where there is none, else as `writing`."""
    if not path.is_file():
        remedy = "Run `tracker demo` to see how it looks, or `tracker add URL` to begin your own."
        raise NotFound("There is no archive yet.", str(path), remedy)
    if path.stat().st_size == 0:
        raise NotFound("This archive is empty.", str(path), "Run `tracker check`: it takes the first copies.")
    with explained(path):
        try:
            return _opened(path, "mode=ro")
        except sqlite3.OperationalError as error:
            # On a medium that cannot be written SQLite cannot keep the books that a live archive needs.
            if "readonly" not in str(error) and "unable to open" not in str(error):
                raise
            return _opened(path, "immutable=1")


def _opened(path: Path, how: str) -> Database:
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?{how}", uri=True, timeout=10)
    try:
        db = Database(connection)
        _refuse_foreign(db, path)
        if migrations.pending(db):
            remedy = "Run `tracker check` once: it brings the archive up to date."
            raise Foreign("An older program wrote this archive.", str(path), remedy)
        return db
    except BaseException:
        connection.close()
        raise


def _lock(path: Path) -> IO[str]:
    """The writer's lock: held as long as the file stays open, and freed by the system when the process dies."""
    # Beside the real file, so that two names of one archive have one lock; never through a link.
    descriptor = os.open(f"{path.resolve()}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    file = os.fdopen(descriptor, "r+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = file.read(20).strip() or "unknown"
        file.close()
        remedy = "Wait until it is done, or stop it; reading commands work meanwhile."
        raise Busy(f"Another tracker (process {holder}) is writing to this archive.", str(path), remedy) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _prepared(connection: sqlite3.Connection, path: Path) -> Database:
    db = Database(connection)
    _refuse_foreign(db, path)
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on", "busy_timeout = 10000"):
        connection.execute(f"pragma {pragma}").fetchall()
    if migrations.pending(db):
        migrations.apply(db)
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
    return db


def _refuse_foreign(db: Database, path: Path) -> None:
    remedy = "Name another file with --archive; this one was not touched."
    tables = db.table_names()
    mark = db.conn.execute("pragma application_id").fetchone()[0]
    if tables and mark != APPLICATION_ID and "_sqlite_migrations" not in tables:
        raise Foreign("This database is not an archive of tracker.", str(path), remedy)
    known = {item.name for item in migrations.pending(Database(memory=True))}
    newer = {item.name for item in migrations.applied(db)} - known
    if newer:
        what = f"A newer program wrote this archive (it knows {', '.join(sorted(newer))})."
        raise Foreign(what, str(path), "Install the newer tracker; this file was not touched.")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns SQLite's and the system's errors into ours, with the remedy."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _explanation(error, path) from error
    except UnicodeDecodeError as error:
        raise Corrupt("The archive is damaged: it holds text that is none.", str(path), "Restore a backup.") from error
    except OSError as error:
        remedy = "Check the folder's rights and free space, or name another file with --archive."
        raise ArchiveError(f"The archive cannot be used: {error.strerror or error}.", str(path), remedy) from error


def _explanation(error: sqlite3.DatabaseError, path: Path) -> ArchiveError:
    said, where = str(error), str(path)
    if "not a database" in said:
        return Foreign("This file is not an archive.", where, "Name another file with --archive; it was not touched.")
    if "malformed" in said or "corrupt" in said:
        return Corrupt(f"The archive is damaged: {said}.", where, "Restore a backup; nothing was written.")
    if "full" in said or "disk I/O" in said:
        remedy = "Free some space and run it again; all that was kept before is still there."
        return NoSpace(f"The archive cannot grow: {said}.", where, remedy)
    if "readonly" in said or "unable to open" in said:
        return NoSpace(f"The archive cannot be written: {said}.", where, "Check the rights of the file and its folder.")
    if "locked" in said or "busy" in said:
        return Busy("Another program holds the archive.", where, "Close it (a SQLite browser?) and run it again.")
    return ArchiveError(f"The archive cannot be used: {said}.", where, "Run it again; restore a backup if it lasts.")
