"""`kill -9` of the server: what runs had finished is kept, and they go on where they were."""

import asyncio
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from cliptrail.graphs.registry import OURS
from tests.limits import SOON
from tests.server.conftest import Conversation, Payload, Server, new_thread, reaching, running
from tests.server.held import let_go
from tests.server.slow_models import SlowModels

pytestmark = pytest.mark.slow

AUTO = {"library": "samples", "approval": "auto"}
EVERY = tuple(OURS)


class Started:
    """A run of a pattern that a model holds."""

    def __init__(self, pattern: str, place: Path) -> None:
        self.pattern = pattern
        self.place = place
        self.context = AUTO | {"model": f"openai:{place.name}"}
        self.thread = self.run = ""
        self.before: Payload = {}

    async def begin(self, client: LangGraphClient) -> None:
        """Start it, and wait until it is held and what it did is stored."""
        talk = await new_thread(client, self.pattern)
        given = {"request": "How do I rest a brisket?", "output": f"{self.place.name}.md"}
        run = await client.runs.create(
            talk.thread_id, self.pattern, input=given, context=self.context
        )
        self.thread, self.run = talk.thread_id, run["run_id"]
        self.before = await talk.held(self.place)

    async def go_on(self, client: LangGraphClient) -> Payload:
        """Let it go on, on a server that does not know of its thread any more."""
        await client.threads.create(thread_id=self.thread, if_exists="do_nothing")
        talk = Conversation(client, self.thread, self.pattern)
        return await talk.run(input=None, context=self.context)

    async def repeated(self, client: LangGraphClient) -> list[str]:
        """Return the steps that had ended and were done again."""
        after = (await Conversation(client, self.thread).state())["results"]
        return [name for name, row in self.before.items() if after[name] != row]


async def listed(server: Server, thread_id: str) -> None:
    """Wait until the server has written a thread down, which it does every ten seconds."""
    file = server.checkout / ".langgraph_api" / ".langgraph_ops.pckl"
    needle = UUID(thread_id).bytes[::-1]  # as pickle writes numbers
    deadline = time.monotonic() + SOON
    while not (file.exists() and needle in file.read_bytes()):
        assert time.monotonic() < deadline, "the server did not write its threads down"
        await asyncio.sleep(0.1)


async def test_runs_go_on_after_the_server_was_killed(tmp_path: Path, models: SlowModels) -> None:
    """Those that the server had written down go on by themselves; for others their callers ask."""
    early, late = (
        [Started(pattern, models.place(f"{when}_{pattern}")) for pattern in EVERY]
        for when in ("early", "late")
    )
    with running(tmp_path, **reaching(models)) as server:
        async with get_client(url=server.url, api_key=None) as client:
            await asyncio.gather(*(run.begin(client) for run in early))
            asked = await new_thread(client)
            await asked.ask({"request": "How do I steam milk?", "output": "asked.md"})
            await listed(server, asked.thread_id)
            await asyncio.gather(*(run.begin(client) for run in late))
            server.kill()
    for run in (*early, *late):
        let_go(run.place)
    with running(tmp_path, **reaching(models)) as server:
        async with get_client(url=server.url, api_key=None) as client:
            joins = (client.runs.join(run.thread, run.run) for run in early)
            ended: list[Any] = list(await asyncio.gather(*joins))
            ended += await asyncio.gather(*(run.go_on(client) for run in late))
            assert [row["status"] for row in ended] == ["complete"] * 2 * len(EVERY)
            answered = await Conversation(client, asked.thread_id).decide(type="approve")
            assert answered["status"] == "complete"
            assert [await run.repeated(client) for run in (*early, *late)] == [[]] * len(ended)
    for run in (*early, *late):  # nothing was asked twice but what was asked when it was killed
        counts = models.questions(run.place.name).values()
        assert sorted(counts) == [1] * (len(counts) - 1) + [2], run.place.name
    names = [f"{run.place.name}.md" for run in (*early, *late)]
    assert sorted(file.name for file in server.outputs.glob("*.md")) == sorted([*names, "asked.md"])
