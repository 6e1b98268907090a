"""Where runs are kept between processes: SQLite checkpoints that read back only our own types."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from cliptrail.state import approval, events, media, research, steps, trail
from cliptrail.state.base import STORED
from cliptrail.tools.threads import unusable

LONGEST_WAIT_S = 5.0
PAUSE_S = 0.05
CHANNELS = (approval, events, media, research, steps, trail)
"""Importing these defines every type that a checkpoint can hold."""


def serializer() -> JsonPlusSerializer:
    """Return the serializer of our checkpoints: no type beyond our own comes back from one."""
    return JsonPlusSerializer(allowed_msgpack_modules=list(STORED.values()))


@asynccontextmanager
async def open_saver(
    path: Path, kind: type[AsyncSqliteSaver] = AsyncSqliteSaver
) -> AsyncIterator[AsyncSqliteSaver]:
    """Open the checkpoints of an installation.

    Args:
        path: the SQLite file; made with its folder if it is missing.
        kind: what reads and writes them.

    Raises:
        LibraryError: the file cannot be opened, or not be used later.
    """
    try:
        # Tried here first: a connection of aiosqlite that fails leaves its thread behind.
        await asyncio.to_thread(_prepare, path)
        connection = await aiosqlite.connect(path)
    except (OSError, sqlite3.Error) as error:
        raise unusable(path, error) from error
    saver = kind(connection, serde=serializer())
    try:
        await connection.execute("PRAGMA synchronous=NORMAL")
        yield saver
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    finally:
        # A write under way holds the lock; closing beneath it would leave the file locked.
        async with saver.lock:
            await connection.close()


def check_file(path: Path) -> None:
    """Find out whether a file can hold checkpoints, or anything of SQLite's; made if missing.

    Args:
        path: the SQLite file.

    Raises:
        LibraryError: the file cannot be opened, or is none of SQLite's.
    """
    try:
        _prepare(path)
    except (OSError, sqlite3.Error) as error:
        raise unusable(path, error) from error


def _prepare(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + LONGEST_WAIT_S
    with closing(sqlite3.connect(path)) as db:
        while True:
            try:
                # One write a checkpoint instead of two syncs; a crash may cost the last.
                db.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                # SQLite does not wait here by itself for another process that writes.
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE_S)
            else:
                return
