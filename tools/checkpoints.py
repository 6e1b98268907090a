"""Where runs are kept between processes: SQLite checkpoints that read back only our own types."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from state import approval, events, media, research, steps, trail
from state.base import Frozen
from state.context import Context
from state.errors import LibraryError

CHANNELS = (approval, events, media, research, steps, trail)
"""Importing these defines every type that a checkpoint can hold."""


def _types(kind: type[Frozen]) -> Iterator[type[Frozen]]:
    for child in kind.__subclasses__():
        yield child
        yield from _types(child)


def serializer() -> JsonPlusSerializer:
    """Give the serializer of our checkpoints: no type beyond our own comes back from one."""
    ours = [kind for kind in _types(Frozen) if kind.__module__.startswith("state.")]
    return JsonPlusSerializer(allowed_msgpack_modules=[*ours, Context])


@asynccontextmanager
async def open_saver(path: Path) -> AsyncIterator[AsyncSqliteSaver]:
    """Open the checkpoints of an installation.

    Args:
        path: the SQLite file; made with its folder if it is missing.

    Raises:
        LibraryError: the file cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = await aiosqlite.connect(path)
        # One write a checkpoint instead of two syncs; a crash of the machine may cost the last.
        await connection.execute("PRAGMA journal_mode=WAL")
        await connection.execute("PRAGMA synchronous=NORMAL")
    except (OSError, aiosqlite.Error) as error:
        raise LibraryError(
            f"The saved runs in {path} cannot be opened: {error}.",
            "Check CLIPTRAIL_DATA_DIR, or move the file away.",
        ) from error
    saver = AsyncSqliteSaver(connection, serde=serializer())
    try:
        yield saver
    finally:
        # A write under way holds the lock; closing beneath it would leave the file locked.
        async with saver.lock:
            await connection.close()
