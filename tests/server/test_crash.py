"""`kill -9` of the server: what runs had finished is kept, and they go on where they were."""

import asyncio
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from tests.server.conftest import Conversation, Payload, Server, new_thread, running
from tests.server.held import begun, held_at, held_run, let_go

pytestmark = pytest.mark.slow

AUTO = {"library": "samples", "approval": "auto"}
LISTED_WITHIN_S = 30.0
"""The server writes its list of threads and runs every ten seconds."""


async def begin(client: LangGraphClient, place: Path, name: str) -> tuple[Conversation, str]:
    talk = await new_thread(client)
    given = held_run(place, name)
    run = await client.runs.create(talk.thread_id, "planner", input=given, context=AUTO)
    await held_at(place)
    return talk, run["run_id"]


def started(results: Payload) -> dict[str, float]:
    return {name: row["started"] for name, row in results.items() if row["status"] == "done"}


async def listed(server: Server, thread_id: str) -> None:
    """Wait until the server has written a thread down."""
    file = server.checkout / ".langgraph_api" / ".langgraph_ops.pckl"
    needle = UUID(thread_id).bytes[::-1]  # as pickle writes numbers
    deadline = time.monotonic() + LISTED_WITHIN_S
    while not (file.exists() and needle in file.read_bytes()):
        assert time.monotonic() < deadline, "the server did not write its threads down"
        await asyncio.sleep(0.1)


async def test_runs_go_on_after_the_server_was_killed(tmp_path: Path) -> None:
    """One that the server had written down goes on by itself; for another one its caller asks."""
    early, late = tmp_path / "early", tmp_path / "late"
    with running(tmp_path) as server:
        async with get_client(url=server.url, api_key=None) as client:
            first, run = await begin(client, early, "early.md")
            asked = await new_thread(client)
            await asked.ask({"request": "How do I steam milk?", "output": "asked.md"})
            await listed(server, asked.thread_id)
            second, _ = await begin(client, late, "late.md")
            before = [(await talk.state())["results"] for talk in (first, second)]
            assert all({"search", "fetch[0]", "fetch[1]"} == set(row) for row in before)
            server.kill()
    for place in (early, late):
        let_go(place)
    with running(tmp_path) as server:
        async with get_client(url=server.url, api_key=None) as client:
            ended: list[Any] = [await client.runs.join(first.thread_id, run)]
            await client.threads.create(thread_id=second.thread_id, if_exists="do_nothing")
            talk = Conversation(client, second.thread_id)
            ended.append(await talk.run(input=None, context=AUTO))
            assert [row["status"] for row in ended] == ["complete", "complete"]
            answered = await Conversation(client, asked.thread_id).decide(type="approve")
            assert answered["status"] == "complete"
            for thread, results in zip((first, second), before, strict=True):
                after = (await Conversation(client, thread.thread_id).state())["results"]
                assert started(after).items() >= started(results).items()
    assert [begun(place) for place in (early, late)] == [2, 2]
    assert sorted(file.name for file in server.outputs.glob("*.md")) == [
        "asked.md",
        "early.md",
        "late.md",
    ]
