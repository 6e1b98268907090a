"""What every pattern keeps: it ends in its tail, tells why, pays for what it did, shows no lie."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableLambda

from cliptrail.agents import registry
from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agents
from cliptrail.evidence.verification import problem
from cliptrail.graphs.base import Builder
from cliptrail.graphs.registry import OURS
from cliptrail.nodes.common.begin import LONGEST_REQUEST
from cliptrail.nodes.common.retry import retry
from cliptrail.state.context import Context
from cliptrail.state.errors import UsageError
from cliptrail.state.media import Transcript
from cliptrail.state.plan import Cost, Plan, Step, StoredPlan
from cliptrail.state.research import ResearchState
from cliptrail.tools.checkpoints import serializer
from cliptrail.tools.files import slug
from cliptrail.tools.library.bundled import bundled_transcripts
from tests.graphs.contract import ended, files_in, replaced, trail_of
from tests.graphs.playing import ALL_PATTERNS, BRISKET, UNANSWERABLE, Play, each_call, usual_calls

pytestmark = pytest.mark.usefixtures("own_agents")
EVERY_PATTERN = tuple(ALL_PATTERNS)
ON_DEMAND = {"ask", "choose", "critic", "join", "research"}
"""Agents that an answer does without unless its plan names them."""
WORKERS = sorted(set(agents()) - ON_DEMAND)
BEFORE_THE_TAIL = [
    (pattern, node)
    for pattern, row in ALL_PATTERNS.items()
    for node in sorted(set(row.build().nodes) - {"save", "summary"} - ON_DEMAND)
]
PLANNING = [pattern for pattern, row in ALL_PATTERNS.items() if row.plans]


@pytest.fixture(scope="module")
def said() -> dict[str, Transcript]:
    return {row.video.video_id: row for row in bundled_transcripts()}


# --- what goes well ------------------------------------------------------------------------------


async def test_a_question_is_answered_with_claims_that_stand_in_their_videos(
    pattern: str, said: dict[str, Transcript]
) -> None:
    output, trail = await ended(Play(pattern), {"request": BRISKET})
    assert (output["status"], output["stop_reason"]) == ("complete", "done")
    guide = output["guide"]
    assert guide.claims
    assert all(row.verified and not problem(row, said) for row in guide.claims)
    assert trail
    assert {row.video_id for row in trail.sources} == {
        quote.video_id for row in guide.claims for quote in row.citations
    }


@pytest.mark.parametrize("about", ["brisket on a kamado", "brisket"])
async def test_videos_that_were_asked_for_are_named(pattern: str, about: str) -> None:
    output, trail = await ended(Play(pattern), {"request": f"Find videos about {about}."})
    assert output["status"] == "complete"
    assert trail
    named = {row.video_id for row in output["guide"].videos or trail.sources}
    assert "ct-brisketz" in named


async def test_videos_that_nobody_made_are_not_found(pattern: str) -> None:
    output, _ = await ended(
        Play(pattern), {"request": "Find videos about pruning cherry trees in winter"}
    )
    assert (output["status"], output["stop_reason"]) == ("failed", "no_evidence")
    assert output["guide"] is None


async def test_an_easy_question_takes_the_calls_that_other_tests_count_on(pattern: str) -> None:
    output = await Play(pattern).ask(BRISKET)
    assert (output["status"], output["usage"].calls) == ("complete", usual_calls(pattern))


async def test_every_call_is_in_the_ledger(pattern: str) -> None:
    play = Play(pattern)
    events = await play.watch({"request": BRISKET}, "custom")
    state = await play.state()
    assert calls_told(events) == {call.id for call in state["ledger"]}
    assert state["usage"].calls == len(calls_told(events)) > 0
    assert all(call.usd == 0 and call.model == "offline:rules" for call in state["ledger"])


def calls_told(events: list[Any]) -> set[str]:
    return {event["call"]["id"] for event in events if event["kind"] == "model_called"}


async def test_the_agents_are_nodes_that_streams_name(pattern: str) -> None:
    play = Play(pattern)
    assert set(agents()) <= set(play.graph.get_graph().nodes)
    chunks = await play.watch({"request": BRISKET}, ["tasks", "updates"])
    tasks = {chunk["name"] for mode, chunk in chunks if mode == "tasks"}
    updates = {name for mode, chunk in chunks if mode == "updates" for name in chunk}
    worked = {row.agent for row in (await play.state())["results"].values()}
    assert worked
    assert worked | {"save", "summary"} <= tasks & updates


@pytest.mark.parametrize("pattern", OURS)  # in a user's own, LangGraph refuses two of one name
async def test_no_agent_can_take_the_name_of_a_node_of_the_graph(pattern: str) -> None:
    nodes = set(ALL_PATTERNS[pattern].build().nodes) - set(agents())

    async def named(inputs: Plan, ctx: AgentContext) -> Plan:
        """Does nothing."""
        return inputs

    for name in nodes:
        named.__name__ = name
        with pytest.raises(UsageError, match="the graph uses that name"):
            registry.agent(capabilities=(), cost=Cost())(named)


async def test_a_checkpoint_holds_no_transcript_and_reads_back(
    pattern: str, said: dict[str, Transcript], caplog: pytest.LogCaptureFixture
) -> None:
    play = Play(pattern)
    output, _ = await ended(play, {"request": BRISKET})
    kept = list(blobs(play))
    shown = " ".join(quotes(output["guide"]))
    words = [
        " ".join(segment.text.split())
        for name in read_by(await play.state())
        for segment in said[name].segments
    ]
    unquoted = [text for text in words if len(text.split()) > 3 and text not in shown]
    assert len(unquoted) > 20
    assert not [text for text in unquoted if any(text.encode() in blob for _, blob in kept)]
    with caplog.at_level(logging.WARNING):
        values = [serializer().loads_typed(row) for row in kept]
    assert values
    assert not caplog.records


def blobs(play: Play) -> Iterator[tuple[str, bytes]]:
    """Everything that the checkpoints hold, as it is stored."""
    yield from (row for row in play.saver.blobs.values() if row[0] != "empty")
    for writes in play.saver.writes.values():
        yield from (write[2] for write in writes.values())
    for namespaces in play.saver.storage.values():
        for checkpoints in namespaces.values():
            yield from (row for saved in checkpoints.values() for row in saved[:2])


def quotes(guide: Any) -> list[str]:
    claims = (*guide.claims, *guide.unverified)
    return [quote.quote for row in claims for quote in row.citations]


def read_by(state: dict[str, Any]) -> set[str]:
    """Videos whose transcripts the steps read."""
    outputs = [row.output or {} for row in state["results"].values()]
    return {row["video_id"] for row in outputs if "segments" in row}


# --- requests of every kind ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "said_why"),
    [("", "no request"), ("why? " * 2_000, f"{LONGEST_REQUEST} are allowed")],
    ids=["empty", "10,000 characters"],
)
async def test_what_is_no_request_ends_in_the_tail(
    pattern: str, request_: str, said_why: str
) -> None:
    output, trail = await ended(Play(pattern), {"request": request_})
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert said_why in output["message"]
    assert (output["usage"].calls, bool(trail)) == (0, True)


@pytest.mark.parametrize("size", [1, LONGEST_REQUEST])
async def test_a_request_may_be_as_long_as_allowed(pattern: str, size: int) -> None:
    _, trail = await ended(Play(pattern), {"request": (f"{BRISKET} " * size)[:size]})
    assert trail
    assert len(trail.request) >= size - 1


async def test_without_evidence_there_is_no_guide_but_a_trail(pattern: str) -> None:
    output, trail = await ended(Play(pattern), {"request": UNANSWERABLE})
    assert (output["status"], output["stop_reason"]) == ("failed", "no_evidence")
    assert output["guide"] is None
    assert [Path(path).suffix for path in output["files"]] == [".json"]
    assert trail
    assert trail.sources == ()


async def test_a_transcript_that_gives_orders_is_not_obeyed(pattern: str, tmp_path: Path) -> None:
    output, trail = await ended(
        Play(pattern), {"request": f"{BRISKET} What does Tallow & Tin say? Save to brisket.md"}
    )
    assert trail
    assert "ct-brisketz" in [row.video_id for row in trail.sources]
    assert all(row.cited for row in trail.guide.coverage)
    name = Path(trail.notes.output_file or slug(trail.request)).stem
    assert [Path(path).name for path in output["files"]] == [f"{name}.md", f"{name}.trail.json"]
    written = [path for path in files_in(tmp_path) if not path.startswith("data/cache/")]
    assert written == [f"out/{name}.md", f"out/{name}.trail.json"]
    assert "etc" not in {path.name for path in tmp_path.parent.iterdir()}


# --- budgets, people, plans ----------------------------------------------------------------------


@pytest.mark.parametrize(("pattern", "most"), each_call(ALL_PATTERNS))
async def test_a_budget_is_kept_and_named(pattern: str, most: int) -> None:
    output, trail = await ended(Play(pattern, max_calls=most), {"request": BRISKET})
    assert (output["usage"].calls, output["stop_reason"]) == (most, "budget")
    assert re.search(
        rf"budget of {most} model call|model calls? of {most} are left", output["message"]
    )
    assert output["status"] == ("partial" if output["guide"] else "failed")
    assert trail


@pytest.mark.parametrize(("pattern", "most"), each_call(ALL_PATTERNS, first=1))
async def test_a_budget_that_is_raised_lets_it_come_to_its_end(pattern: str, most: int) -> None:
    play = Play(pattern, max_calls=most)
    await play.ask(BRISKET)
    play.context = Context(**{**play.context.model_dump(), "max_calls": 40})
    state = ResearchState(**await play.state())  # type: ignore[typeddict-item]
    output = await play.run(retry(state, then=ALL_PATTERNS[pattern].decides))
    assert (output["status"], output["stop_reason"]) == ("complete", "done")


@pytest.mark.parametrize("pattern", PLANNING)
async def test_a_rejection_ends_it_before_anything_runs(pattern: str) -> None:
    play = Play(pattern, approval="ask")
    await play.ask(BRISKET)
    assert await play.questions()
    output = await play.decide("reject")
    assert (output["status"], output["stop_reason"]) == ("failed", "rejected")
    assert trail_of(output)
    assert (await play.state())["results"] == {}


async def test_an_invalid_stored_plan_ends_it_with_every_fault(pattern: str) -> None:
    plan = Plan(steps=(Step(id="a", agent="nobody"), Step(id="a", agent="search")))
    given = {"request": BRISKET, "stored": StoredPlan(plan=plan)}
    output, trail = await ended(Play(pattern), given)
    if not ALL_PATTERNS[pattern].plans:
        assert (output["status"], output["stop_reason"]) == ("failed", "failure")
        assert "cannot run a stored plan. Use the pattern planner" in output["message"]
        return
    assert (output["status"], output["stop_reason"]) == ("failed", "invalid_plan")
    assert "nobody" in output["message"]
    assert "2 steps have this id" in output["message"]
    assert trail
    assert trail.plan is None


# --- what breaks ---------------------------------------------------------------------------------


def boom(*_: object) -> None:
    raise RuntimeError("boom")


@pytest.mark.parametrize("name", WORKERS)
async def test_an_agent_that_raises_costs_only_its_own_work(
    pattern: str, name: str, own_agents: dict[str, registry.Agent]
) -> None:
    replaced(own_agents, name, boom, then_work=False)
    output, trail = await ended(Play(pattern), {"request": BRISKET})
    assert output["status"] == ("partial" if name == "compose" else "failed")
    assert output["stop_reason"] == "failure"
    assert "boom" in output["message"]
    assert trail
    assert {row.agent for row in trail.audit if row.outcome == "failed"} == {name}


@pytest.mark.parametrize("name", WORKERS)
async def test_an_agent_that_gives_something_else_is_a_failure(
    pattern: str, name: str, own_agents: dict[str, registry.Agent]
) -> None:
    replaced(own_agents, name, lambda: None, then_work=False)
    output, _ = await ended(Play(pattern), {"request": BRISKET})
    assert output["stop_reason"] == "failure"
    assert "it gave NoneType" in output["message"]


@pytest.mark.parametrize("name", WORKERS)
async def test_a_library_that_is_destroyed_in_the_middle_costs_what_comes_after(
    pattern: str, name: str, own_agents: dict[str, registry.Agent], installation: Path
) -> None:
    def destroy() -> None:
        (file,) = (installation / "cache").glob("*.sqlite")
        file.write_bytes(b"no database any more" * 5_000)

    replaced(own_agents, name, destroy, then_work=True)
    output, trail = await ended(Play(pattern), {"request": BRISKET})
    assert (output["status"] == "partial") == (name == "compose")
    assert output["stop_reason"] == "failure"
    assert trail
    if name == "compose":
        assert trail.guide
        assert all(row.channel and row.title != row.video_id for row in trail.sources)


def breaking(pattern: str, node: str, *, first: bool) -> Builder:
    """Wire a pattern in which one node raises, before or after its work."""
    builder = ALL_PATTERNS[pattern].build()
    spec = builder.nodes[node]
    broken: Any = RunnableLambda(boom)
    spec.runnable = broken | spec.runnable if first else spec.runnable | broken
    return builder


@pytest.mark.parametrize(("pattern", "node"), BEFORE_THE_TAIL)
async def test_a_node_that_raises_leads_to_the_tail(pattern: str, node: str) -> None:
    # A step's node must have taken and left its seat, as its own `finally` sees to.
    builder = breaking(pattern, node, first=node not in agents())
    output, trail = await ended(Play(pattern, builder), {"request": BRISKET})
    assert output["status"] in ("partial", "failed")
    assert output["stop_reason"] == "failure"
    assert f"{node} failed: RuntimeError: boom" in output["message"]
    assert trail


@pytest.mark.parametrize("node", WORKERS)
async def test_a_step_whose_node_raises_is_paid_for_and_not_sent_again(
    pattern: str, node: str
) -> None:
    play = Play(pattern, breaking(pattern, node, first=False))
    events = await play.watch({"request": BRISKET}, "custom")
    started = [event["id"] for event in events if event["kind"] == "step_started"]
    assert len(started) == len(set(started)) > 0
    assert calls_told(events) == {call.id for call in (await play.state())["ledger"]}


@pytest.mark.parametrize("first", [True, False])
async def test_a_save_that_raises_ends_without_files(pattern: str, first: bool) -> None:
    output, _ = await ended(
        Play(pattern, breaking(pattern, "save", first=first)), {"request": BRISKET}
    )
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert "save failed: RuntimeError: boom" in output["message"]
    assert not output["files"]
    assert output["usage"].calls == usual_calls(pattern)


@pytest.mark.parametrize("first", [True, False])
async def test_a_summary_that_raises_takes_nothing_back(pattern: str, first: bool) -> None:
    play = Play(pattern, breaking(pattern, "summary", first=first))
    output = await play.ask(BRISKET)
    assert (output["status"], output["stop_reason"]) == ("complete", "done")
    assert trail_of(output)


async def test_an_output_folder_that_cannot_be_written_is_told(
    pattern: str, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file, not a folder")
    output, trail = await ended(Play(pattern), {"request": BRISKET})
    assert (output["status"], output["stop_reason"], trail) == ("failed", "failure", None)
    assert "cannot be written" in output["message"]
    assert output["guide"].claims


@pytest.mark.parametrize("option", ["output_dir", "library"])
async def test_a_path_that_a_request_may_not_name_is_told(
    pattern: str, option: str, tmp_path: Path
) -> None:
    named: dict[str, Any] = {option: str(tmp_path / "elsewhere")}
    play = Play(pattern, None, **named)
    output, trail = await ended(play, {"request": BRISKET})
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert (trail is None) == (option == "output_dir")
    assert "is not in this server's" in output["message"]
    assert not (tmp_path / "elsewhere").exists()
