"""Runs that are removed are gone with their checkpoints, and their space is free again."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from langgraph.checkpoint.base import empty_checkpoint

from cliptrail.state.context import Context
from cliptrail.state.errors import LibraryError
from cliptrail.tools.checkpoints import open_saver
from cliptrail.tools.threads import Thread, Threads

KIND = ("checkpoints", "writes", "cliptrail_threads")


def fill(threads: Threads, *names: str, size: int = 10) -> None:
    """Keep runs with a checkpoint and a write each, of so many bytes that cannot be packed."""

    async def save() -> None:
        async with open_saver(threads.file) as saver:
            for name in names:
                point = {**empty_checkpoint(), "channel_values": {"found": os.urandom(size)}}
                place = {"configurable": {"thread_id": name, "checkpoint_ns": ""}}
                kept = await saver.aput(place, point, {"step": 1}, {})  # type: ignore[arg-type]
                await saver.aput_writes(kept, [("found", os.urandom(size))], "task")

    asyncio.run(save())
    for name in names:
        about = {"request": "Why?", "pattern": "planner", "status": "complete"}
        row = {"thread_id": name, "context": Context(), "created": 1, "updated": 1, **about}
        threads.put(Thread.model_validate(row))


def kept(threads: Threads) -> dict[str, list[str]]:
    with closing(sqlite3.connect(threads.file)) as db:
        return {
            kind: [row[0] for row in db.execute(f"SELECT thread_id FROM {kind} ORDER BY 1")]
            for kind in KIND
        }


@pytest.fixture
def threads(tmp_path: Path) -> Threads:
    return Threads(tmp_path / "data" / "runs.sqlite")


def test_a_run_goes_with_all_that_is_kept_of_it_and_the_others_stay(threads: Threads) -> None:
    fill(threads, "one", "two", "three")
    assert threads.remove(["one", "three"]) == {"one", "three"}
    assert kept(threads) == {kind: ["two"] for kind in KIND}
    assert threads.remove(["two"]) == {"two"}
    assert kept(threads) == {kind: [] for kind in KIND}


def test_a_run_without_checkpoints_can_be_removed_too(threads: Threads) -> None:
    about = {"request": "Why?", "pattern": "planner", "status": "failed", "context": Context()}
    threads.put(Thread.model_validate({"thread_id": "one", "created": 1, "updated": 1, **about}))
    assert threads.remove(["one", "none such"]) == {"one", "none such"}
    assert threads.all() == []


def test_no_lock_is_left_behind(threads: Threads) -> None:
    fill(threads, "one")
    threads.remove(["one"])
    assert list((threads.file.parent / "locks").iterdir()) == []


def test_a_run_that_is_held_is_kept(threads: Threads) -> None:
    fill(threads, "one", "two")
    with threads.lock("one"):
        assert threads.remove(["one", "two"]) == {"two"}
    assert kept(threads) == {kind: ["one"] for kind in KIND}
    with threads.lock("one"):
        pass


def test_the_space_of_what_is_removed_is_given_back(threads: Threads) -> None:
    fill(threads, "small")
    threads.compact()
    before = threads.size()
    fill(threads, "large", size=400_000)
    assert threads.size() > before + 700_000
    threads.remove(["large"])
    assert threads.compact()
    assert threads.size() <= before + 8192
    assert kept(threads) == {kind: ["small"] for kind in KIND}


def test_a_file_in_use_keeps_its_size_and_says_so(threads: Threads) -> None:
    fill(threads, "one")
    with closing(sqlite3.connect(threads.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not threads.compact()
    assert threads.compact()


@pytest.mark.parametrize(
    "use", [lambda threads: threads.remove(["one"]), Threads.compact], ids=["remove", "compact"]
)
def test_a_file_that_is_no_database_is_told(
    use: Callable[[Threads], object], threads: Threads
) -> None:
    threads.file.parent.mkdir()
    threads.file.write_text("no database " * 100)
    with pytest.raises(LibraryError, match="cannot be used"):
        use(threads)
