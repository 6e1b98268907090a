"""A second try of a run that ended early: what failed runs again, what is done stays."""

from collections.abc import Mapping

from langgraph.types import Command, Overwrite

from nodes.plans.expand import expand
from nodes.registry import agents
from state.errors import Incident
from state.plan import Instance
from state.research import ResearchState
from state.steps import StepResult


def again(state: ResearchState, file_name: str = "") -> Command[str]:
    """Give the command that makes an ended run try again where it stopped.

    Steps that failed or were skipped run again, and so does everything that used them.

    Args:
        state: of a run that came to its tail.
        file_name: for its guide; empty for the one that it had.
    """
    results = state.get("results", {})
    instances = expand(state["plan"], agents()) if state.get("revisions") else ()
    kept = standing(instances, results)
    stop = state.get("stop")
    rejected = stop is not None and stop.reason == "rejected"
    update = {
        "results": Overwrite(kept),
        "incidents": tuple(
            Incident(where=name, what=f"{row.reason} Tried again.")
            for name, row in results.items()
            if name not in kept and row.failure
        ),
        "stop": None,
        "file_name": file_name or state.get("file_name", ""),
        "rejection": "" if rejected else state.get("rejection", ""),
    }
    # A plan that was never dispatched may not have been approved. Its approval comes after the
    # planner: LangGraph does not show the question of a node that a command starts with.
    return Command(update=update, goto="dispatch" if state.get("round") else "planner")


def standing(
    instances: tuple[Instance, ...], results: Mapping[str, StepResult]
) -> dict[str, StepResult]:
    """Give the results that a second try would not change.

    Args:
        instances: of the plan, in topological order.
        results: of the first try, by instance id.
    """
    kept: dict[str, StepResult] = {}
    for row in instances:
        result = results.get(row.id)
        if result is None or not all(need in kept for need in row.needs):
            continue
        if result.status == "done" or (result.skip is not None and result.skip.kind == "absent"):
            kept[row.id] = result
    return kept
