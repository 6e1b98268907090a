"""Handoffs: what should be done next, who took it, and how it ended, as closed types."""

from typing import Annotated, Any, Literal

from pydantic import Field

from cliptrail.state.base import Frozen
from cliptrail.state.errors import Failure
from cliptrail.state.plan import Step

Ref = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""Id of a finished step: what is handed on by it stays where it is."""


class Intent(Frozen):
    """What should be done, before an agent is chosen to do it."""

    words: str = Field(min_length=1)
    """In one sentence, for people and for whoever takes it."""
    capability: str = ""
    """What it needs, as agents name it; empty where that is open."""
    inputs: dict[str, Any] = Field(default_factory=dict)
    """Values or references; what is missing is taken from what was handed on."""
    for_each: str = ""
    """Reference to a list with a limit, if it is to be done for each element."""
    last: bool = False
    """Is the user's goal met when this brings something?"""


class Complete(Frozen):
    """The work is done, and nothing follows from it here."""

    kind: Literal["complete"] = "complete"
    result: tuple[Ref, ...] = ()
    """Steps that hold what was found."""


class Handoff(Frozen):
    """Something is still missing, and this comes next."""

    kind: Literal["handoff"] = "handoff"
    intent: Intent
    state: tuple[Ref, ...] = ()
    """Steps whose results go with it."""


class FanOut(Frozen):
    """Several things come next that do not need each other."""

    kind: Literal["fan_out"] = "fan_out"
    intents: tuple[Intent, ...] = Field(min_length=2)
    join_intent: Intent
    """What their results are for, once they are put together."""
    state: tuple[Ref, ...] = ()
    """Steps whose results go with each."""


class PartialResult(Frozen):
    """Some of it was done."""

    kind: Literal["partial"] = "partial"
    error: Failure
    """Why the rest was not; the first of several."""


HandoffResult = Annotated[Complete | Handoff | FanOut | PartialResult, Field(discriminator="kind")]
"""How a piece of work may end; there is no other way."""


class Exclusion(Frozen):
    """An agent that does not get a task again."""

    agent: str
    reason: str


class Task(Frozen):
    """A piece of work on its way from an intent to its result."""

    id: str
    intent: Intent
    state: tuple[Ref, ...] = ()
    """Steps whose results it may use."""
    group: str = ""
    """The fan-out that it is a branch of; empty on the main way."""
    slot: int = 0
    """Which branch of it."""
    status: Literal["open", "assigned", "working", "split", "done", "failed"] = "open"
    """open: no agent has it; assigned: not accepted yet; split: its own fan-out is under way."""
    step: Step | None = None
    """The assignment that waits for acceptance."""
    steps: tuple[Ref, ...] = ()
    """The steps that do it."""
    excluded: tuple[Exclusion, ...] = ()
    tries: int = 0
    """How often an assignment was not accepted."""
    story: tuple[str, ...] = ()
    """Why not, each time."""
    retries: int = 0
    """How often it was tried in other words."""
    result: HandoffResult | None = None
    failure: Failure | None = None


class Group(Frozen):
    """A fan-out; it is in the state before any of its branches starts."""

    id: str
    parent: str = ""
    """The task that fanned out; empty for the request itself."""
    branches: tuple[str, ...] = Field(min_length=2)
    """The tasks that it began with, in order."""
    join_intent: Intent
    outcome: Complete | PartialResult | None = None
    """Set when its branches have been joined."""
    failure: Failure | None = None
    """Set when all of them failed."""
