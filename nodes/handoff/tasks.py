"""The tasks of a handoff run: which are open, which are done, and what was handed to whom."""

from collections.abc import Callable
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
from cliptrail.state.run import Run

MOST_TRIES = 3
"""Assignments of one task that may be turned down before it fails."""


@dataclass
class HandoffTasks:
    """The tasks and groups of a run, while a node works on them."""

    by_id: dict[str, Task]
    groups: dict[str, Group]
    emit: Callable[[Moved], None] = lambda _: None
    """Called with an event for every move."""
    moves: list[Move] = field(default_factory=list)

    @classmethod
    def of(cls, run: Run, emit: Callable[[Moved], None] = lambda _: None) -> "HandoffTasks":
        """Return the tasks as the run holds them."""
        by_id, groups = {row.id: row for row in run.tasks}, {row.id: row for row in run.groups}
        return cls(by_id, groups, emit)

    def update(self) -> dict[str, Any]:
        """Return the state update of what was changed."""
        return {
            "tasks": tuple(self.by_id.values()),
            "groups": tuple(self.groups.values()),
            "path": tuple(self.moves),
        }

    def having(self, status: str) -> list[Task]:
        """Return the tasks of a status, in order."""
        return [task for task in self.by_id.values() if task.status == status]

    def change(self, task: Task, **changes: Any) -> Task:
        """Replace a task by a changed one, and return that."""
        self.by_id[task.id] = task.model_copy(update=changes)
        return self.by_id[task.id]

    def move(self, move: Move) -> None:
        """Record a decision, and emit its event."""
        self.moves.append(move)
        self.emit(Moved(move=move))

    def add(self, intent: Intent, **more: Any) -> Task:
        """Add a new task."""
        task = Task(id=f"task_{len(self.by_id) + 1}", intent=intent, **more)
        self.by_id[task.id] = task
        return task

    def fan_out(self, made: FanOut, parent: Task | None) -> Group:
        """Add a group, with an open task for each of its branches."""
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
        """Set the result of a task, and add the tasks that follow from it.

        Args:
            task: whose steps have ended.
            result: how they ended.
            again: does the same task follow, in other words?
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
        """Reopen a task whose assignment was not accepted; after `MOST_TRIES` times it fails.

        Args:
            task: with the assignment.
            reason: why not.
            exclude: must the agent not get it again?
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
        """Let a task fail that no agent does; its failure says what was tried."""
        told = " ".join([f"Nobody took the task “{task.intent.words}”.", why, *task.story])
        failure = Failure(
            kind="usage",
            message=told,
            next_step="Ask in other words, or add an agent that can do it.",
        )
        return self.change(task, status="failed", failure=failure)

    def branches(self, group: Group) -> list[Task]:
        """Return the latest task of each branch of a group, in the order of the branches."""
        latest = {task.slot: task for task in self.by_id.values() if task.group == group.id}
        return [latest[slot] for slot in sorted(latest)]

    def parent(self, group: Group) -> Task | None:
        """Return the task that fanned out; None if it was the request."""
        return self.by_id.get(group.parent)


def finished(task: Task) -> Complete:
    """Return the result of a task that is done."""
    return Complete(result=task.steps)


def handed_on(task: Task) -> tuple[str, ...]:
    """Return the steps whose results go with what a task hands on."""
    return tuple(dict.fromkeys([*task.state, *task.steps]))
