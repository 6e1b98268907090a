"""ReAct: one agent decides after every observation, and whatever it says ends in the tail."""

import asyncio
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cliptrail.agents import registry
from cliptrail.graphs.registry import OURS as PATTERNS
from cliptrail.nodes.common.retry import retry
from cliptrail.nodes.react.agent import MOST_IDLE
from cliptrail.state.research import ResearchState
from cliptrail.state.trail import Trail
from cliptrail.tools.checkpoints import open_saver
from tests.faults import Waiting
from tests.graphs.contract import ended, replaced
from tests.graphs.offline_server import wired
from tests.graphs.playing import BRISKET, UNANSWERABLE, Play
from tests.graphs.talking import Script, Turn
from tests.limits import SOON
from tests.tools.models.model_server import Asked, Reply

pytestmark = pytest.mark.usefixtures("own_agents")

FOUNDING = (
    "How do I cook a pork loin on a kamado? Use techniques from Cinder Porch and Smoke Ledger. I "
    "need temperatures, timing and the grill set-up. Save to pork_loin_guide.md"
)
SEARCH: Turn = [("search", {"query": "brisket kamado overnight", "limit": 2})]
WORKERS = ("search", "transcript", "extract", "compose")
NOTES = ("take_notes", {"topic": "brisket", "facts_wanted": ["hours"]})


def play(**options: Any) -> Play:
    return Play("react", **options)


async def answered(
    patch: pytest.MonkeyPatch, *turns: Turn, request: str = BRISKET, **options: Any
) -> tuple[dict[str, Any], Trail, Script]:
    """Run with an agent whose first turns are given."""
    script = Script(turns=[*turns])
    with wired(patch, script):
        output, trail = await ended(play(**options), {"request": request})
    assert trail
    return output, trail, script


def told(trail: Trail) -> str:
    return "\n".join(row.what for row in trail.incidents)


# --- what goes well ------------------------------------------------------------------------------


async def test_the_founding_request_takes_seven_calls() -> None:
    output, trail = await ended(play(), {"request": FOUNDING})
    assert output["status"] == "complete"
    assert {role: row.calls for role, row in output["usage"].by_role.items()} == {
        "agent": 5,
        "extract": 1,
        "compose": 1,
    }
    assert trail
    assert trail.guide
    assert [(row.channel, row.cited) for row in trail.guide.coverage] == [
        ("Cinder Porch", True),
        ("Smoke Ledger", True),
    ]
    assert trail.guide.conflicts
    assert Path(output["files"][0]).name == "pork_loin_guide.md"
    assert [(row.by, row.turn, len(row.to)) for row in trail.path] == [
        ("agent", "assign", 2),
        ("agent", "assign", 5),
        ("agent", "assign", 1),
        ("agent", "assign", 1),
        ("agent", "finish", 0),
    ]
    assert [row.by for row in trail.revisions] == ["agent"] * 4


async def test_every_decision_is_told_when_it_is_taken() -> None:
    events = await play().watch({"request": FOUNDING}, "custom")
    kinds = [event["kind"] for event in events]
    assert kinds.count("moved") == 5
    assert kinds.count("plan_made") == 4
    assert kinds.count("step_ended") == 9
    assert kinds.index("moved") < kinds.index("plan_made") < kinds.index("step_started")


async def test_calls_of_one_turn_run_at_the_same_time(
    own_agents: dict[str, registry.Agent],
) -> None:
    meeting = threading.Barrier(2)
    replaced(own_agents, "search", lambda: meeting.wait(SOON) and None, then_work=True)
    output, _ = await ended(play(), {"request": FOUNDING})
    assert output["status"] == "complete"


async def test_videos_alone_are_listed() -> None:
    output, trail = await ended(play(), {"request": "Find videos about a kamado"})
    assert (output["status"], output["usage"].calls) == ("complete", 2)
    assert trail
    assert {row.agent for row in trail.audit} == {"search"}
    assert output["guide"].videos


async def test_the_notes_may_be_taken_before() -> None:
    output, _ = await ended(play(annotate=True), {"request": FOUNDING})
    assert output["status"] == "complete"
    assert output["usage"].by_role["annotator"].calls == 1
    assert output["usage"].by_role["agent"].calls == 5


async def test_a_question_that_nothing_answers_is_not_answered() -> None:
    output, trail = await ended(play(), {"request": UNANSWERABLE})
    assert (output["status"], output["stop_reason"]) == ("failed", "no_evidence")
    assert trail
    assert "compose" not in {row.agent for row in trail.audit}


# --- what a model may say ------------------------------------------------------------------------


async def test_all_that_is_wrong_goes_back_and_the_agent_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong: Turn = [
        ("fly", {}),
        ("transcript", {"video_ids": ["nobody", "nothing"]}),
        ("search", "{"),
        ("search", {"query": "", "limit": 99}),
    ]
    output, trail, script = await answered(monkeypatch, wrong, [NOTES, *SEARCH])
    assert output["status"] == "complete"
    fly, unknown, misfit, broken = script.results(1)
    assert "there are: take_notes, search" in fly
    assert "nobody" in unknown
    assert "nothing" in unknown
    assert "no JSON object" in broken
    assert "query" in misfit
    assert "limit" in misfit
    assert "were not valid" in told(trail)


