"""What a step is given and how it ended."""

from typing import Any, Literal

from pydantic import Field

from cliptrail.state.base import Frozen
from cliptrail.state.context import Context
from cliptrail.state.errors import Failure
from cliptrail.state.plan import Instance, InstanceId
from cliptrail.state.request import Notes

StepStatus = Literal["done", "failed", "skipped"]


class Skip(Frozen):
    """Why a step was not run."""

    kind: Literal["absent", "upstream"]
    """absent: the element that it was for does not exist, which is no failure;
    upstream: something that it needs failed."""
    message: str


class StepResult(Frozen):
    """How a step ended: done with an output, failed, or skipped. Kept in the state."""

    id: InstanceId
    """The instance's id."""
    agent: str
    status: StepStatus
    output: dict[str, Any] | None = None
    """The agent's output model as JSON; None unless done. Holds references, no transcripts."""
    failure: Failure | None = None
    skip: Skip | None = None
    shortfall: str = ""
    """What its output lacks of what the plan expects; empty if nothing."""
    lacks: str = ""
    """What its output lacks because something within the step failed; empty if nothing."""
    started: float = 0.0
    """Seconds since the epoch."""
    seconds: float = Field(default=0.0, ge=0)
    """Of work, without the waiting for inputs."""

    @property
    def absent(self) -> bool:
        """Whether the element that it was for does not exist, so that there was nothing to do."""
        return self.skip is not None and self.skip.kind == "absent"

    @property
    def reason(self) -> str:
        """Why it is not done, or what its output lacks, in words; empty if all is well."""
        if self.failure:
            return f"{self.failure.message} {self.failure.next_step}".strip()
        return (
            self.skip.message if self.skip else " ".join(filter(None, (self.shortfall, self.lacks)))
        )


class Superseded(Frozen):
    """How a step ended before a later plan, or a retry, ran it again or left it out."""

    revision: int
    """Number of the revision that it belonged to."""
    result: StepResult


class StepTask(Frozen):
    """What the dispatcher sends to an agent's node."""

    instance: Instance
    known: dict[str, StepResult]
    """Results that exist already, of the instances that it needs."""
    sizes: dict[str, int | None]
    """Number of instances by step; None for steps that are not mapped."""
    run: str
    """Id of the run."""
    options: Context = Context()
    """The run's."""
    round: int
    """Number of the dispatch: the steps of one round share their results."""
    may_replan: bool = False
    """The dispatcher sees a failure or a shortfall before other steps do: it may have the plan
    replaced."""
    request: str
    notes: Notes
