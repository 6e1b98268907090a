"""Where the server keeps its runs: SQLite, so that they survive whatever ends the process."""

import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from cliptrail.tools.checkpoints import open_saver
from cliptrail.tools.keys import LOCAL
from cliptrail.tools.settings import settings

OWNER = "owner"
"""The metadata that says whose something is."""
TABLES = ("writes", "checkpoints")

OF_RUN = """
SELECT thread_id, checkpoint_ns, checkpoint_id FROM checkpoints
WHERE json_extract(CAST(metadata AS TEXT), '$.run_id') = ?
"""
FORGET = "DELETE FROM {} WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?"
OLDER = """
DELETE FROM checkpoints WHERE thread_id = ? AND checkpoint_id < (
    SELECT max(checkpoint_id) FROM checkpoints AS newer
    WHERE newer.thread_id = checkpoints.thread_id
    AND newer.checkpoint_ns = checkpoints.checkpoint_ns
)
"""
WRITES_OF_NONE = """
DELETE FROM writes WHERE thread_id = ? AND (thread_id, checkpoint_ns, checkpoint_id) NOT IN
    (SELECT thread_id, checkpoint_ns, checkpoint_id FROM checkpoints)
"""
COPY = (
    """
    INSERT INTO checkpoints SELECT ?, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type,
        renamed(checkpoint),
        CAST(json_remove(CAST(metadata AS TEXT), '$.run_id', '$.thread_id') AS BLOB)
    FROM checkpoints WHERE thread_id = ?
    """,
    """
    INSERT INTO writes (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel,
        type, value)
    SELECT ?, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, renamed(value)
    FROM writes WHERE thread_id = ?
    """,
)
"""From the second thread to the first. The server's own run did not make the copy, so that what
rolls it back must leave the copy alone."""
OWNER_OF = """
SELECT json_extract(CAST(metadata AS TEXT), '$.' || ?) FROM checkpoints
WHERE thread_id = ? ORDER BY checkpoint_id DESC LIMIT 1
"""


class ServedSaver(AsyncSqliteSaver):
    """The saver with what the server asks for beyond LangGraph's own."""

    async def adelete_for_runs(self, run_ids: Iterable[str]) -> None:
        """Forget what runs stored: the server rolls them back when another one replaces them."""
        await self.setup()
        async with self.lock, self.conn.cursor() as cursor:
            for name in map(str, run_ids):
                found = await self.conn.execute_fetchall(OF_RUN, (name,))
                for table in TABLES:
                    await cursor.executemany(FORGET.format(table), [tuple(row) for row in found])
            await self.conn.commit()

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Forget what threads stored, whole ("delete") or all but the latest ("keep_latest").

        No channel of ours is stored as differences, which would need the checkpoints before.
        """
        await self.setup()
        if strategy == "delete":
            for name in thread_ids:
                await self.adelete_thread(name)
            return
        async with self.lock, self.conn.cursor() as cursor:
            for statement in (OLDER, WRITES_OF_NONE):
                await cursor.executemany(statement, [(name,) for name in thread_ids])
            await self.conn.commit()

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy a thread, its runs under ids of their own.

        By its id a run finds what it has open in a process and the files that it wrote: with the
        same id, original and copy would interfere with each other.
        """
        config: RunnableConfig = {"configurable": {"thread_id": source_thread_id}}
        found = {row.checkpoint["channel_values"].get("run") async for row in self.alist(config)}
        # As long as the old ones, which stand nowhere by chance: so they can be put in their place.
        ids = {str(run).encode(): uuid.uuid4().hex.encode() for run in found if run}

        def renamed(content: bytes | None) -> bytes | None:
            for old, new in ids.items():
                content = content and content.replace(old, new)
            return content

        async with self.lock:
            await self.conn.create_function("renamed", 1, renamed, deterministic=True)
            for statement in COPY:
                await self.conn.execute(statement, (target_thread_id, source_thread_id))
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
    """Return whose checkpoints a thread has; empty where it has none.

    Raises:
        LibraryError: the file cannot be used.
    """
    async with (
        checkpointer() as saver,
        saver.conn.execute(OWNER_OF, (OWNER, thread_id)) as cursor,
    ):
        row = await cursor.fetchone()
    return str(row[0] or LOCAL) if row else ""
