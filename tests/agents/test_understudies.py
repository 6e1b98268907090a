"""Another agent of the same capability takes over a step that fails, and the trail says so."""

from typing import Any

import pytest

from cliptrail.agents import registry
from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.agents.search import SearchInput, SearchOutput
from cliptrail.state.errors import BudgetExceeded, SourceUnavailable
from cliptrail.state.plan import Cost, Plan, StoredPlan
from tests.graphs.playing import Play, steps


@pytest.fixture(autouse=True)
def own_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_AGENTS", registry.agents())


def unlucky(error: Exception) -> None:
    """Register a way of searching that fails."""

    @agent(capabilities=("find_videos",), cost=Cost())
    async def unlucky_search(inputs: SearchInput, ctx: AgentContext) -> SearchOutput:
        """Search elsewhere."""
        raise error


async def played() -> tuple[dict[str, Any], dict[str, Any]]:
    first, *rest = steps()
    plan = Plan(goal="Brisket", steps=(first.model_copy(update={"agent": "unlucky_search"}), *rest))
    play = Play()
    output = await play.run({"request": "Brisket?", "stored": StoredPlan(plan=plan)})
    return output, await play.state()


@pytest.mark.parametrize("error", [SourceUnavailable("The server is down."), ValueError("bug")])
async def test_who_can_do_the_same_takes_over(error: Exception) -> None:
    unlucky(error)
    output, state = await played()
    assert output["status"] == "complete"
    assert (state["results"]["find"].status, state["results"]["find"].agent) == ("done", "search")
    (incident,) = (row for row in state["incidents"] if row.where == "find")
    assert incident.what.startswith("unlucky_search failed: ")
    assert incident.what.endswith("search took over.")


async def test_nobody_takes_over_what_would_fail_for_anybody() -> None:
    unlucky(BudgetExceeded("The budget is used up."))
    output, state = await played()
    assert (output["status"], output["stop_reason"]) == ("failed", "budget")
    assert state["results"]["find"].agent == "unlucky_search"


async def test_who_takes_or_gives_something_else_does_not_take_over() -> None:
    @agent(capabilities=("find_videos",), cost=Cost())
    async def other_search(inputs: SearchInput, ctx: AgentContext) -> SearchInput:
        """Return back what was asked."""
        return inputs

    found = registry.understudies(registry.agents()["search"])
    assert [row.name for row in found] == []
