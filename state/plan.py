"""Plans: what is to be done, by whom, from which inputs, and how a plan came to be."""

import re
from typing import Any, Literal, Self

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from cliptrail.state.base import Frozen, Tier
from cliptrail.state.request import Notes


class Expectation(Frozen):
    """What the result of a step must hold at least; else the step falls short."""

    field: str
    """A list in the agent's output: "claims"."""
    at_least: int = Field(default=1, ge=1, le=1_000)
    """How many elements it must have."""
    only: str = ""
    """Count only the elements in which this field is true or not empty: "verified"."""
    distinct: str = ""
    """Count the different values of this field of the elements: "channel"."""
    each: Literal["", "fact", "source"] = ""
    """Instead of counting, of a list of claims: each wanted fact must have a verified claim
    ("fact"), or each channel that the user named must be cited by one ("source")."""

    def __str__(self) -> str:
        if self.each:
            what = "wanted fact answered" if self.each == "fact" else "named source cited"
            return f"each {what} in {self.field}"
        what = f"different {self.distinct} in {self.field}" if self.distinct else self.field
        return f"at least {self.at_least} {what}{f' with {self.only}' if self.only else ''}"


class Step(Frozen):
    """One job for one agent."""

    id: str
    """Name within the plan: lower-case letters, digits and underscores."""
    agent: str
    """Name of a registered agent."""
    brief: str = ""
    """Why the agent is invoked and what it must do."""
    inputs: dict[str, Any] = Field(default_factory=dict)
    """Values and references ("$search.videos[0].video_id") by input name."""
    depends_on: tuple[str, ...] = ()
    """Steps that must end first although nothing of theirs is referenced."""
    for_each: str | None = None
    """A list to map the step over, with its limit: "$search.videos[:3]"; the element is $item."""
    tier: Tier | None = None
    """Model tier; None for the agent's own."""
    accept_partial: bool | None = None
    """Run although some inputs failed; None for the agent's own habit."""
    expect: tuple[Expectation, ...] = ()
    """What its result must hold; where it falls short, the plan may be replaced."""


class Plan(Frozen):
    """A goal and the steps that lead to it."""

    goal: str = ""
    steps: tuple[Step, ...] = ()


class StoredPlan(Frozen):
    """A plan that was made before, with what was understood then."""

    plan: Plan
    notes: Notes = Notes()


class Fault(Frozen):
    """One thing that is wrong with a plan."""

    step: str
    """Id of the step; empty when it concerns the whole plan."""
    field: str
    """Field of the step, e.g. "inputs.query"."""
    message: str
    """What is wrong and how to fix it."""

    def __str__(self) -> str:
        place = ".".join(part for part in (self.step, self.field) if part)
        return f"{place}: {self.message}" if place else self.message


class Change(Frozen):
    """One difference between two plans."""

    kind: Literal["added", "removed", "changed"]
    step: str
    """Id of the step; empty for the goal."""
    field: str = ""
    """What changed within the step; empty for a whole step."""
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        if self.kind != "changed":
            return f"{self.kind} step {self.step}"
        place = f"{self.step}.{self.field}" if self.step else self.field
        return f"{place}: {self.before!r} → {self.after!r}"


class InstanceId(str):
    """The id of an instance: a step of the plan and, where it is mapped, the element's index.

    It is the string that checkpoints, events, the trail and references use ("fetch[0]"), so that
    it can be a key there; its parts are read from here and nowhere else. Ids sort by step, then by
    index: "fetch[2]" comes before "fetch[10]".
    """

    __slots__ = ("position", "step")
    step: str
    """Id of the step in the plan."""
    position: int | None
    """Index of the element that it is for; None if the step is not mapped."""

    def __new__(cls, step: str, position: int | None = None) -> Self:
        """Make the id of a step's instance; see the class."""
        made = super().__new__(cls, step if position is None else f"{step}[{position}]")
        object.__setattr__(made, "step", step)
        object.__setattr__(made, "position", position)
        return made

    def __reduce__(self) -> tuple[type[Self], tuple[str, int | None]]:
        return type(self), (self.step, self.position)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"An instance id cannot be changed, so {name} cannot be set.")

    def __lt__(self, other: str) -> bool:
        return self._place < InstanceId.parse(other)._place

    def __le__(self, other: str) -> bool:
        return self._place <= InstanceId.parse(other)._place

    def __gt__(self, other: str) -> bool:
        return self._place > InstanceId.parse(other)._place

    def __ge__(self, other: str) -> bool:
        return self._place >= InstanceId.parse(other)._place

    @property
    def _place(self) -> tuple[str, int]:
        return self.step, -1 if self.position is None else self.position

    @classmethod
    def parse(cls, text: str) -> "InstanceId":
        """Return the id that a string stands for; a string without an index is a step's own id."""
        if isinstance(text, cls):
            return text
        found = _MAPPED.fullmatch(text)
        return cls(found[1], int(found[2])) if found else cls(text)

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls.parse, core_schema.str_schema())


_MAPPED = re.compile(r"(.+)\[(\d{1,9})\]", re.DOTALL)


class Instance(Frozen):
    """A step as it will run: mapped steps have one instance for each element."""

    id: InstanceId
    """The step's id, with the element's index if mapped: "fetch[0]"."""
    agent: str
    brief: str = ""
    inputs: dict[str, Any] = Field(default_factory=dict)
    """As in the step, with $item and $index bound."""
    element: str = ""
    """Reference to the element that this instance is for; empty if not mapped."""
    needs: tuple[InstanceId, ...] = ()
    """Ids of the instances whose end it waits for, in plan order."""
    tier: Tier
    accept_partial: bool
    expect: tuple[Expectation, ...] = ()

    @property
    def step(self) -> str:
        """Id of the step in the plan."""
        return self.id.step

    @property
    def index(self) -> int | None:
        """Place in the fan-out; None if the step is not mapped."""
        return self.id.position


class Cost(Frozen):
    """What something costs or is expected to cost."""

    calls: float = 0
    """Model calls."""
    input_tokens: float = 0
    output_tokens: float = 0
    usd: float | None = 0.0
    """US dollars; None where the price is not known."""
    seconds: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Cost(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            usd=usd,
            seconds=self.seconds + other.seconds,
        )


class Estimate(Frozen):
    """What a plan is expected to cost, before anything runs."""

    steps: dict[str, Cost] = Field(default_factory=dict)
    """By instance id."""
    total: Cost = Cost()
    """Sum over the steps; its seconds are those of one step after the other."""
    critical_path: tuple[str, ...] = ()
    """Instances that the end of the plan waits for, in order."""
    seconds: float = 0.0
    """Length of the critical path."""


Author = Literal[
    "planner",
    "person",
    "file",
    "supervisor",
    "router",
    "goal_check",
    "agent",
    "limit",
    "earlier",
]
"""Who made a revision. supervisor, router, goal_check, agent: it grew as the run went on; limit:
what ends a run early; earlier: what the thread's earlier runs left."""
GROWING: frozenset[Author] = frozenset(
    {"supervisor", "router", "goal_check", "agent", "limit", "earlier"}
)
"""Authors whose revisions only add steps: what ended before stays as it ended."""


class Revision(Frozen):
    """A version of the plan, who made it and what it changed."""

    number: int = Field(ge=1)
    by: Author
    plan: Plan
    reason: str = ""
    """Why there is this revision: the rejection, the edit, the steps that failed or fell short."""
    changes: tuple[Change, ...] = ()
    """Against the revision before."""
    estimate: Estimate = Estimate()
    """Made when the revision was made, with the prices of then."""
