"""What becomes of a thread's checkpoints when it is copied or pruned: a copy has own runs."""

from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import empty_checkpoint

from cliptrail.web.checkpointer import checkpointer

RUN, OTHER = "a1" * 16, "b2" * 16


def config(thread: str, **more: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": "", **more}}


async def filled(saver: Any, thread: str, run: str, text: str) -> RunnableConfig:
    """Put a checkpoint with a write that is still pending."""
    checkpoint = empty_checkpoint()
    checkpoint["channel_values"] = {"run": run, "request": text}
    about: Any = {"source": "loop", "step": 1, "run_id": "server-run", "owner": "alice"}
    made: RunnableConfig = await saver.aput(config(thread), checkpoint, about, {})
    await saver.aput_writes(made, [("results", {"of": run})], "task")
    return made


async def test_a_copy_is_a_run_of_its_own() -> None:
    async with checkpointer() as saver:
        await filled(saver, "first", RUN, "How?")
        await saver.acopy_thread("first", "second")
        first, second = [await saver.aget_tuple(config(name)) for name in ("first", "second")]
    assert first
    assert second
    old, new = first.checkpoint["channel_values"], second.checkpoint["channel_values"]
    assert (old["run"], old["request"]) == (RUN, "How?")
    assert (len(new["run"]), new["request"]) == (len(RUN), "How?")
    assert new["run"] != RUN
    ((_, _, written),) = second.pending_writes or ()
    assert written == {"of": new["run"]}
    assert second.checkpoint["id"] == first.checkpoint["id"]
    assert second.metadata.get("owner") == "alice"


async def test_each_run_of_a_conversation_keeps_apart_from_the_others() -> None:
    async with checkpointer() as saver:
        await filled(saver, "first", RUN, "How?")
        await filled(saver, "first", OTHER, f"And {RUN}?")
        await saver.acopy_thread("first", "second")
        rows = [row.checkpoint["channel_values"] async for row in saver.alist(config("second"))]
    runs = {row["run"] for row in rows}
    assert len(runs) == 2
    assert runs.isdisjoint({RUN, OTHER})
    (earlier,) = [row["run"] for row in rows if row["request"] == "How?"]
    assert f"And {earlier}?" in {row["request"] for row in rows}


async def test_what_rolls_a_run_back_leaves_its_copy_alone() -> None:
    async with checkpointer() as saver:
        await filled(saver, "first", RUN, "How?")
        await saver.acopy_thread("first", "second")
        await saver.adelete_for_runs(["server-run"])
        assert await saver.aget_tuple(config("first")) is None
        assert await saver.aget_tuple(config("second"))


async def test_a_thread_without_checkpoints_is_copied_as_it_is() -> None:
    async with checkpointer() as saver:
        await saver.acopy_thread("nothing", "second")
        assert await saver.aget_tuple(config("second")) is None


async def stored(saver: Any, thread: str) -> list[tuple[str, int]]:
    """What a thread still has, newest first: the request of each checkpoint, and its writes."""
    rows = [row async for row in saver.alist(config(thread))]
    return [
        (row.checkpoint["channel_values"]["request"], len(row.pending_writes or ())) for row in rows
    ]


async def test_only_the_latest_of_a_pruned_thread_is_kept() -> None:
    async with checkpointer() as saver:
        for text in ("one", "two"):
            for name in ("first", "second"):
                await filled(saver, name, RUN, text)
        await saver.aprune(["first"])
        assert await stored(saver, "first") == [("two", 1)]
        assert await stored(saver, "second") == [("two", 1), ("one", 1)]
        found = await saver.conn.execute_fetchall("SELECT count(*) FROM writes")
        assert [tuple(row) for row in found] == [(3,)]
        await saver.aprune(["second"], strategy="delete")
        assert await stored(saver, "second") == []
        assert await stored(saver, "first") == [("two", 1)]
