"""A run that is brought to its end early: what was found is composed where the budget allows."""

from typing import Any

import pytest
from langgraph.graph import StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.graphs.base import add_agents, frame
from cliptrail.nodes.common.dispatch import dispatcher
from cliptrail.nodes.common.growing_plan import grown
from cliptrail.nodes.common.running import run_of
from cliptrail.nodes.common.wrap_up import limit_near, limit_reached, wrap_up
from cliptrail.state.context import Context
from cliptrail.state.plan import Revision, Step
from cliptrail.state.request import Stop
from cliptrail.state.research import ResearchState
from tests.graphs.playing import BRISKET, Play
from tests.nodes.common.growing import FETCH, SEARCH
from tests.nodes.common.growing import state as growing
from tests.nodes.finish.endings import failed

LIMIT = Stop(reason="loop", message="Nothing new was found.")
STEPS = (
    Step(id="search_1", agent="search", inputs={"query": "brisket", "limit": 3}),
    Step(
        id="transcript_1",
        agent="transcript",
        for_each="$search_1.videos[:3]",
        inputs={"video": "$item"},
    ),
    Step(id="extract_1", agent="extract", inputs={"transcripts": ["$transcript_1"]}),
)


def deciding(rounds: int) -> StateGraph[Any, Any, Any, Any]:
    """A pattern that takes one of the steps a round, and is closed after some rounds."""

    async def coordinator(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
        run = run_of(state)
        done = run.decisions
        if (stop := limit_near(run, runtime.context)) or done == rounds:
            return wrap_up(run, runtime, "coordinator", stop or LIMIT, {})
        made = grown(run, [STEPS[done]], "supervisor", "so", runtime.context)
        assert isinstance(made, Revision)
        update = {"plan": made.plan, "revisions": (made,), "decisions": done + 1}
        return Command(update=update, goto="dispatch")

    graph = frame("deciding", first="coordinator")
    graph.add_node("coordinator", coordinator, destinations=("dispatch", "save"))
    agents = add_agents(graph, back_to="dispatch")
    then = dispatcher(then="coordinator")
    graph.add_node("dispatch", then, destinations=(*agents, "coordinator", "save"))
    return graph


@pytest.mark.parametrize(("rounds", "calls"), [(0, 0), (1, 0), (2, 2), (3, 2)])
async def test_what_was_found_is_composed(rounds: int, calls: int) -> None:
    play = Play(builder=deciding(rounds))
    output = await play.ask(BRISKET)
    state = await play.state()
    assert (output["stop_reason"], output["usage"].calls) == ("loop", calls)
    assert bool(output["guide"]) == bool(calls)
    assert "Nothing new was found." in output["message"]
    turns = [(row.by, row.turn) for row in state["path"]]
    assert turns == ([("coordinator", "close")] if calls else [])
    assert [row.by for row in state["revisions"]].count("limit") == bool(calls)


@pytest.mark.parametrize(("most", "reason"), [(0, "loop"), (1, "budget"), (2, "budget")])
async def test_a_budget_is_kept_for_the_guide(most: int, reason: str) -> None:
    output = await Play(builder=deciding(2), max_calls=most).ask(BRISKET)
    assert (output["usage"].calls, output["stop_reason"]) == (most, reason)
    assert output["status"] == ("partial" if most else "failed")


def test_what_cannot_be_composed_is_told() -> None:
    """A plan that nobody could have made: its search has no words."""
    spoilt = SEARCH.model_copy(update={"inputs": {}})
    told: list[Any] = []
    runtime = Runtime(context=Context(), stream_writer=told.append)
    ended = wrap_up(run_of(growing(spoilt, FETCH, results=2)), runtime, "agent", LIMIT, {})
    assert ended.goto == "save"
    (incident,) = ended.update["incidents"]  # type: ignore[index]
    assert "could not be composed: search_1.inputs.query" in incident.what
    assert [row["kind"] for row in told] == ["notice"]


@pytest.mark.parametrize(
    ("state", "idle", "reason"),
    [
        (growing(SEARCH), 0, None),
        (growing(SEARCH), 2, "loop"),
        (growing(SEARCH, decisions=12), 0, "budget"),
        (growing(SEARCH, decisions=11), 1, None),
    ],
)
def test_a_coordinator_is_asked_until_a_limit(
    state: ResearchState, idle: int, reason: str | None
) -> None:
    stop = limit_reached(run_of(state), Context(), idle=idle, most_idle=2)
    assert (stop and stop.reason) == reason


def test_where_a_source_refuses_nobody_is_asked_on() -> None:
    state = growing(SEARCH)
    state["results"] = {"search_1": failed("search_1", kind="blocked")}
    stop = limit_reached(run_of(state), Context())
    assert stop
    assert (stop.reason, stop.message, stop.next_step) == ("blocked", "It broke.", "Mend it.")
