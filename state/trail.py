"""The trail: what was asked, planned, done, paid and found. Published as JSON Schema in docs/."""

from typing import Any

from pydantic import Field

from cliptrail.state.base import Frozen
from cliptrail.state.errors import Incident
from cliptrail.state.evidence import Guide, LeftOut, SourceRef
from cliptrail.state.path import Move
from cliptrail.state.plan import Cost, Estimate, Plan, Revision
from cliptrail.state.request import Notes, Status, StopReason
from cliptrail.state.steps import StepStatus
from cliptrail.state.usage import ModelCall, Usage


class StepAudit(Frozen):
    """A step as planned beside the step as it was."""

    id: str
    planned_agent: str
    agent: str
    """Who did it; empty if it never ran."""
    brief: str = ""
    inputs: dict[str, Any] = Field(default_factory=dict)
    needs: tuple[str, ...] = ()
    outcome: StepStatus | None = None
    """None if the run ended before the step did."""
    reason: str = ""
    """Why it is not done, or what it lacks of what was expected."""
    gave: dict[str, Any] = Field(default_factory=dict)
    """What came of it, in short: short values as they are, of lists how many elements."""
    planned: Cost
    actual: Cost
    started: float | None = None
    """Seconds after the run's start; None if it never ran."""
    revision: int = 1
    """Revision of the plan that brought this step as it is."""
    expect: tuple[str, ...] = ()
    """What its result had to hold."""
    superseded: bool = False
    """A later plan, or a retry, ran it again or left it out."""


class Timing(Frozen):
    """When, and for how long. All in seconds."""

    started: float
    """Since the epoch."""
    ended: float
    """Since the epoch."""
    seconds: float
    """Wall time from start to end, waiting for people included."""
    planned_seconds: float = 0.0
    """Estimated length of the critical path."""
    critical_path: tuple[str, ...] = ()
    """Steps that the plan was estimated to wait for."""


class Trail(Frozen):
    """Everything that there is to know about a run. Times in seconds."""

    version: int = 1
    """Of this schema."""
    thread_id: str
    """Empty where the run had no checkpoints."""
    run_id: str
    trace: str = ""
    """Id of its trace, as LangSmith knows it; empty where it was not traced."""
    request: str
    pattern: str
    status: Status
    stop_reason: StopReason
    stop_message: str = ""
    """Why the run ended as it did, in words."""
    engine: str
    """Model or models that answered; says so where it was the offline engine."""
    options: dict[str, Any] = Field(default_factory=dict)
    """The run's Context."""
    notes: Notes = Notes()
    guide: Guide | None = None
    """None when there is no evidence."""
    left_out: tuple[LeftOut, ...] = ()
    """Verified claims that the steps found and the guide does not show."""
    sources: tuple[SourceRef, ...] = ()
    """Videos that are cited."""
    plan: Plan | None = None
    """The revision that was carried out; the last one where none was."""
    revisions: tuple[Revision, ...] = ()
    estimate: Estimate | None = None
    audit: tuple[StepAudit, ...] = ()
    """Plan against actual."""
    path: tuple[Move, ...] = ()
    """Every decision of a run that decides as it goes."""
    incidents: tuple[Incident, ...] = ()
    """Fallbacks, repairs, retries, failures that were dealt with."""
    ledger: tuple[ModelCall, ...] = ()
    usage: Usage = Usage()
    timing: Timing
