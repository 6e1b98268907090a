"""A second try of a run that ended early: what failed runs again, what is done stays."""

from langgraph.types import Command, Overwrite

from cliptrail.agents.registry import agents
from cliptrail.nodes.handoff.board import reopened
from cliptrail.plans.expansion import expand
from cliptrail.plans.setbacks import standing
from cliptrail.state.errors import Incident
from cliptrail.state.plan import Plan
from cliptrail.state.research import ResearchState, in_force
from cliptrail.state.steps import Superseded


def again(state: ResearchState, file_name: str = "", then: str = "planner") -> Command[str]:
    """Return the command that makes an ended run try again where it stopped.

    Steps that failed or were skipped run again, and so does everything that used them.

    Args:
        state: of a run that came to its tail.
        file_name: for its guide; empty for the one that it had.
        then: the pattern's node that decides what is done, for a run that did not come further.
    """
    results, plan = state.get("results", {}), in_force(state)
    kept = standing(expand(plan.plan, agents()), results) if plan else {}
    lost = {name: row for name, row in results.items() if name not in kept}
    stop = state.get("stop")
    rejected = stop is not None and stop.reason == "rejected"
    number = plan.number if plan else 0
    update = {
        "results": Overwrite(kept),
        "superseded": tuple(Superseded(revision=number, result=row) for row in lost.values()),
        "incidents": tuple(
            Incident(where=name, what=f"{row.reason} Tried again.")
            for name, row in lost.items()
            if row.failure
        ),
        "stop": None,
        "file_name": file_name or state.get("file_name", ""),
        "rejection": "" if rejected else state.get("rejection", ""),
        "setback": "",
        "replans": 0,
        "decisions": 0,
        "idle": 0,
        "closing": None,
        **reopened(state.get("tasks", ()), state.get("groups", ()), state.get("plan", Plan())),
    }
    # A plan that was never dispatched may not have been approved. Its approval comes after the
    # planner: LangGraph does not show the question of a node that a command starts with.
    carried_out = (
        bool(number) and number == state.get("dispatched") == state["revisions"][-1].number
    )
    return Command(update=update, goto="dispatch" if carried_out else then)
