"""What a retry takes up again of the work that agents handed on to each other."""

from collections.abc import Iterable
from typing import Any

from cliptrail.state.handoffs import FanOut, Group, Handoff, Task
from cliptrail.state.plan import Plan


def reopened(tasks: Iterable[Task], groups: Iterable[Group], plan: Plan) -> dict[str, Any]:
    """Return the state update for a retry: the last task of the main path, and what failed.

    Args:
        tasks: of a run that ended early.
        groups: its fan-outs.
        plan: its plan. Steps that only made the guide at the end become the last task's.
    """
    rows = list(tasks)
    last = next((task.id for task in reversed(rows) if not task.group), "")
    owned = {name for task in rows for name in task.steps}
    rest = tuple(step.id for step in plan.steps if step.id not in owned)
    rows = [
        task.model_copy(update={"steps": (*task.steps, *rest)})
        if task.id == last and task.steps
        else task
        for task in rows
    ]
    again = [
        _reopen(task) if task.failure or (task.id == last and _is_open_ended(task)) else task
        for task in rows
    ]
    mended = [row.model_copy(update={"failure": None}) if row.failure else row for row in groups]
    return {"tasks": tuple(again), "groups": tuple(mended)}


def _is_open_ended(task: Task) -> bool:
    return task.status == "done" and not isinstance(task.result, Handoff | FanOut)


def _reopen(task: Task) -> Task:
    fresh = {"failure": None, "excluded": (), "story": (), "tries": 0, "step": None}
    if isinstance(task.result, FanOut):
        return task.model_copy(update={**fresh, "status": "split"})
    status = "working" if task.steps else "open"
    return task.model_copy(update={**fresh, "status": status, "result": None})
