"""The planner behind `langgraph dev`: what Studio and the SDK see of it, from start to guide."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk.client import LangGraphClient

from cliptrail.nodes.planner.approve import EXAMPLE
from cliptrail.state.events import EVENT, ClaimFound, RunEnded, StepProgress
from cliptrail.state.research import ResearchState
from cliptrail.state.trail import Trail
from tests.server.conftest import Conversation, Payload, Server, new_thread

pytestmark = pytest.mark.slow

REQUEST = (
    "How do I cook a pork loin on a kamado? Use techniques from Cinder Porch and Smoke Ledger. "
    "I need temperatures, timing and the grill set-up. Save to {}"
)
CHANNELS = {"Cinder Porch", "Smoke Ledger"}
NOISE = (
    "tests connect to this machine only",
    "Traceback",
    "BlockingError",
    "Blocked deserial",
    "unregistered type",
)
LARGEST_STATE = 120_000
"""Characters of JSON. The five transcripts of the run have 1,000 words each."""


@pytest.fixture(autouse=True, scope="module")
def quiet(server: Server) -> Iterator[None]:
    """Neither its start nor what is tested here makes the server complain or reach out."""
    start, _, _ = server.log.partition("Created run")  # other files' tests may have been first
    assert not complaints(start)
    before = len(server.log)
    yield
    assert not complaints(server.log[before:])


def complaints(log: str) -> list[str]:
    return [line for line in log.splitlines() if any(word in line for word in NOISE)]


def founding(file: str) -> Payload:
    return {"request": REQUEST.format(file)}


def question(run: Payload) -> tuple[Payload, str]:
    """The one action that a person is asked about, and its description."""
    (waiting,) = run["__interrupt__"]
    assert set(waiting["response_schema"]["properties"]) == {"decisions"}
    (action,) = waiting["value"]["action_requests"]
    assert action["name"] == "run_plan"
    (review,) = waiting["value"]["review_configs"]
    assert review == {
        "action_name": "run_plan",
        "allowed_decisions": ["approve", "edit", "reject"],
    }
    return action["args"], action["description"]


def trail_in(run: Payload) -> Trail:
    return Trail.model_validate_json(Path(run["files"][-1]).read_bytes())


async def test_an_approved_plan_becomes_a_guide(talk: Conversation, server: Server) -> None:
    asked = await talk.ask(founding("pork_loin_guide.md"))
    args, description = question(asked)
    assert args["revision"] == 1
    assert args["estimate"]["total"]["calls"]
    assert all(step["id"] in description for step in args["plan"]["steps"])

    ended = await talk.decide(type="approve")

    assert (ended["status"], ended["stop_reason"]) == ("complete", "done")
    assert ended["guide"]["claims"]
    assert {row["channel"] for row in ended["guide"]["coverage"] if row["cited"]} == CHANNELS
    assert ended["usage"]["calls"] <= 3
    names = ("pork_loin_guide.md", "pork_loin_guide.trail.json")
    assert ended["files"] == [str(server.outputs / name) for name in names]
    assert {source.channel for source in trail_in(ended).sources} >= CHANNELS
    assert "offline engine" in ended["message"]


async def test_the_stream_names_the_agents_and_tells_the_events(talk: Conversation) -> None:
    await talk.ask(founding("streamed.md"))
    seen: dict[str, list[Any]] = {"updates": [], "custom": [], "tasks": []}
    stream = talk.client.runs.stream(
        talk.thread_id,
        "planner",
        command={"resume": {"decisions": [{"type": "approve"}]}},
        context={"library": "samples"},
        stream_mode=["updates", "custom", "tasks"],
    )
    async for part in stream:
        seen.setdefault(part.event, []).append(part.data)
    nodes = {"approve", "dispatch", "search", "transcript", "extract", "compose", "save", "summary"}
    assert {name for update in seen["updates"] for name in update} == nodes
    assert {task["name"] for task in seen["tasks"]} == nodes
    events = [EVENT.validate_python(data) for data in seen["custom"]]
    assert {event.kind for event in events} - {"notice"} == {
        "step_waiting",
        "step_started",
        "step_progress",
        "claim_found",
        "step_ended",
        "model_called",
        "file_written",
        "run_ended",
    }
    claims = [event.claim for event in events if isinstance(event, ClaimFound)]
    assert len({claim.id for claim in claims}) == len(claims)
    last = events[-1]
    assert isinstance(last, RunEnded)
    assert (last.status, last.message) == ("complete", (await talk.state())["message"])
    (read,) = {row.of for row in events if isinstance(row, StepProgress) and "read" in row.what}
    assert read == len({row.video_id for claim in claims for row in claim.citations}) == 5


async def test_a_rejected_plan_does_not_run(talk: Conversation) -> None:
    await talk.ask(founding("rejected.md"))
    ended = await talk.decide(type="reject")
    assert (ended["status"], ended["stop_reason"]) == ("failed", "rejected")
    assert ended["guide"] is None
    assert ended["usage"]["work"]["calls"] == 0
    assert (await talk.state())["results"] == {}


async def test_a_reason_sends_the_plan_back_to_the_planner(talk: Conversation) -> None:
    await talk.ask(founding("replanned.md"))
    args, _ = question(await talk.decide(type="reject", message="two videos a channel, please"))
    assert args["revision"] == 2
    assert args["changes"]
    ended = await talk.decide(type="approve")
    assert ended["status"] == "complete"
    assert [(row.by, row.reason) for row in trail_in(ended).revisions] == [
        ("planner", ""),
        ("planner", "two videos a channel, please"),
    ]


def edited(args: Payload, **changes: Any) -> Payload:
    """The action with other inputs for the first search."""
    plan = json.loads(json.dumps(args["plan"]))
    step = next(step for step in plan["steps"] if step["agent"] == "search")
    step["inputs"] |= changes
    return {"name": "run_plan", "args": {**args, "plan": plan}}


async def test_an_edited_plan_runs_as_edited(talk: Conversation) -> None:
    args, _ = question(await talk.ask(founding("edited.md")))
    ended = await talk.decide(type="edit", edited_action=edited(args, limit=1))
    assert ended["status"] == "complete"
    trail = trail_in(ended)
    first, second = trail.revisions
    assert (first.by, second.number, second.by) == ("planner", 2, "person")
    assert [(change.field, change.after) for change in second.changes] == [("inputs.limit", 1)]
    results = (await talk.state())["results"]
    assert len(results["search_1"]["output"]["videos"]) == 1
    assert results["transcript_1[1]"]["status"] == "skipped"


WRONG_ANSWERS = {
    "words": ("yes", "valid dictionary"),
    "no decision": ({"decisions": []}, "decisions"),
    "unknown decision": ({"decisions": [{"type": "respond"}]}, "'respond'"),
    "two decisions": ({"decisions": [{"type": "approve"}] * 2}, "at most 1"),
}


async def test_a_wrong_answer_is_explained_and_asked_again(client: LangGraphClient) -> None:
    talks = [await new_thread(client) for _ in WRONG_ANSWERS]
    await asyncio.gather(*(talk.ask(founding("asked_again.md")) for talk in talks))
    answers = [resume for resume, _ in WRONG_ANSWERS.values()]
    runs = await asyncio.gather(*(t.answer(a) for t, a in zip(talks, answers, strict=True)))
    for (name, (_, complaint)), run in zip(WRONG_ANSWERS.items(), runs, strict=True):
        first = question(run)[1].splitlines()[0]
        assert first.startswith("The answer was not understood: "), name
        assert complaint in first, name
        assert first.endswith(f": {EXAMPLE}"), name
    assert (await talks[0].answer(json.loads(EXAMPLE)))["status"] == "complete"


async def test_an_edit_with_faults_comes_back_with_them(talk: Conversation) -> None:
    args, _ = question(await talk.ask(founding("faulty.md")))
    shapeless = {"name": "run_plan", "args": {"plan": {"steps": [{"agent": "search"}]}}}
    _, description = question(await talk.decide(type="edit", edited_action=shapeless))
    assert description.startswith("The answer was not understood: steps.0.id: ")
    faulty = edited(args, limt=1, limit="many")
    args, description = question(await talk.decide(type="edit", edited_action=faulty))
    assert args["revision"] == 1
    assert description.startswith("The edited plan has faults:")
    assert "search_1.inputs.limt" in description
    assert "search_1.inputs.limit" in description
    assert (await talk.decide(type="approve"))["status"] == "complete"


async def test_a_second_run_on_a_thread_starts_afresh(talk: Conversation) -> None:
    await talk.ask(founding("first.md"))
    await talk.decide(type="reject")
    ended = await talk.ask(founding("second.md"), approval="auto")
    assert ended["status"] == "complete"
    trail = trail_in(ended)
    assert [row.number for row in trail.revisions] == [1]
    assert trail.usage.calls == ended["usage"]["calls"] <= 3
    assert trail.thread_id == talk.thread_id


async def test_an_unfinished_run_is_given_up_by_the_next(talk: Conversation) -> None:
    question(await talk.ask(founding("given_up.md")))
    args, _ = question(await talk.ask({"request": "How do I clean a kamado?"}))
    assert args["revision"] == 1
    assert "clean" in args["plan"]["goal"]


async def test_a_finished_thread_can_be_read_and_holds_no_transcripts(talk: Conversation) -> None:
    await talk.ask(founding("kept.md"), approval="auto")
    state = await talk.state()
    assert set(state) <= set(ResearchState.__annotations__)
    assert len(json.dumps(state)) < LARGEST_STATE
    read = [row["output"] for row in state["results"].values() if row["agent"] == "transcript"]
    assert all(set(row) >= {"video_id", "words"} for row in read if row)
    assert not any(isinstance(value, list) for row in read if row for value in row.values())
    history = await talk.client.threads.get_history(talk.thread_id, limit=100)
    assert history[0]["next"] == []
    assert history[-1]["values"] == {} or history[-1]["next"] == ["__start__"]


async def test_a_caller_cannot_plant_results(talk: Conversation) -> None:
    planted = founding("planted.md") | {"results": {"x": 1}, "revisions": [1], "run": "mine"}
    await talk.ask(planted)
    state = await talk.state()
    assert state["results"] == {}
    assert len(state["revisions"]) == 1
    assert state["run"] != "mine"


async def test_a_stored_plan_runs_without_a_planning_call(talk: Conversation) -> None:
    args, _ = question(await talk.ask(founding("stored.md")))
    notes = (await talk.state())["notes"]
    given = founding("stored.md") | {"stored": {"plan": args["plan"], "notes": notes}}
    ended = await talk.ask(given, approval="auto")
    assert ended["status"] == "complete"
    assert "planner" not in ended["usage"]["by_role"]
    assert trail_in(ended).revisions[0].by == "file"


async def test_an_answer_without_options_keeps_those_of_the_start(talk: Conversation) -> None:
    await talk.ask(founding("optioned.md"), max_calls=7)
    ended = await talk.run(command={"resume": json.loads(EXAMPLE)})
    options = trail_in(ended).options
    assert (options["library"], options["max_calls"]) == ("samples", 7)


def test_the_server_leaves_its_files_where_it_runs(server: Server) -> None:
    assert (server.checkout / ".langgraph_api").is_dir()
    assert not (server.checkout / ".env").exists()
