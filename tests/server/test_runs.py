"""Runs as the SDK's callers handle them: in the background, cancelled, doubled, forked, asked."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import ConflictError

from cliptrail.graphs.registry import OURS
from tests.graphs.directed import Directed, begin, intent
from tests.server.conftest import Conversation, Payload, Server, new_thread
from tests.server.held import begun, held_at, let_go
from tests.server.slow_models import SlowModels

pytestmark = pytest.mark.slow

AUTO = {"library": "samples", "approval": "auto"}
QUESTION = "How do I rest a brisket?"

every_pattern = pytest.mark.parametrize("pattern", OURS)


@pytest.fixture
async def client(modelled: Server) -> AsyncIterator[LangGraphClient]:
    async with get_client(url=modelled.url, api_key=None) as sdk:
        yield sdk


@pytest.fixture
async def thread(client: LangGraphClient, pattern: str) -> Conversation:
    """A thread of the pattern that is tested."""
    return await new_thread(client, pattern)


async def started(talk: Conversation, place: Path, **more: Any) -> str:
    """Start a run in the background that is held at a place; its guide has the place's name."""
    run = await talk.client.runs.create(
        talk.thread_id,
        talk.pattern,
        input={"request": QUESTION, "output": f"{place.name}.md"},
        context=held_at_place(place),
        **more,
    )
    return run["run_id"]


def held_at_place(place: Path) -> Payload:
    return AUTO | {"model": f"openai:{place.name}"}


@every_pattern
async def test_a_run_in_the_background_is_joined(thread: Conversation, models: SlowModels) -> None:
    place = models.place(f"joined_{thread.pattern}")
    run = await started(thread, place)
    await held_at(place)
    assert (await thread.client.runs.get(thread.thread_id, run))["status"] == "running"
    let_go(place)
    ended: Any = await thread.client.runs.join(thread.thread_id, run)
    assert ended["status"] == "complete"
    assert (await thread.client.runs.get(thread.thread_id, run))["status"] == "success"
    assert set(models.questions(place.name).values()) == {1}


@every_pattern
async def test_a_cancelled_run_stops_and_its_thread_goes_on(
    thread: Conversation, models: SlowModels
) -> None:
    """What had ended is not done again, nor is any question asked twice but the one cut short."""
    place = models.place(f"cancelled_{thread.pattern}")
    run = await started(thread, place)
    before = await thread.held(place)
    await thread.client.runs.cancel(thread.thread_id, run, wait=True)
    assert (await thread.client.runs.get(thread.thread_id, run))["status"] == "interrupted"

    let_go(place)
    ended = await thread.run(input=None, context=held_at_place(place))

    assert ended["status"] == "complete"
    after = (await thread.state())["results"]
    assert all(after[name] == row for name, row in before.items())
    assert sorted(models.questions(place.name).values())[-2:] == [1, 2]


@every_pattern
@pytest.mark.parametrize("strategy", ["enqueue", "interrupt", "rollback"])
async def test_a_second_run_on_a_busy_thread(
    thread: Conversation, models: SlowModels, strategy: Any
) -> None:
    """It waits, or stops the first one; either way it ends as if it were alone."""
    place, other = (
        models.place(f"{name}_{strategy}_{thread.pattern}") for name in ("first", "second")
    )
    first = await started(thread, place)
    await held_at(place)
    let_go(other)
    second = await started(thread, other, multitask_strategy=strategy)
    if strategy == "enqueue":
        let_go(place)
    ended: Any = await thread.client.runs.join(thread.thread_id, second)
    let_go(place)
    assert ended["status"] == "complete"
    assert Path(ended["files"][0]).name == f"{other.name}.md"
    rows = await thread.client.runs.list(thread.thread_id)
    kept = {run["run_id"]: run["status"] for run in rows}
    expected = {"enqueue": "success", "interrupt": "interrupted", "rollback": None}
    assert kept.get(first) == expected[strategy]
    checkpoints = await thread.client.threads.get_history(thread.thread_id, limit=1000)
    of_first = [row for row in checkpoints if (row["metadata"] or {}).get("run_id") == first]
    assert bool(of_first) == (strategy != "rollback")
    requests = (await thread.state())["conversation"]
    assert len(requests) == (2 if strategy == "enqueue" else 1)


@every_pattern
async def test_a_second_run_is_refused_where_that_is_asked_for(
    thread: Conversation, models: SlowModels
) -> None:
    place = models.place(f"alone_{thread.pattern}")
    run = await started(thread, place)
    await held_at(place)
    with pytest.raises(ConflictError):
        await started(thread, place, multitask_strategy="reject")
    let_go(place)
    ended: Any = await thread.client.runs.join(thread.thread_id, run)
    assert ended["status"] == "complete"
    assert begun(place) == 1


def contents(names: list[str]) -> dict[str, bytes]:
    return {name: Path(name).read_bytes() for name in names}


@every_pattern
async def test_a_thread_forks_where_it_was_decided(thread: Conversation) -> None:
    """The way from there is gone again; what was stays as it was."""
    first = await thread.ask({"request": QUESTION, "output": f"forked_{thread.pattern}.md"}, **AUTO)
    history = await thread.client.threads.get_history(thread.thread_id, limit=1000)
    (*_, decided) = (row for row in history if row["next"] == [OURS[thread.pattern].decides])
    point = decided["checkpoint"]["checkpoint_id"]
    kept = contents(first["files"])

    second = await thread.run(input=None, context=AUTO, checkpoint_id=point)

    assert (first["status"], second["status"]) == ("complete", "complete")
    assert second["usage"]["calls"] == first["usage"]["calls"]
    assert not set(first["files"]) & set(second["files"])
    after = await thread.client.threads.get_history(thread.thread_id, limit=1000)
    assert after[len(after) - len(history) :] == history
    assert contents(first["files"]) == kept


