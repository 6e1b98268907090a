"""The fan-in: when the branches of a group have ended they are joined once, in their order."""

from collections.abc import Iterator, Sequence
from typing import Any

from cliptrail.agents.join import JoinInput
from cliptrail.agents.registry import agents
from cliptrail.nodes.common.growing_plan import numbered, outputs_of
from cliptrail.nodes.handoff.board import Board
from cliptrail.state.errors import Failure
from cliptrail.state.handoffs import Complete, Group, PartialResult, Task
from cliptrail.state.media import TranscriptRef
from cliptrail.state.path import Move
from cliptrail.state.plan import Plan, Step
from cliptrail.state.research import ResearchState

JOIN = "join"


def fan_in(board: Board, state: ResearchState) -> list[Step]:
    """Join every group of which all branches have ended; inner ones first.

    Args:
        board: groups whose branches all failed have failed on it afterwards, and so has the task
            that fanned out.
        state: of the run.

    Returns:
        The steps that put the results together.
    """
    steps: list[Step] = []
    for group in reversed([*board.groups.values()]):  # a group comes after the one that it is in
        branches = board.branches(group)
        waits = any(task.status not in ("done", "failed") for task in branches)
        if waits or group.outcome or group.failure:
            continue
        done = [task for task in branches if task.status == "done"]
        if done:
            steps.append(_joined(board, group, done, state, steps))
        else:
            _fail(board, group, branches)
    return steps


def _joined(
    board: Board, group: Group, done: Sequence[Task], state: ResearchState, before: list[Step]
) -> Step:
    plan, branches = state.get("plan", Plan()), board.branches(group)
    inputs = _found(done, state)
    name = numbered(JOIN, [*plan.steps, *before])
    finished = tuple(dict.fromkeys(name for task in done for name in task.steps))
    failures = [task.failure for task in branches if task.failure]
    outcome = (
        PartialResult(error=failures[0], partial_data=inputs, completed_steps=finished)
        if failures
        else Complete(result=(name,))
    )
    board.groups[group.id] = group.model_copy(update={"outcome": outcome})
    why = " ".join(
        [f"{len(done)} of {len(branches)} branches.", *(row.message for row in failures)]
    )
    intent = group.join_intent
    board.move(Move(by="goal_check", turn="join", to=(name,), intent=intent.words, reason=why))
    parent = board.parent(group)
    more = {"group": parent.group, "slot": parent.slot, "state": parent.state} if parent else {}
    board.add(intent, status="working", steps=(name,), **more)
    if parent:
        board.change(parent, status="done")
    return Step(id=name, agent=JOIN, brief=intent.words, inputs=inputs)


def _fail(board: Board, group: Group, branches: Sequence[Task]) -> None:
    told = [task.failure for task in branches if task.failure]
    message = f"All {len(branches)} branches failed. {' '.join(row.message for row in told)}"
    failure = Failure(kind=told[0].kind, message=message, next_step=told[0].next_step)
    board.groups[group.id] = group.model_copy(update={"failure": failure})
    if parent := board.parent(group):
        board.change(parent, status="failed", failure=failure)


def _found(done: Sequence[Task], state: ResearchState) -> dict[str, list[list[str]]]:
    """Get references to what each branch found, by kind; one list for each branch that has any."""
    found: dict[str, list[list[str]]] = {}
    for task in done:
        for kind, refs in _of_branch(task, state).items():
            found.setdefault(kind, []).append(refs)
    return found


def _of_branch(task: Task, state: ResearchState) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for step in state.get("plan", Plan()).steps:
        if step.id not in task.steps:
            continue
        gives = agents()[step.agent].output
        if gives is TranscriptRef:
            found.setdefault("transcripts", []).append(f"${step.id}")
            continue
        for name, gave in outputs_of(step, state.get("results", {})).items():
            for kind in _lists(gave):
                found.setdefault(kind, []).append(f"${name}.{kind}")
    return found


def _lists(gave: dict[str, Any]) -> Iterator[str]:
    """Name the lists of an output that can be joined and that say something."""
    for kind in JoinInput.model_fields:
        # Nothing left open by one branch closes what another one leaves open.
        says = gave.get(kind) or (kind == "unanswered" and gave.get("claims"))
        if says and isinstance(gave.get(kind), list):
            yield kind
