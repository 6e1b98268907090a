"""The fan-in: when the branches of a group have ended they are joined once, in their order."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from cliptrail.agents.registry import agents
from cliptrail.nodes.common.growing_plan import numbered
from cliptrail.nodes.handoff.tasks import HandoffTasks
from cliptrail.plans.types import paths_to
from cliptrail.state.errors import Failure
from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.handoffs import Complete, Group, PartialResult, Task
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.path import Move
from cliptrail.state.plan import Step
from cliptrail.state.results import Results
from cliptrail.state.run import Run

JOIN = "join"
JOINED: dict[str, type[BaseModel]] = {
    "videos": Video,
    "transcripts": TranscriptRef,
    "claims": Claim,
}
"""What can be joined, by the join's input that takes it."""


def fan_in(tasks: HandoffTasks, run: Run) -> list[Step]:
    """Join every group of which all branches have ended; inner ones first.

    Args:
        tasks: groups whose branches all failed have failed in it afterwards, and so has the task
            that fanned out.
        run: the run so far.

    Returns:
        The steps that put the results together.
    """
    steps: list[Step] = []
    for group in reversed([*tasks.groups.values()]):  # a group comes after the one that it is in
        branches = tasks.branches(group)
        waits = any(task.status not in ("done", "failed") for task in branches)
        if waits or group.outcome or group.failure:
            continue
        done = [task for task in branches if task.status == "done"]
        if done:
            steps.append(_joined(tasks, group, done, run, steps))
        else:
            _fail(tasks, group, branches)
    return steps


def _joined(
    tasks: HandoffTasks, group: Group, done: Sequence[Task], run: Run, before: list[Step]
) -> Step:
    plan, branches = run.plan, tasks.branches(group)
    inputs = _found(done, run)
    name = numbered(JOIN, [*plan.steps, *before])
    failures = [task.failure for task in branches if task.failure]
    outcome = PartialResult(error=failures[0]) if failures else Complete(result=(name,))
    tasks.groups[group.id] = group.model_copy(update={"outcome": outcome})
    why = " ".join(
        [f"{len(done)} of {len(branches)} branches.", *(row.message for row in failures)]
    )
    intent = group.join_intent
    tasks.move(Move(by="goal_check", turn="join", to=(name,), intent=intent.words, reason=why))
    parent = tasks.parent(group)
    more = {"group": parent.group, "slot": parent.slot, "state": parent.state} if parent else {}
    tasks.add(intent, status="working", steps=(name,), **more)
    if parent:
        tasks.change(parent, status="done")
    return Step(id=name, agent=JOIN, brief=intent.words, inputs=inputs)


def _fail(tasks: HandoffTasks, group: Group, branches: Sequence[Task]) -> None:
    told = [task.failure for task in branches if task.failure]
    message = f"All {len(branches)} branches failed. {' '.join(row.message for row in told)}"
    failure = Failure(kind=told[0].kind, message=message, next_step=told[0].next_step)
    tasks.groups[group.id] = group.model_copy(update={"failure": failure})
    if parent := tasks.parent(group):
        tasks.change(parent, status="failed", failure=failure)


def _found(done: Sequence[Task], run: Run) -> dict[str, list[list[str]]]:
    """Return references to what each branch found, by kind; one list per branch that has any."""
    found: dict[str, list[list[str]]] = {}
    for task in done:
        for kind, refs in _of_branch(task, run).items():
            found.setdefault(kind, []).append(refs)
    return found


def _of_branch(task: Task, run: Run) -> dict[str, list[str]]:
    """References to what the steps of a branch gave, by the input of the join that takes it."""
    found: dict[str, list[str]] = {}
    for step in run.plan.steps:
        if step.id in task.steps:
            for name, ref in _of_step(step, run.results.of_steps([step.id])):
                found.setdefault(name, []).append(ref)
    return {name: list(dict.fromkeys(refs)) for name, refs in found.items()}


def _of_step(step: Step, own: Results) -> Iterator[tuple[str, str]]:
    gives = agents()[step.agent].output
    for place, output in own.json_outputs().items():
        for name, kind in JOINED.items():
            for path in _paths(gives, kind):
                if not path or output.get(path[1:]):
                    yield name, f"${place}{path}" if path else f"${step.id}"
        # An empty list of open questions says something only beside claims: that none is left.
        claims = any(output.get(path[1:]) for path in _paths(gives, Claim) if path)
        left = output.get("unanswered")
        if isinstance(left, list) and (left or claims):
            yield "unanswered", f"${place}.unanswered"


def _paths(gives: type[BaseModel], kind: type[BaseModel]) -> list[str]:
    """Where an output holds values of a type; of a guide only the claims that it shows."""
    return [path for path in paths_to(gives, kind) if gives is not Guide or path == ".claims"]