async def test_another_answer_to_a_question_makes_another_history(talk: Conversation) -> None:
    """The plan was rejected; from the question on, another answer makes a guide of it."""
    await talk.ask({"request": QUESTION, "output": "another.md"})
    assert (await talk.decide(type="reject"))["stop_reason"] == "rejected"
    history = await talk.client.threads.get_history(talk.thread_id, limit=100)
    asked = next(row for row in history if row["next"] == ["approve"])
    again = await talk.run(input=None, checkpoint_id=asked["checkpoint"]["checkpoint_id"])
    assert list(questions(again)) == ["run_plan"]
    assert (await talk.decide(type="approve"))["status"] == "complete"


async def test_a_copied_thread_goes_its_own_way(talk: Conversation) -> None:
    await talk.ask({"request": QUESTION, "output": "copied.md"})
    copied: Any = await talk.client.http.post(f"/threads/{talk.thread_id}/copy", json=None)
    twin = Conversation(talk.client, copied["thread_id"])
    assert (await twin.decide(type="approve"))["status"] == "complete"
    assert (await talk.decide(type="reject"))["stop_reason"] == "rejected"


CUT: Payload = {"question": "Which cut?"}
FIRE: Payload = {"question": "Which fire?", "choices": ["gas", "charcoal"]}


def asking(pattern: str) -> tuple[Payload, dict[str, list[Any]]]:
    """What makes a run ask two things at once: its input, and what its model says first."""
    given: Payload = {"request": "How do I rest it?", "output": f"asked_{pattern}.md"}
    rows = {"ask_1": CUT, "ask_2": FIRE}
    if pattern == "planner":
        steps = [{"id": name, "agent": "ask", "inputs": row} for name, row in rows.items()]
        return given | {"stored": {"plan": {"goal": "Rest it", "steps": steps}}}, {}
    if pattern == "supervisor":
        assignments = [{"agent": "ask", "inputs": named(row)} for row in rows.values()]
        rounds = [{"do": "work", "assignments": assignments}, {"do": "finish"}]
        return given, {"RoundDraft": rounds}
    parts = [intent("Ask the person", "ask_person", **row) for row in rows.values()]
    return given, {"SynthesisDraft": [begin(*parts)]}


def named(inputs: Payload) -> list[Payload]:
    return [{"name": name, "value": value} for name, value in inputs.items()]


def questions(run: Payload) -> dict[str, Payload]:
    """Return what a run waits for by its words, or by the action where there are none."""
    actions = ((row["value"]["action_requests"][0], row) for row in run["__interrupt__"])
    return {action["args"].get("question", action["name"]): row for action, row in actions}


@pytest.mark.parametrize("pattern", [name for name in OURS if name != "react"])
async def test_two_questions_are_answered_in_any_order(
    thread: Conversation, models: SlowModels
) -> None:
    """An agent with tools has none to ask with."""
    name = f"asking_{thread.pattern}"
    given, script = asking(thread.pattern)
    models.models[name] = Directed(script=script)
    asked = questions(await thread.ask(given, approval="auto", model=f"openai:{name}"))
    assert set(asked) == {"Which cut?", "Which fire?"}
    for row in asked.values():
        assert row["value"]["review_configs"] == [
            {"action_name": "answer_question", "allowed_decisions": ["respond", "reject"]}
        ]
        assert "decisions" in row["response_schema"]["properties"]

    def said(words: str) -> Payload:
        return {"decisions": [{"type": "respond", "message": words}]}

    wrong = await thread.answer({asked["Which fire?"]["id"]: said("electric")})
    again = questions(wrong)
    assert set(again) == {"Which cut?", "Which fire?"}
    description = again["Which fire?"]["value"]["action_requests"][0]["description"]
    assert description.startswith("The answer must be one of: gas, charcoal.")
    left = questions(await thread.answer({again["Which fire?"]["id"]: said("charcoal")}))
    assert set(left) == {"Which cut?"}
    ended = await thread.answer({left["Which cut?"]["id"]: said("brisket")})
    results = (await thread.state())["results"]
    assert results["ask_1"]["output"] == {"answer": "brisket"}
    assert results["ask_2"]["output"] == {"answer": "charcoal"}
    assert ended["stop_reason"]


async def test_runs_of_many_threads_go_on_at_once(
    client: LangGraphClient, models: SlowModels
) -> None:
    talks = [await new_thread(client, pattern) for pattern in OURS]
    places = [models.place(f"many_{talk.pattern}") for talk in talks]
    runs = [await started(talk, place) for talk, place in zip(talks, places, strict=True)]
    for place in places:
        await held_at(place)
    for place in places:
        let_go(place)
    joins = (client.runs.join(talk.thread_id, run) for talk, run in zip(talks, runs, strict=True))
    ended: list[Any] = list(await asyncio.gather(*joins))
    assert [row["status"] for row in ended] == ["complete"] * len(OURS)
