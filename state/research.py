"""The state of a research run: channels, reducers, and the narrow schemas at both ends."""

from typing import Annotated, TypeVar

from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict  # typing's has no schema before Python 3.12

from cliptrail.state.context import Context
from cliptrail.state.errors import Incident
from cliptrail.state.evidence import Guide
from cliptrail.state.handoffs import Group, Task
from cliptrail.state.path import Move
from cliptrail.state.plan import Plan, Revision, StoredPlan
from cliptrail.state.request import Exchange, Notes, Status, Stop, StopReason
from cliptrail.state.steps import StepResult, Superseded
from cliptrail.state.usage import ModelCall, Usage

T = TypeVar("T")
STORED = {
    "anyOf": [{"type": "object"}, {"type": "null"}],
    "description": "A stored plan, as plan files hold it: then no plan is made. Rarely needed.",
}
"""In short: who calls research as a tool need not read what a plan is made of."""


def merge_results(old: dict[str, StepResult], new: dict[str, StepResult]) -> dict[str, StepResult]:
    """Add results by step; a step that is done stays as it was (execution is at least once)."""
    kept = {key: row for key, row in old.items() if row.status == "done"}
    return {**old, **new, **kept}


def merge_ledger(old: tuple[ModelCall, ...], new: tuple[ModelCall, ...]) -> tuple[ModelCall, ...]:
    """Add calls by id, so that a call reported twice counts once."""
    return tuple({call.id: call for call in (*old, *new)}.values())


def append(old: tuple[T, ...], new: tuple[T, ...]) -> tuple[T, ...]:
    """Add to the end."""
    return (*old, *new)


def latest(_: T, new: T) -> T:
    """Take the new value: of several nodes that fail at once, any one says why."""
    return new


class ResearchInput(TypedDict, total=False):
    """What a caller gives: a request, or a stored plan with the request that it is for."""

    request: Annotated[str, Field(description="The question in the user's own words.")]
    output: Annotated[
        str, Field(description="File name for the guide; empty to take it from the request.")
    ]
    stored: Annotated[StoredPlan | None, WithJsonSchema(STORED)]
    """A stored plan: the planning call is not made."""


class ResearchOutput(TypedDict, total=False):
    """What a caller gets."""

    status: Status
    stop_reason: StopReason
    message: str
    """What was done, in words."""
    guide: Guide | None
    usage: Usage
    files: tuple[str, ...]
    """Paths of what was written."""


class ResearchState(TypedDict, total=False):
    """Everything that flows. Transcripts do not: they lie in the library, by reference."""

    request: str
    """The question in the user's own words."""
    output: str
    """File name for the guide that the caller gave; the run's first node moves it away."""
    stored: StoredPlan | None
    """The stored plan that the caller gave; the run's first node moves it away."""
    file_name: str
    """File name for this run's guide, as the caller gave it; empty to take the request's."""
    pattern: str
    """Which graph runs."""
    options: Context
    """The options that the run began with: who answers a question need not repeat them."""
    run: str
    """Id of the run: what it has open in a process, and the files that it wrote, go by it."""
    started: float
    """Seconds since the epoch."""
    notes: Notes
    """What was understood of the request."""
    plan: Plan
    """The current revision."""
    revisions: Annotated[tuple[Revision, ...], append]
    """Every revision so far."""
    rejection: str
    """Why a person sent the plan back; empty otherwise."""
    attempts: int
    """How often the plan went back to the planner."""
    replan_reason: str
    """Why the plan that is being carried out needs to be replaced; empty otherwise."""
    replans: int
    """How often it was replaced."""
    dispatched: int
    """Number of the revision that is carried out; 0 before the first dispatch."""
    superseded: Annotated[tuple[Superseded, ...], append]
    """Results of steps that a later plan or a retry replaced."""
    round: int
    """How often steps were dispatched."""
    path: Annotated[tuple[Move, ...], append]
    """Every decision of a run that decides as it goes."""
    decisions: int
    """How often its coordinator decided."""
    known: int
    """How much was known at the last decision; see `growing_plan.knowledge`."""
    idle: int
    """How many decisions in a row brought nothing new."""
    wrap_up: Stop | None
    """Why the run ends early; set while a guide is still made of what was found."""
    tasks: tuple[Task, ...]
    """Pieces of work that were handed on, in the order in which they came up."""
    groups: tuple[Group, ...]
    """Fan-outs of such work."""
    conversation: tuple[Exchange, ...]
    """What the thread's earlier runs were asked and answered; kept from run to run."""
    results: Annotated[dict[str, StepResult], merge_results]
    """How each step ended, by instance id."""
    ledger: Annotated[tuple[ModelCall, ...], merge_ledger]
    """Every model call."""
    incidents: Annotated[tuple[Incident, ...], append]
    """Problems that were dealt with on the way."""
    stop: Annotated[Stop | None, latest]
    """Why the run ends early; set when it goes straight to its finishing nodes."""
    status: Status
    stop_reason: StopReason
    message: str
    guide: Guide | None
    usage: Usage
    files: tuple[str, ...]
    trace: str
    """Id of the trace in which the run ended; empty where it was not traced."""
