"""What a run says while it goes on: the payloads of LangGraph's `custom` stream."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from cliptrail.state.base import Frozen
from cliptrail.state.evidence import Claim
from cliptrail.state.path import Move
from cliptrail.state.plan import Estimate, Revision
from cliptrail.state.request import Status, StopReason
from cliptrail.state.steps import StepResult
from cliptrail.state.usage import ModelCall


class PlanMade(Frozen):
    """There is a plan, or a new revision of it."""

    kind: Literal["plan_made"] = "plan_made"
    revision: Revision
    """The plan, its number, who made it and what changed."""
    estimate: Estimate
    """What the steps that are still to do are expected to cost."""
    finished: tuple[str, ...] = ()
    """Ids of the steps that are done already and stay so."""


class StepWaiting(Frozen):
    """A step was sent and waits for its inputs."""

    kind: Literal["step_waiting"] = "step_waiting"
    id: str
    """Id of the step."""
    agent: str
    """Who does it."""


class StepStarted(Frozen):
    """A step has its inputs and works."""

    kind: Literal["step_started"] = "step_started"
    id: str
    """Id of the step."""
    agent: str
    """Who does it."""
    at: float
    """When it began, in Unix seconds, as its result will say too: who begins to watch later is told
    of it late, and can still say how long the step has worked."""


class StepProgress(Frozen):
    """A step has come a part of its way."""

    kind: Literal["step_progress"] = "step_progress"
    id: str
    """Id of the step."""
    agent: str
    """Who does it."""
    done: int
    """How many are done."""
    of: int
    """How many there are."""
    what: str
    """What is counted: "transcripts read"."""


class ClaimFound(Frozen):
    """A step found a claim; what the guide makes of it is decided later."""

    kind: Literal["claim_found"] = "claim_found"
    step: str
    """Id of the step."""
    claim: Claim
    """What it says, with its citations; those that failed a check say why."""


class StepEnded(Frozen):
    """A step is done, failed or skipped."""

    kind: Literal["step_ended"] = "step_ended"
    result: StepResult
    """Its status, output, failure or reason to be skipped, and its seconds."""


class ModelCalled(Frozen):
    """A model was called."""

    kind: Literal["model_called"] = "model_called"
    call: ModelCall
    """Role, tier, model, tokens, price and seconds."""


class Notice(Frozen):
    """Something that the user should know."""

    kind: Literal["notice"] = "notice"
    where: str
    """Node, step or service in which it happened."""
    what: str
    """What happened, and what was done about it."""


class Moved(Frozen):
    """A run that decides as it goes took a decision."""

    kind: Literal["moved"] = "moved"
    move: Move
    """Who does what next, and why."""


class FileWritten(Frozen):
    """A file is complete under its final name."""

    kind: Literal["file_written"] = "file_written"
    path: str
    """On the machine that runs."""


class RunEnded(Frozen):
    """The run has come to its end; errors that the user should read are in the message."""

    kind: Literal["run_ended"] = "run_ended"
    status: Status
    """Is there a guide, and is it whole?"""
    stop_reason: StopReason
    """Why it ended, for programs."""
    message: str
    """What was done, and why it ended so, for people."""


Event = Annotated[
    PlanMade
    | StepWaiting
    | StepStarted
    | StepProgress
    | ClaimFound
    | StepEnded
    | Moved
    | ModelCalled
    | Notice
    | FileWritten
    | RunEnded,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads an event from what the stream brought."""
