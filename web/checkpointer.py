"""Where the server keeps its runs: SQLite, so that they survive whatever ends the process."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from tools.checkpoints import open_saver
from tools.keys import LOCAL
from tools.settings import settings

OWNER = "owner"
"""The metadata that says whose something is."""
TABLES = ("writes", "checkpoints")

OF_RUN = """
SELECT thread_id, checkpoint_ns, checkpoint_id FROM checkpoints
WHERE json_extract(CAST(metadata AS TEXT), '$.run_id') = ?
"""
OLDER = """
SELECT thread_id, checkpoint_ns, checkpoint_id FROM checkpoints AS row
WHERE thread_id = ? AND checkpoint_id < (
    SELECT max(checkpoint_id) FROM checkpoints
    WHERE thread_id = row.thread_id AND checkpoint_ns = row.checkpoint_ns
)
"""

OWNER_OF = """
SELECT json_extract(CAST(metadata AS TEXT), '$.' || ?) FROM checkpoints
WHERE thread_id = ? ORDER BY checkpoint_id DESC LIMIT 1
"""


class ServedSaver(AsyncSqliteSaver):
    """The saver with what the server asks for beyond LangGraph's own."""

    async def adelete_for_runs(self, run_ids: Iterable[str]) -> None:
        """Forget what runs stored: the server rolls them back when another one replaces them."""
        await self.setup()
        await self._forget(OF_RUN, [str(name) for name in run_ids])

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Forget threads, or all of them but where they stand."""
        await self.setup()
        if strategy == "keep_latest":
            await self._forget(OLDER, [str(name) for name in thread_ids])
            return
        for name in thread_ids:
            await self.adelete_thread(str(name))

    async def _forget(self, which: str, names: list[str]) -> None:
        async with self.lock, self.conn.cursor() as cursor:
            for name in names:
                rows = await (await cursor.execute(which, (name,))).fetchall()
                for table in TABLES:
                    await cursor.executemany(
                        f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_ns = ? "  # noqa: S608
                        "AND checkpoint_id = ?",
                        [tuple(row) for row in rows],
                    )
            await self.conn.commit()


@asynccontextmanager
async def checkpointer() -> AsyncIterator[AsyncSqliteSaver]:
    """Open the server's checkpoints.

    Raises:
        LibraryError: the file cannot be used.
    """
    async with open_saver(settings().served_file, ServedSaver) as saver:
        await saver.setup()  # the server may delete a thread before anything was stored
        yield saver


async def thread_owner(thread_id: str) -> str:
    """Give whose checkpoints a thread has; empty where it has none.

    Raises:
        LibraryError: the file cannot be used.
    """
    async with (
        checkpointer() as saver,
        saver.conn.execute(OWNER_OF, (OWNER, thread_id)) as cursor,
    ):
        row = await cursor.fetchone()
    return str(row[0] or LOCAL) if row else ""
