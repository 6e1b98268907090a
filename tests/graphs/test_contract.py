"""What every pattern keeps: it ends in its tail, tells why, pays for what it did, shows no lie."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
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
from cliptrail.state.research import ResearchOutput, ResearchState
from cliptrail.state.trail import Trail
from cliptrail.state.usage import usage
from cliptrail.tools.checkpoints import serializer
from cliptrail.tools.files import slug
from cliptrail.tools.library.bundled import bundled_transcripts
from tests.graphs.playing import ALL_PATTERNS, BRISKET, CALLS, UNANSWERABLE, Play

pytestmark = pytest.mark.parametrize("pattern", ALL_PATTERNS)
NODES = [(pattern, node) for pattern, row in ALL_PATTERNS.items() for node in row.build().nodes]
MOST_CALLS = 8
"""Model calls that the most talkative pattern makes for an easy question."""
ON_DEMAND = {"ask", "critic", "join", "research"}
"""Agents that an answer does without unless its plan names them."""
WORKERS = sorted(set(agents()) - ON_DEMAND)
BEFORE_THE_TAIL = sorted({node for _, node in NODES} - {"save", "summary"} - ON_DEMAND)
Inputs = Any


@pytest.fixture(scope="module")
def said() -> dict[str, Transcript]:
    return {row.video.video_id: row for row in bundled_transcripts()}


@pytest.fixture(autouse=True)
def own_agents(monkeypatch: pytest.MonkeyPatch) -> dict[str, registry.Agent]:
    """The agents of one test: what it changes is gone afterwards."""
    copy = agents()
    monkeypatch.setattr(registry, "_AGENTS", copy)
    return copy


async def ended(play: Play, given: dict[str, Any]) -> tuple[dict[str, Any], Trail | None]:
    """Run to the end, and check what holds for every end: what was told, written and paid."""
    output = await play.run(given)
    state = await play.state()
    assert set(output) == set(ResearchOutput.__annotations__)
    assert output["status"] in ("complete", "partial", "failed")
    assert (output["status"] == "complete") <= (output["stop_reason"] == "done")
    assert output["message"].strip()
    assert output["usage"] == usage(state["ledger"])
    assert state["run"]
    return output, _trail(output)


def _trail(output: dict[str, Any]) -> Trail | None:
    """The trail that was written, which tells the same as the state."""
    written = [path for path in output["files"] if path.endswith(".trail.json")]
    guides = [path for path in output["files"] if path.endswith(".md")]
    assert len(guides) + len(written) == len(output["files"])
    if not written:
        return None
    trail = Trail.model_validate_json(Path(written[0]).read_bytes())
    assert (trail.status, trail.stop_reason) == (output["status"], output["stop_reason"])
    assert (trail.guide, trail.usage) == (output["guide"], output["usage"])
    assert bool(guides) == (output["guide"] is not None)
    return trail


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


async def test_no_agent_can_take_the_name_of_a_node_of_the_graph(pattern: str) -> None:
    if pattern not in OURS:
        pytest.skip(f"{pattern} is a user's own: LangGraph itself refuses two nodes of one name")
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


def files_in(folder: Path) -> list[str]:
    return sorted(str(row.relative_to(folder)) for row in folder.rglob("*") if row.is_file())


# --- budgets, people, plans ----------------------------------------------------------------------


@pytest.mark.parametrize("most", range(MOST_CALLS))
async def test_a_budget_is_kept_and_named(pattern: str, most: int) -> None:
    if most >= CALLS[pattern]:
        pytest.skip(f"{pattern} makes {most} calls or fewer")
    output, trail = await ended(Play(pattern, max_calls=most), {"request": BRISKET})
    assert (output["usage"].calls, output["stop_reason"]) == (most, "budget")
    assert re.search(
        rf"budget of {most} model call|model calls? of {most} are left", output["message"]
    )
    assert output["status"] == ("partial" if output["guide"] else "failed")
    assert trail


@pytest.mark.parametrize("most", range(1, MOST_CALLS))
async def test_a_budget_that_is_raised_lets_it_come_to_its_end(pattern: str, most: int) -> None:
    if most >= CALLS[pattern]:
        pytest.skip(f"{pattern} makes {most} calls or fewer")
    play = Play(pattern, max_calls=most)
    await play.ask(BRISKET)
    play.context = Context(**{**play.context.model_dump(), "max_calls": 40})
    state = ResearchState(**await play.state())  # type: ignore[typeddict-item]
    output = await play.run(retry(state, then=ALL_PATTERNS[pattern].decides))
    assert (output["status"], output["stop_reason"]) == ("complete", "done")


async def test_a_rejection_ends_it_before_anything_runs(pattern: str) -> None:
    if not ALL_PATTERNS[pattern].plans:
        pytest.skip(f"{pattern} shows no plan to approve")
    play = Play(pattern, approval="ask")
    await play.ask(BRISKET)
    assert await play.questions()
    output = await play.decide("reject")
    assert (output["status"], output["stop_reason"]) == ("failed", "rejected")
    assert _trail(output)
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


def replaced(
    own: dict[str, registry.Agent], name: str, act: Callable[[], None], *, then_work: bool
) -> None:
    """Let an agent do something first, and then its work or nothing."""
    work = own[name].run

    async def run(inputs: Inputs, ctx: AgentContext) -> Any:
        await asyncio.to_thread(act)
        return await work(inputs, ctx) if then_work else None

    own[name] = replace(own[name], run=run)


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


@pytest.mark.parametrize("node", BEFORE_THE_TAIL)
async def test_a_node_that_raises_leads_to_the_tail(pattern: str, node: str) -> None:
    if (pattern, node) not in NODES:
        pytest.skip(f"{pattern} has no node {node}")
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
    assert output["usage"].calls == CALLS[pattern]


@pytest.mark.parametrize("first", [True, False])
async def test_a_summary_that_raises_takes_nothing_back(pattern: str, first: bool) -> None:
    play = Play(pattern, breaking(pattern, "summary", first=first))
    output = await play.ask(BRISKET)
    assert (output["status"], output["stop_reason"]) == ("complete", "done")
    assert _trail(output)


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
