"""The server's runs are traced as those of the command line are, and masked as they are."""

from collections.abc import Iterator

import pytest
from langgraph_sdk import get_client

from tests.server.conftest import Server, new_thread, running
from tests.tracing.conftest import SECRETS, TOLD, tracing_to
from tests.tracing.recorder import KEY, Recorder, recording

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Recorder]]:
    with recording() as recorder:
        folder = tmp_path_factory.mktemp("traced_server")
        with running(folder, **tracing_to(recorder), **SECRETS) as server:
            yield server, recorder


async def test_a_run_on_the_server_is_one_readable_trace(served: tuple[Server, Recorder]) -> None:
    server, recorder = served
    request = f"How do I set the vents of a kamado? My key is {TOLD}"
    async with get_client(url=server.url, api_key=None) as client:
        talk = await new_thread(client)
        given = {"request": request, "output": "o.md"}
        await talk.ask(given, approval="auto", model="offline:rules")
        state = await talk.state()
        [run] = await client.runs.list(talk.thread_id)
    recorder.until(lambda: any(row.ended for row in recorder.roots()))
    [root] = recorder.roots()
    assert root.name == "cliptrail planner"
    assert "pattern:planner" in root.tags
    about = root.metadata
    assert (about["thread"], about["run"]) == (talk.thread_id, state["run"])
    assert (about["status"], about["revision"], about["usd"]) == ("complete", 1, 0.0)
    assert root.id == run["run_id"] == state["trace"]
    steps = {row.metadata.get("step") for row in recorder.nodes.values() if row.parent == root.id}
    assert steps >= set(state["results"])
    calls = [row for row in recorder.nodes.values() if row.data["run_type"] == "llm"]
    assert {row.name for row in calls} == set(state["usage"]["by_role"])
    secrets = [*SECRETS.values(), "proxy-passphrase", TOLD, KEY]
    # What the LangGraph server reports of itself, with its key, is no trace and not ours.
    sent = b"".join(row.body for row in recorder.requests if row.path.startswith("/runs"))
    assert sent
    assert [name for name in secrets if name.encode() in sent] == []
