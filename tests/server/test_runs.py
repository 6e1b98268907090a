"""Runs as the SDK's callers handle them: in the background, cancelled, doubled, forked, asked."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import ConflictError

from tests.server.conftest import Conversation, Payload, new_thread
from tests.server.held import begun, held_at, held_run, let_go

pytestmark = pytest.mark.slow

AUTO = {"library": "samples", "approval": "auto"}


async def started(talk: Conversation, given: Payload, **more: Any) -> str:
    run = await talk.client.runs.create(
        talk.thread_id, talk.pattern, input=given, context=AUTO, **more
    )
    return run["run_id"]


async def test_a_run_in_the_background_is_joined(talk: Conversation, tmp_path: Path) -> None:
    place = tmp_path / "place"
    run = await started(talk, held_run(place, "joined.md"))
    await held_at(place)
    assert (await talk.client.runs.get(talk.thread_id, run))["status"] == "running"
    let_go(place)
    ended: Any = await talk.client.runs.join(talk.thread_id, run)
    assert ended["status"] == "complete"
    assert begun(place) == 1


async def test_a_cancelled_run_stops_and_its_thread_goes_on(
    talk: Conversation, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    run = await started(talk, held_run(place, "cancelled.md"))
    await held_at(place)
    before = (await talk.state())["results"]
    await talk.client.runs.cancel(talk.thread_id, run, wait=True)
    assert (await talk.client.runs.get(talk.thread_id, run))["status"] == "interrupted"

    let_go(place)
    ended = await talk.run(input=None, context=AUTO)

    assert ended["status"] == "complete"
    after = (await talk.state())["results"]
    assert all(after[name]["started"] == row["started"] for name, row in before.items())


@pytest.mark.parametrize("strategy", ["enqueue", "interrupt", "rollback"])
async def test_a_second_run_on_a_busy_thread(
    talk: Conversation, tmp_path: Path, strategy: Any
) -> None:
    """It waits, or stops the first one; either way it ends as if it were alone."""
    place, other = tmp_path / "first", tmp_path / "second"
    first = await started(talk, held_run(place, "first.md"))
    await held_at(place)
    second_input = held_run(other, f"second_{strategy}.md")
    let_go(other)
    second = await started(talk, second_input, multitask_strategy=strategy)
    if strategy == "enqueue":
        let_go(place)
    ended: Any = await talk.client.runs.join(talk.thread_id, second)
    assert ended["status"] == "complete"
    assert Path(ended["files"][0]).name == f"second_{strategy}.md"
    assert begun(place) == begun(other) == 1
    kept = {run["run_id"]: run["status"] for run in await talk.client.runs.list(talk.thread_id)}
    expected = {"enqueue": "success", "interrupt": "interrupted", "rollback": None}
    assert kept.get(first) == expected[strategy]
    checkpoints = await talk.client.threads.get_history(talk.thread_id, limit=1000)
    of_first = [row for row in checkpoints if (row["metadata"] or {}).get("run_id") == first]
    assert bool(of_first) == (strategy != "rollback")


async def test_a_second_run_is_refused_where_that_is_asked_for(
    talk: Conversation, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    run = await started(talk, held_run(place, "alone.md"))
    await held_at(place)
    with pytest.raises(ConflictError):
        await started(talk, held_run(place, "refused.md"), multitask_strategy="reject")
    let_go(place)
    await talk.client.runs.join(talk.thread_id, run)


async def test_a_thread_forks_at_a_checkpoint(talk: Conversation) -> None:
    """The plan was rejected; from the question on, another answer makes a guide of it."""
    await talk.ask({"request": "How do I rest a brisket?", "output": "forked.md"})
    assert (await talk.decide(type="reject"))["stop_reason"] == "rejected"
    history = await talk.client.threads.get_history(talk.thread_id, limit=100)
    asked = next(row for row in history if row["next"] == ["approve"])
    again = await talk.run(input=None, checkpoint_id=asked["checkpoint"]["checkpoint_id"])
    assert list(questions(again)) == ["run_plan"]
    assert (await talk.decide(type="approve"))["status"] == "complete"


async def test_a_copied_thread_goes_its_own_way(talk: Conversation) -> None:
    await talk.ask({"request": "How do I rest a brisket?", "output": "copied.md"})
    copied: Any = await talk.client.http.post(f"/threads/{talk.thread_id}/copy", json=None)
    twin = Conversation(talk.client, copied["thread_id"])
    assert (await twin.decide(type="approve"))["status"] == "complete"
    assert (await talk.decide(type="reject"))["stop_reason"] == "rejected"


def asking(output: str) -> Payload:
    """A stored plan that asks two things at once and searches for the answers."""
    steps = [
        {"id": "what", "agent": "ask", "inputs": {"question": "Which cut?"}},
        {
            "id": "how",
            "agent": "ask",
            "inputs": {"question": "Which fire?", "choices": ["gas", "charcoal"]},
        },
        {
            "id": "search",
            "agent": "search",
            "inputs": {"query": "rest ${what.answer} ${how.answer}", "limit": 2},
        },
    ]
    return {
        "request": "How do I rest it?",
        "output": output,
        "stored": {"plan": {"goal": "Rest it", "steps": steps}},
    }


def questions(run: Payload) -> dict[str, Payload]:
    """Give what a run waits for by its words, or by the action where there are none."""
    actions = ((row["value"]["action_requests"][0], row) for row in run["__interrupt__"])
    return {action["args"].get("question", action["name"]): row for action, row in actions}


async def test_two_questions_are_answered_in_any_order(talk: Conversation) -> None:
    asked = questions(await talk.ask(asking("asked.md"), approval="auto"))
    assert set(asked) == {"Which cut?", "Which fire?"}
    for row in asked.values():
        assert row["value"]["review_configs"] == [
            {"action_name": "answer_question", "allowed_decisions": ["respond", "reject"]}
        ]
        assert "decisions" in row["response_schema"]["properties"]

    def said(words: str) -> Payload:
        return {"decisions": [{"type": "respond", "message": words}]}

    wrong = await talk.answer({asked["Which fire?"]["id"]: said("electric")})
    again = questions(wrong)
    assert set(again) == {"Which cut?", "Which fire?"}
    description = again["Which fire?"]["value"]["action_requests"][0]["description"]
    assert description.startswith("The answer must be one of: gas, charcoal.")
    left = questions(await talk.answer({again["Which fire?"]["id"]: said("charcoal")}))
    assert set(left) == {"Which cut?"}
    await talk.answer({left["Which cut?"]["id"]: said("brisket")})
    results = (await talk.state())["results"]
    assert results["what"]["output"] == {"answer": "brisket"}
    assert results["how"]["output"] == {"answer": "charcoal"}
    assert results["search"]["status"] == "done"


async def test_runs_of_many_threads_go_on_at_once(client: LangGraphClient, tmp_path: Path) -> None:
    places = [tmp_path / str(number) for number in range(4)]
    talks = [await new_thread(client) for _ in places]
    runs = [
        await started(talk, held_run(place, f"many_{place.name}.md"))
        for talk, place in zip(talks, places, strict=True)
    ]
    for place in places:
        await held_at(place)
    for place in places:
        let_go(place)
    joins = (client.runs.join(talk.thread_id, run) for talk, run in zip(talks, runs, strict=True))
    ended: list[Any] = list(await asyncio.gather(*joins))
    assert [row["status"] for row in ended] == ["complete"] * 4
