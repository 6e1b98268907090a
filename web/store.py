"""The server's store, for what its clients keep beyond a run: SQLite in the data folder."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langgraph.store.sqlite.aio import AsyncSqliteStore

from cliptrail.tools.settings import settings


@asynccontextmanager
async def store() -> AsyncIterator[AsyncSqliteStore]:
    """Open the store; its file is made if it is missing."""
    file = settings().store_file
    await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
    async with AsyncSqliteStore.from_conn_string(str(file)) as opened:
        await opened.conn.execute("PRAGMA journal_mode=WAL")
        await opened.setup()
        yield opened
