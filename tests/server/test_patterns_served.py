"""What a server tells of every pattern: its form, its schemas, its drawing; and that it answers."""

import json
from typing import Any

import pytest
from langgraph_sdk.client import LangGraphClient

from cliptrail.agents.registry import agents
from cliptrail.graphs.registry import OURS
from cliptrail.state.context import Context
from cliptrail.state.dialogue import DialogueState
from cliptrail.state.events import EVENT
from cliptrail.state.research import ResearchInput, ResearchOutput
from cliptrail.state.steps import StepTask
from tests.server.conftest import new_thread

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("pattern", OURS)]

BOUNDS = {
    "integer": ({"minimum", "maximum"},),
    "number": ({"minimum", "maximum"},),
    "string": ({"maxLength"}, {"enum"}),
    "boolean": (set(),),
}
"""What bounds a value of a type: one of these is there."""


REQUEST = "How do I rest a brisket?"
LARGEST_STATE = 120_000
"""Characters of JSON. The transcripts of a run have 1,000 words each."""


async def schemas_of(client: LangGraphClient, pattern: str) -> Any:
    (found,) = await client.assistants.search(graph_id=pattern)
    assert found["description"] == OURS[pattern].summary
    return await client.assistants.get_schemas(found["assistant_id"])


async def test_options_are_a_form(client: LangGraphClient, pattern: str) -> None:
    form = (await schemas_of(client, pattern))["context_schema"]
    assert set(form["properties"]) == set(Context.model_fields)
    for name, row in form["properties"].items():
        assert row["title"], name
        assert row["description"], name
        assert "default" in row, name
        (kind,) = [part for part in row.get("anyOf", [row]) if part["type"] != "null"]
        assert any(bounds <= set(kind) for bounds in BOUNDS[kind["type"]]), name


async def test_a_caller_sees_no_more_than_it_needs(client: LangGraphClient, pattern: str) -> None:
    schemas = await schemas_of(client, pattern)
    assert set(schemas["input_schema"]["properties"]) == set(ResearchInput.__annotations__)
    assert "$defs" not in schemas["input_schema"]
    assert set(schemas["output_schema"]["properties"]) == set(ResearchOutput.__annotations__)
    # The state's also names what the dispatcher sends to a step.
    state = set(DialogueState.__annotations__) | set(StepTask.model_fields)
    assert set(schemas["state_schema"]["properties"]) <= state


async def test_the_drawing_shows_the_agents(client: LangGraphClient, pattern: str) -> None:
    drawing = await client.assistants.get_graph(pattern)
    names = {node["id"] for node in drawing["nodes"]}
    assert {"begin", "save", "summary"} <= names
    drawn = {edge["target"] for edge in drawing["edges"]}
    assert set(agents()) & names <= drawn


async def test_it_answers_and_tells_how_it_goes_on(client: LangGraphClient, pattern: str) -> None:
    talk = await new_thread(client, pattern)
    seen: dict[str, list[Any]] = {"custom": [], "updates": [], "tasks": []}
    stream = client.runs.stream(
        talk.thread_id,
        pattern,
        input={"request": REQUEST, "output": f"served_{pattern}.md"},
        context={"library": "samples", "approval": "auto"},
        stream_mode=["custom", "updates", "tasks"],
    )
    async for part in stream:
        seen.setdefault(part.event, []).append(part.data)
    state = await talk.state()
    assert (state["status"], state["pattern"]) == ("complete", pattern)
    events = [EVENT.validate_python(data) for data in seen["custom"]]
    kinds = {event.kind for event in events}
    assert {"plan_made", "step_started", "model_called", "claim_found", "file_written"} <= kinds
    assert events[-1].kind == "run_ended"
    own = {"search", "transcript", "extract", "compose", OURS[pattern].decides}
    nodes = {name for update in seen["updates"] for name in update}
    assert nodes >= {"begin", "dispatch", "save", "summary"} | own
    assert {task["name"] for task in seen["tasks"]} == nodes
    assert json.dumps(state["guide"]["claims"][0]["citations"])


async def test_a_caller_cannot_plant_what_only_nodes_say(
    client: LangGraphClient, pattern: str
) -> None:
    talk = await new_thread(client, pattern)
    planted = {"results": {"x": 1}, "revisions": [1], "run": "mine", "conversation": [1]}
    given = {"request": REQUEST, "output": f"planted_{pattern}.md"}
    ended = await talk.ask(given | planted, approval="auto")
    state = await talk.state()
    assert ended["status"] == "complete"
    assert "x" not in state["results"]
    assert state["run"] != "mine"
    assert [row["request"] for row in state["conversation"]] == [REQUEST]


async def test_a_second_run_of_a_thread_has_an_account_of_its_own(
    client: LangGraphClient, pattern: str
) -> None:
    """What is found is kept from run to run where a pattern remembers, and no transcript ever."""
    talk = await new_thread(client, pattern)
    first = await talk.ask({"request": REQUEST, "output": f"one_{pattern}.md"}, approval="auto")
    before = await talk.state()
    second = await talk.ask({"request": REQUEST, "output": f"two_{pattern}.md"}, approval="auto")
    state = await talk.state()
    assert (first["status"], second["status"]) == ("complete", "complete")
    assert state["run"] != before["run"]
    assert not {row["id"] for row in state["ledger"]} & {row["id"] for row in before["ledger"]}
    assert second["usage"]["calls"] <= first["usage"]["calls"]
    assert not set(first["files"]) & set(second["files"])
    assert len(json.dumps(state)) < LARGEST_STATE
    read = [row["output"] for row in state["results"].values() if row["agent"] == "transcript"]
    assert not any(isinstance(value, list) for row in read if row for value in row.values())
