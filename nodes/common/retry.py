"""The retry of a run that ended early: what failed runs again, what is done stays."""

from langgraph.types import Command, Overwrite

from cliptrail.agents.registry import agents
from cliptrail.nodes.common.reopened_tasks import reopened
from cliptrail.nodes.common.running import run_of
from cliptrail.plans.expansion import expand
from cliptrail.plans.replanning import final
from cliptrail.state.errors import Incident
from cliptrail.state.research import ResearchState
from cliptrail.state.steps import Superseded


def retry(state: ResearchState, file_name: str = "", then: str = "planner") -> Command[str]:
    """Return the command that makes an ended run continue where it stopped.

    Steps that failed or were skipped run again, and so does everything that used them.

    Args:
        state: of a run that ended.
        file_name: for its guide; empty for the one that it had.
        then: the pattern's node that decides what is done, for a run that got no further.
    """
    run = run_of(state)
    results, plan = run.results, run.in_force
    kept = final(expand(plan.plan, agents()), results) if plan else {}
    lost = {name: row for name, row in results.items() if name not in kept}
    stop = run.stop
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
        "file_name": file_name or run.file_name,
        "rejection": "" if rejected else run.rejection,
        "replan_reason": "",
        "replans": 0,
        "decisions": 0,
        "idle": 0,
        "wrap_up": None,
        **reopened(run.tasks, run.groups, run.plan),
    }
    # A plan that was never dispatched may not have been approved. Its approval comes after the
    # planner: LangGraph does not show the question of a node that a command starts with.
    carried_out = bool(number) and number == run.dispatched == run.revisions[-1].number
    return Command(update=update, goto="dispatch" if carried_out else then)
