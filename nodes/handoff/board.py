"""The board of a run's tasks: which are open, which are done, and what was handed to whom."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cliptrail.state.errors import Failure
from cliptrail.state.events import Moved
from cliptrail.state.handoffs import (
    Complete,
    Exclusion,
    FanOut,
    Group,
    Handoff,
    HandoffResult,
    Intent,
    Task,
)
from cliptrail.state.path import Move
from cliptrail.state.plan import Plan
from cliptrail.state.research import ResearchState

MOST_TRIES = 3
"""Assignments of one task that may be turned down before it fails."""


@dataclass
class Board:
    """The tasks and groups of a run, while a node works on them."""

    tasks: dict[str, Task]
    groups: dict[str, Group]
    say: Callable[[Moved], None] = lambda _: None
    """Told of every move."""
    moves: list[Move] = field(default_factory=list)

    @classmethod
    def of(cls, state: ResearchState, say: Callable[[Moved], None] = lambda _: None) -> "Board":
        """Return the board as the state holds it."""
        tasks, groups = state.get("tasks", ()), state.get("groups", ())
        return cls({row.id: row for row in tasks}, {row.id: row for row in groups}, say)

    def update(self) -> dict[str, Any]:
        """Return the state update of what was changed."""
        return {
            "tasks": tuple(self.tasks.values()),
            "groups": tuple(self.groups.values()),
            "path": tuple(self.moves),
        }

    def having(self, status: str) -> list[Task]:
        """Return the tasks of a status, in order."""
        return [task for task in self.tasks.values() if task.status == status]

    def change(self, task: Task, **changes: Any) -> Task:
        """Put a changed task in its place, and give it."""
        self.tasks[task.id] = task.model_copy(update=changes)
        return self.tasks[task.id]

    def move(self, move: Move) -> None:
        """Write down a decision, and tell it."""
        self.moves.append(move)
        self.say(Moved(move=move))

    def add(self, intent: Intent, **more: Any) -> Task:
        """Put a new task on the board."""
        task = Task(id=f"task_{len(self.tasks) + 1}", intent=intent, **more)
        self.tasks[task.id] = task
        return task

    def fan_out(self, made: FanOut, parent: Task | None) -> Group:
        """Put a group on the board, with an open task for each of its branches."""
        name = f"group_{len(self.groups) + 1}"
        branches = [
            self.add(intent, state=made.state, group=name, slot=slot)
            for slot, intent in enumerate(made.intents)
        ]
        self.groups[name] = Group(
            id=name,
            parent=parent.id if parent else "",
            branches=tuple(row.id for row in branches),
            join_intent=made.join_intent,
        )
        return self.groups[name]

    def settle(self, task: Task, result: HandoffResult, *, again: bool = False) -> None:
        """Put the result of a task's work on the board, with the tasks that follow from it.

        Args:
            task: of which the work has ended.
            result: how.
            again: what follows is the same in other words.
        """
        if isinstance(result, FanOut):
            self.change(task, status="split", result=result)
            self.fan_out(result, task)
            return
        self.change(task, status="done", result=result)
        if isinstance(result, Handoff):
            self.add(
                result.intent,
                state=result.state,
                group=task.group,
                slot=task.slot,
                retries=task.retries + again,
            )

    def turn_down(self, task: Task, reason: str, *, exclude: bool) -> Task:
        """Put a task back on the board whose assignment was not accepted; three times and it fails.

        Args:
            task: with the assignment.
            reason: why not.
            exclude: shall the agent not get it again?
        """
        agent = task.step.agent if task.step else ""
        self.move(Move(by=agent, turn="reject", intent=task.intent.words, reason=reason))
        story = (*task.story, f"{agent}: {reason}")
        out = (*task.excluded, Exclusion(agent=agent, reason=reason)) if exclude else task.excluded
        tries = task.tries + 1
        put = {"step": None, "tries": tries, "story": story, "excluded": out}
        if tries < MOST_TRIES:
            return self.change(task, status="open", **put)
        return self.fail(self.change(task, **put), f"It was not accepted {tries} times.")

    def fail(self, task: Task, why: str) -> Task:
        """Let a task fail that nobody does, with the whole story."""
        told = " ".join([f"Nobody took the task “{task.intent.words}”.", why, *task.story])
        failure = Failure(
            kind="usage",
            message=told,
            next_step="Ask in other words, or add an agent that can do it.",
        )
        return self.change(task, status="failed", failure=failure)

    def branches(self, group: Group) -> list[Task]:
        """Return the latest task of each branch of a group, in the order of the branches."""
        latest = {task.slot: task for task in self.tasks.values() if task.group == group.id}
        return [latest[slot] for slot in sorted(latest)]

    def parent(self, group: Group) -> Task | None:
        """Return the task that fanned out; None if it was the request."""
        return self.tasks.get(group.parent)


def reopened(tasks: Iterable[Task], groups: Iterable[Group], plan: Plan) -> dict[str, Any]:
    """Return the state update for a second try: the last task of the main way, and what failed.

    Args:
        tasks: as a run left them that ended early.
        groups: its fan-outs.
        plan: its plan. Steps that only brought the run to its end go on as the last task's.
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


def finished(task: Task) -> Complete:
    """Return the result of a task that is done."""
    return Complete(result=task.steps)


def handed_on(task: Task) -> tuple[str, ...]:
    """Return the steps whose results go with what a task hands on."""
    return tuple(dict.fromkeys([*task.state, *task.steps]))