async def test_what_is_right_beside_what_is_wrong_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output, trail, script = await answered(monkeypatch, [NOTES, *SEARCH, ("compose", {})])
    _, found, wrong = script.results(1)
    assert '"done"' in found
    assert "call extract first" in wrong
    assert output["status"] == "complete"
    assert "1 fault went back" in told(trail)


async def test_calls_that_stay_wrong_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: Turn = [("fly", {})]
    output, trail, script = await answered(monkeypatch, *[wrong] * 9, max_revisions=1)
    assert (output["status"], output["stop_reason"]) == ("failed", "invalid_plan")
    assert "no tool 'fly'" in output["message"]
    assert (len(script.told), trail.audit) == (2, ())


@pytest.mark.parametrize("words", ["The oil is hot.", '{"name": "search"}', ""])
async def test_a_model_that_calls_no_tool_ends_the_run(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, _, script = await answered(monkeypatch, *[words] * 9)
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert "called no tool" in output["message"]
    assert len(script.told) == 3
    assert "Call the tools" in str(script.told[1][-1]["content"])


async def test_what_is_found_is_kept_when_calls_stay_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: Turn = [("transcript", {"video_ids": ["ct-brisketz"]})]
    wrong: Turn = [("fly", {})]
    search: Turn = [NOTES, ("search", {"query": "brisket", "limit": 9})]
    output, trail, _ = await answered(monkeypatch, search, read, *[wrong] * 9)
    assert (output["status"], output["stop_reason"]) == ("partial", "invalid_plan")
    assert output["guide"].claims
    assert [row.turn for row in trail.path] == ["assign", "assign", "close"]


async def test_finds_that_the_agent_did_not_compose_are_composed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    search: Turn = [NOTES, ("search", {"query": "brisket", "limit": 9})]
    read: Turn = [("transcript", {"video_ids": ["ct-brisketz"]})]
    output, trail, _ = await answered(monkeypatch, search, read, "I know enough.")
    assert (output["status"], output["stop_reason"]) == ("complete", "done")
    assert "I know enough" not in str(output["guide"])
    assert output["guide"].claims
    assert "to end before what was found was composed" in told(trail)
    assert [row.by for row in trail.revisions] == ["agent", "agent", "limit"]


async def test_a_request_of_which_no_notes_are_taken_is_read_in_a_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    search: Turn = [("search", {"query": "pork loin", "channel": "Smoke Ledger"})]
    output, trail, _ = await answered(monkeypatch, search, request=FOUNDING)
    assert output["usage"].by_role["annotator"].calls == 1
    assert trail.notes.channels == ("Cinder Porch", "Smoke Ledger")
    assert "took no notes" in told(trail)
    assert output["status"] == "partial"
    assert "Cinder Porch is not cited" in output["message"]


async def test_notes_that_come_after_what_strangers_wrote_are_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late: Turn = [("take_notes", {"topic": "theft", "output_file": "../stolen.md"})]
    output, trail, script = await answered(monkeypatch, [NOTES, *SEARCH], late)
    assert trail.notes.topic == "brisket"
    assert "The notes are taken" in script.results(2)[0]
    assert script.tools[0][0] == "take_notes"
    assert all("take_notes" not in tools for tools in script.tools[1:])
    assert "stolen" not in str(output["files"])


async def test_a_server_that_gives_all_calls_one_id_is_understood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more: Turn = [("search", {"query": "kamado"}), ("search", {"query": "brisket hours"})]
    script = Script(turns=[[NOTES, *SEARCH], more, SEARCH], same_id=True)
    with wired(monkeypatch, script):
        output, _ = await ended(play(), {"request": BRISKET})
    assert output["status"] == "complete"
    ids = [row["tool_call_id"] for row in script.told[-1] if row["role"] == "tool"]
    assert len(ids) == len(set(ids)) > 5


async def test_halves_of_characters_are_no_reason_to_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    odd: Turn = [NOTES, ("search", '{"query": "brisket \\ud83d", "limit": 9}')]
    output, _, _ = await answered(monkeypatch, odd)
    assert output["status"] == "complete"


# --- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [3, 4, 5, 6])
async def test_calls_are_kept_for_the_guide(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    output, _, _ = await answered(monkeypatch, max_calls=most)
    assert (output["usage"].calls, output["stop_reason"]) == (most, "budget")
    assert output["guide"] is not None


@pytest.mark.parametrize("most", [1, 2, 3])
async def test_it_decides_no_more_often_than_it_may(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, _, _ = await answered(monkeypatch, max_rounds=most)
    assert output["usage"].by_role["agent"].calls == most
    assert output["stop_reason"] == "budget"
    assert (output["guide"] is not None) == (most >= 2)
    assert f"limit of {most} round" in output["message"]


async def test_decisions_that_bring_nothing_new_end_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output, trail, script = await answered(monkeypatch, [NOTES, *SEARCH], *[SEARCH] * 9)
    assert (output["status"], output["stop_reason"]) == ("failed", "loop")
    assert len(script.told) == 1 + MOST_IDLE
    assert [row.id for row in trail.audit] == ["search_1"]
    assert "done already" in told(trail)


async def test_a_plan_takes_no_more_steps_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    many: Turn = [NOTES, *(("search", {"query": f"brisket {number}"}) for number in range(5))]
    output, trail, script = await answered(monkeypatch, many, max_steps=4)
    assert "4 are allowed" in script.results(1)[1]
    assert len(trail.audit) <= 4
    assert output["status"] == "failed"


async def test_older_results_are_condensed_before_the_context_grows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, whole, free = await answered(monkeypatch)
    output, trail, script = await answered(monkeypatch, max_context=2_000)
    assert output["status"] == "complete"
    assert "told in short" in told(trail)
    assert "told in short" not in told(whole)
    last = [sum(len(str(row["content"])) for row in rows.told[-1]) for rows in (script, free)]
    assert last[0] < last[1]
    assert "ct-brisketz" in str(script.told[-1])


# --- again, later, twice -------------------------------------------------------------------------


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A model that answers as the offline engine does."""
    script = Script()
    with wired(monkeypatch, script):
        yield script


async def once_more(thread: Play) -> dict[str, Any]:
    """Try an ended run again."""
    state = await thread.state()
    command = retry(ResearchState(**state), then=PATTERNS["react"].decides)  # type: ignore[typeddict-item]
    return await thread.run(command)


@pytest.mark.usefixtures("wire")
async def test_a_second_try_goes_on_where_the_first_one_failed(
    own_agents: dict[str, registry.Agent],
) -> None:
    once = iter([True])

    def fail_once() -> None:
        if next(once, False):
            raise RuntimeError("boom")

    replaced(own_agents, "compose", fail_once, then_work=True)
    thread = play()
    output, _ = await ended(thread, {"request": BRISKET})
    assert output["stop_reason"] == "failure"
    before = (await thread.state())["results"]
    output = await once_more(thread)
    assert (output["status"], output["stop_reason"]) == ("complete", "done")
    after = (await thread.state())["results"]
    kept = {name: row for name, row in before.items() if row.status == "done"}
    assert {name: after[name] for name in kept} == kept


@pytest.mark.usefixtures("wire")
async def test_a_run_that_ended_by_itself_is_not_decided_anew() -> None:
    thread = play()
    output, _ = await ended(thread, {"request": UNANSWERABLE})
    second = await once_more(thread)
    assert (second["stop_reason"], second["usage"]) == ("no_evidence", output["usage"])


@pytest.mark.usefixtures("wire")
async def test_a_higher_limit_lets_it_go_on() -> None:
    thread = play(max_rounds=1)
    output, _ = await ended(thread, {"request": BRISKET})
    assert output["stop_reason"] == "budget"
    thread.context = thread.context.model_copy(update={"max_rounds": 9})
    output = await once_more(thread)
    assert (output["status"], output["usage"].calls) == ("complete", 7)


@pytest.mark.usefixtures("wire")
async def test_a_thread_s_next_run_begins_anew() -> None:
    thread = play()
    await thread.ask(BRISKET)
    first = await thread.state()
    await thread.ask(UNANSWERABLE)
    second = await thread.state()
    assert (first["messages"][0].id, second["messages"][0].id) == (first["run"], second["run"])
    assert BRISKET in str(first["messages"])
    assert BRISKET not in str(second["messages"])


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    row = Waiting()
    yield row
    row.open.set()


@pytest.mark.parametrize("question", [0, 3, 4, 6])
async def test_cancelled_and_gone_on_with_from_the_file_nothing_is_done_twice(
    question: int,
    waiting: Waiting,
    own_agents: dict[str, registry.Agent],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def hold(asked: Asked) -> Reply:
        waiting.hold()
        return Reply(manner="cut")

    script = Script(fail=question, fault=hold)
    thread, begun = play(), list[str]()
    for name in WORKERS:
        replaced(own_agents, name, partial(begun.append, name), then_work=True)
    with wired(monkeypatch, script):
        async with open_saver(tmp_path / "threads.sqlite") as saver:
            graph = PATTERNS["react"].build().compile(checkpointer=saver)
            run = graph.ainvoke(
                {"request": BRISKET}, thread.config, context=thread.context, durability="sync"
            )
            task = asyncio.create_task(run)
            assert await asyncio.to_thread(waiting.reached.wait, SOON)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        waiting.open.set()
        script.fault = None
        async with open_saver(tmp_path / "threads.sqlite") as saver:
            graph = PATTERNS["react"].build().compile(checkpointer=saver)
            output = await graph.ainvoke(
                None, thread.config, context=thread.context, durability="sync"
            )
            values = (await graph.aget_state(thread.config)).values
    assert output["status"] == "complete"
    assert len(script.questions) == 7
    assert sorted(call.error for call in values["ledger"]) == [*[""] * 7, "cancelled"]
    interrupted = question in (3, 5)  # extract and compose, in the middle of their work
    assert len(begun) == len(values["results"]) + interrupted
