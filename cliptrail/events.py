"""What `cliptrail.stream` yields: the events of a run, and the questions that it asks."""

from dataclasses import dataclass, field
from typing import Any, Literal

from cliptrail.state.base import Frozen
from cliptrail.state.events import (
    ClaimFound,
    Event,
    FileWritten,
    ModelCalled,
    Moved,
    Notice,
    PlanMade,
    RunEnded,
    StepEnded,
    StepProgress,
    StepStarted,
    StepWaiting,
)
from cliptrail.state.plan import Estimate, Plan, Revision

__all__ = [
    "Approval",
    "ClaimFound",
    "Event",
    "FileWritten",
    "ModelCalled",
    "Moved",
    "Notice",
    "PlanMade",
    "Question",
    "RunEnded",
    "Started",
    "StepEnded",
    "StepProgress",
    "StepStarted",
    "StepWaiting",
    "Waiting",
]


class Started(Frozen):
    """The run is recorded: from now on it can be resumed by its thread."""

    kind: Literal["started"] = "started"
    thread: str
    """Id of the thread; pass it as `thread` to go on."""
    pattern: str
    """Name of the pattern that runs."""
    earlier: tuple[Event, ...] = ()
    """For a run that is resumed: what it told before, as far as its checkpoint holds it."""


class Waiting(Frozen):
    """The run stopped because a question was not answered; it can be resumed by its thread."""

    kind: Literal["waiting"] = "waiting"
    thread: str
    """Id of the thread; pass it as `thread` to be asked again."""
    questions: tuple[str, ...]
    """What is still to be decided, in words."""


@dataclass(kw_only=True)
class _Asked:
    id: str
    """Id of the LangGraph interrupt."""
    text: str
    """The question in words."""
    following: int = 0
    """How many more questions come before the run goes on."""
    decision: dict[str, Any] | None = field(default=None, repr=False)
    """The answer so far, in the shape of LangChain's human-in-the-loop middleware."""

    def reject(self, reason: str = "") -> None:
        """Say no."""
        self._decide({"type": "reject", "message": reason})

    def _decide(self, decision: dict[str, Any]) -> None:
        self.decision = {"decisions": [decision]}


@dataclass(kw_only=True)
class Approval(_Asked):
    """A plan that waits for approval: call `approve`, `edit` or `reject` before going on.

    `reject` with a reason sends the plan back to the planner; without one the run ends.
    """

    action: str
    """Name of the action in the request."""
    revision: Revision
    """The plan, its number, and what changed since the last one."""
    estimate: Estimate
    """What the steps that are still to do are expected to cost."""
    finished: tuple[str, ...] = ()
    """Ids of the steps that are already done and stay so."""
    note: str = ""
    """Why there is a new plan, or why the last answer was not accepted; empty the first time."""

    @property
    def plan(self) -> Plan:
        """The plan itself."""
        return self.revision.plan

    def approve(self) -> None:
        """Run the plan."""
        self._decide({"type": "approve"})

    def edit(self, plan: Plan) -> None:
        """Run this plan instead; if it is not valid, the question comes again, saying why."""
        args = {"plan": plan.model_dump(mode="json", exclude_defaults=True)}
        edited = {"name": self.action, "args": args}
        self._decide({"type": "edit", "edited_action": edited})


@dataclass(kw_only=True)
class Question(_Asked):
    """A question of an agent: call `answer` or `reject` before going on."""

    step: str
    """Id of the step that asks."""
    choices: tuple[str, ...] = ()
    """The possible answers; empty if any words will do."""

    def answer(self, text: str) -> None:
        """Answer; if it is not one of the choices, the question comes again, saying so."""
        self._decide({"type": "respond", "message": text})
