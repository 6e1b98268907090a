"""The library's SQLite file: opening, schema versions, and SQLite's errors in plain words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cliptrail.state.errors import LibraryError

APPLICATION_ID = 0x434C5054
"""Marks an SQLite file as a library of cliptrail ("CLPT")."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE videos (
            id INTEGER PRIMARY KEY,
            video_id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            channel TEXT NOT NULL,
            channel_key TEXT NOT NULL,
            url TEXT NOT NULL,
            published TEXT,
            duration_s REAL NOT NULL,
            language TEXT NOT NULL,
            captions TEXT NOT NULL,
            provenance TEXT NOT NULL,
            segments BLOB NOT NULL
        )""",
        "CREATE INDEX videos_by_channel ON videos (channel_key, title)",
        # Contentless: the words are already in `segments`, from which a row is deleted again.
        """CREATE VIRTUAL TABLE texts USING fts5 (
            title, channel, words, tags,
            content='', tokenize='porter unicode61 remove_diacritics 2'
        )""",
    ),
)
"""Statements that bring a file from version n to n + 1. Only ever append."""

SCHEMA_VERSION = len(MIGRATIONS)

_OTHER = ("cannot be used", "Check the disk, or import into a new file.")
_SAYINGS = {
    sqlite3.SQLITE_NOTADB: (
        "is not a library: it is no SQLite file",
        "Name another file; `cliptrail library import` makes a new one.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "Restore it from a copy, or delete it and import again.",
    ),
    sqlite3.SQLITE_BUSY: (
        "is locked by another program",
        "Wait until that one is done, or end it, and try again.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        "Check that you may read and write the file and its folder.",
    ),
    sqlite3.SQLITE_READONLY: (
        "cannot be written to",
        "Check the rights of the file and its folder, or name another file.",
    ),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "Make room and try again."),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: the disk fails", "Check the disk."),
}
_SAYINGS[sqlite3.SQLITE_LOCKED] = _SAYINGS[sqlite3.SQLITE_BUSY]
_SAYINGS[sqlite3.SQLITE_PERM] = _SAYINGS[sqlite3.SQLITE_CANTOPEN]


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn every SQLite error inside into a LibraryError that names the file and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        # The low byte is the primary code; the rest says where in SQLite it arose.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        what, next_step = _SAYINGS.get(code, _OTHER)
        detail = "" if code in _SAYINGS else f" ({error})"
        raise LibraryError(f"The library {path} {what}{detail}.", next_step) from error


def connect(path: Path, *, read_only: bool, wait_s: float) -> sqlite3.Connection:
    """Open a library file, make it if it is not there, and bring it to the newest schema.

    Args:
        path: the file; its folder must exist.
        read_only: neither make nor change the file.
        wait_s: seconds to wait for another program's lock.

    Raises:
        LibraryError: no folder, no rights, locked, damaged, not a library, or of another version.
    """
    try:
        _check_place(path, read_only=read_only)
    except OSError as error:
        raise LibraryError(
            f"The library {path} cannot be opened: {error.strerror}.", "Name another file."
        ) from error
    with explained(path):
        db = sqlite3.connect(
            _address(path, read_only=read_only),
            uri=True,
            timeout=wait_s,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _prepare(db, path, read_only=read_only, wait_s=wait_s)
        except BaseException:
            db.close()
            raise
    return db


def _check_place(path: Path, *, read_only: bool) -> None:
    if path.is_dir():
        raise LibraryError(f"The library {path} is a folder.", "Name a file in it.")
    if read_only and not path.exists():
        raise LibraryError(
            f"There is no library {path}.",
            "Import transcripts with `cliptrail library import`, or use `--library samples`.",
        )
    if path.exists() and not path.is_file():
        raise LibraryError(f"The library {path} is no file.", "Name another one.")
    if not path.parent.is_dir():
        raise LibraryError(
            f"The folder {path.parent} of the library {path.name} does not exist.",
            "Make the folder first, or name another file.",
        )


def _address(path: Path, *, read_only: bool) -> str:
    if not read_only:
        return f"{path.absolute().as_uri()}?mode=rwc"
    # In a folder that nobody may write to, SQLite cannot make the side files of a WAL database.
    immutable = "" if os.access(path.parent, os.W_OK) else "&immutable=1"
    return f"{path.absolute().as_uri()}?mode=ro{immutable}"


def _prepare(db: sqlite3.Connection, path: Path, *, read_only: bool, wait_s: float) -> None:
    db.execute(f"PRAGMA busy_timeout = {round(wait_s * 1000)}")
    version = _version(db, path)
    if read_only:
        if version < SCHEMA_VERSION:
            raise LibraryError(
                f"The library {path} is empty or of an older version of cliptrail.",
                "Import something into it: that brings it up to date.",
            )
        return
    if _pragma(db, "journal_mode") != "wal":
        db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    if version < SCHEMA_VERSION:
        _migrate(db, path)


def _pragma(db: sqlite3.Connection, name: str) -> int | str:
    value: int | str = db.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def _version(db: sqlite3.Connection, path: Path) -> int:
    """Return the schema version, 0 for an empty file.

    Raises:
        LibraryError: the file is another program's, or of a newer cliptrail.
    """
    version = int(_pragma(db, "user_version"))
    filled = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
    if filled and _pragma(db, "application_id") != APPLICATION_ID:
        raise LibraryError(
            f"The library {path} is not a library: it is another program's SQLite file.",
            "Name another file; `cliptrail library import` makes a new one.",
        )
    if version > SCHEMA_VERSION:
        raise LibraryError(
            f"The library {path} was written by a newer cliptrail "
            f"(version {version}; this one knows {SCHEMA_VERSION}).",
            "Upgrade cliptrail, or name another file.",
        )
    return version


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    with transaction(db):
        # Read again under the lock: another process may have been quicker.
        for statements in MIGRATIONS[_version(db, path) :]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Do everything inside, or nothing of it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # SQLite has already rolled back by itself after some errors, e.g. a full disk.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
