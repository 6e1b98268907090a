"""A run that is brought to its end early: what was found is composed where the budget allows."""

from typing import Any

import pytest
from langgraph.graph import StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command

from graphs.base import add_agents, frame
from nodes.closing import close, limit_near
from nodes.dispatch import dispatcher
from nodes.plans.growing import grown
from state.context import Context
from state.plan import Revision, Step
from state.request import Stop
from state.research import ResearchState
from tests.graphs.playing import BRISKET, Play

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
        done = state.get("decisions", 0)
        if (stop := limit_near(state, runtime.context)) or done == rounds:
            return close(state, runtime, "coordinator", stop or LIMIT, {})
        made = grown(state, [STEPS[done]], "supervisor", "so", runtime.context)
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
