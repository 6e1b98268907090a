"""A run, read-only and typed: what its state holds, with the defaults declared once, here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from cliptrail.state.context import Context
from cliptrail.state.errors import Incident
from cliptrail.state.evidence import Guide
from cliptrail.state.handoffs import Group, Task
from cliptrail.state.path import Move
from cliptrail.state.plan import Plan, Revision, StoredPlan
from cliptrail.state.request import Exchange, Notes, Status, Stop, StopReason
from cliptrail.state.research import ResearchState
from cliptrail.state.results import Declared, Results
from cliptrail.state.steps import Superseded
from cliptrail.state.usage import ModelCall, Usage


@dataclass(frozen=True)
class Run:
    """What a run's state holds. Each field is a channel of `ResearchState`, which documents it.

    Two names differ from the channel's: `id` is the channel `run`, and `results` are wrapped, so
    that outputs can be read by type.
    """

    request: str = ""
    output: str = ""
    stored: StoredPlan | None = None
    file_name: str = ""
    pattern: str = ""
    options: Context = field(default_factory=Context)
    id: str = ""
    started: float = 0.0
    notes: Notes = field(default_factory=Notes)
    plan: Plan = field(default_factory=Plan)
    revisions: tuple[Revision, ...] = ()
    rejection: str = ""
    attempts: int = 0
    replan_reason: str = ""
    replans: int = 0
    dispatched: int = 0
    superseded: tuple[Superseded, ...] = ()
    round: int = 0
    path: tuple[Move, ...] = ()
    decisions: int = 0
    known: int = 0
    idle: int = 0
    wrap_up: Stop | None = None
    tasks: tuple[Task, ...] = ()
    groups: tuple[Group, ...] = ()
    conversation: tuple[Exchange, ...] = ()
    results: Results = field(default_factory=lambda: Results({}, {}))
    ledger: tuple[ModelCall, ...] = ()
    incidents: tuple[Incident, ...] = ()
    stop: Stop | None = None
    status: Status = "failed"
    stop_reason: StopReason = "failure"
    message: str = ""
    guide: Guide | None = None
    usage: Usage = field(default_factory=Usage)
    files: tuple[str, ...] = ()
    trace: str = ""

    @classmethod
    def of(cls, state: ResearchState, declared: Declared) -> Self:
        """Return the run that a state holds.

        Args:
            state: as a node or a client gets it; missing channels have their defaults.
            declared: output types of the registered agents, by which results are read.
        """
        known = {row.name for row in fields(cls)}
        values: dict[str, Any] = {name: row for name, row in state.items() if name in known}
        if "run" in state:
            values["id"] = state["run"]
        return cls(**{**values, "results": Results(state.get("results", {}), declared)})

    @property
    def in_force(self) -> Revision | None:
        """The revision that is carried out; before the first dispatch, the last; None without one.

        A new plan that waits for a person's approval is not in force yet.
        """
        last = self.revisions[-1] if self.revisions else None
        return next((row for row in self.revisions if row.number == self.dispatched), last)

    @property
    def inherited_steps(self) -> frozenset[str]:
        """Ids of the steps that earlier runs of the thread did, and whose results are used on."""
        if not self.revisions or self.revisions[0].by != "earlier":
            return frozenset()
        return frozenset(step.id for step in self.revisions[0].plan.steps)

    @property
    def own_results(self) -> Results:
        """The results of this run, without those that earlier runs of the thread left."""
        return self.results.without_steps(self.inherited_steps)


def defaults() -> Mapping[str, Any]:
    """Return the value of each channel in a run that has done nothing yet, by channel."""
    empty = Run()
    values = {row.name: getattr(empty, row.name) for row in fields(Run) if row.name != "id"}
    return {**values, "results": {}, "run": empty.id}
