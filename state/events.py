"""What a run says while it goes on: the payloads of LangGraph's `custom` stream."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from state.base import Frozen
from state.path import Move
from state.plan import Estimate, Revision
from state.steps import StepResult
from state.usage import ModelCall


class PlanMade(Frozen):
    """There is a plan, or a new revision of it."""

    kind: Literal["plan_made"] = "plan_made"
    revision: Revision
    estimate: Estimate
    finished: tuple[str, ...] = ()
    """Ids of the steps that are done already and stay so."""


class StepWaiting(Frozen):
    """A step was sent and waits for its inputs."""

    kind: Literal["step_waiting"] = "step_waiting"
    id: str
    agent: str


class StepStarted(Frozen):
    """A step has its inputs and works."""

    kind: Literal["step_started"] = "step_started"
    id: str
    agent: str


class StepEnded(Frozen):
    """A step is done, failed or skipped."""

    kind: Literal["step_ended"] = "step_ended"
    result: StepResult


class ModelCalled(Frozen):
    """A model was called."""

    kind: Literal["model_called"] = "model_called"
    call: ModelCall


class Notice(Frozen):
    """Something that the user should know."""

    kind: Literal["notice"] = "notice"
    where: str
    what: str


class Moved(Frozen):
    """A run that decides as it goes took a decision."""

    kind: Literal["moved"] = "moved"
    move: Move


class FileWritten(Frozen):
    """A file is complete under its final name."""

    kind: Literal["file_written"] = "file_written"
    path: str


Event = Annotated[
    PlanMade | StepWaiting | StepStarted | StepEnded | Moved | ModelCalled | Notice | FileWritten,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads an event from what the stream brought."""
