"""What can be chosen before a run: patterns, agents, examples, and what would answer."""

from typing import Any

from fastapi import APIRouter

from cliptrail.agents.registry import Agent, offered
from cliptrail.graphs.registry import patterns
from cliptrail.plans.types import describe
from cliptrail.state.base import Frozen
from cliptrail.tools.library.opening import SAMPLES, open_library
from cliptrail.tools.models.catalog import choose
from cliptrail.tools.settings import settings
from cliptrail.web.access import Called

router = APIRouter()

EXAMPLES = (
    "How do I cook a pork loin on a kamado? Use techniques from Cinder Porch and Smoke Ledger. "
    "I need temperatures, timing and the grill set-up.",
    "How do I steam milk for a flat white?",
    "How do I feed a sourdough starter?",
    "When should I replace a bicycle chain?",
    "Is RAID a backup?",
    "How do I clean a coffee grinder?",
)
"""Requests that the bundled library answers without a key."""
CHOOSES = "auto"
"""The pattern that chooses among the others."""
PLAIN = "planner"
"""What is taken where no pattern chooses."""


class PatternRow(Frozen):
    """A pattern with a sentence on it."""

    name: str
    summary: str
    plans: bool
    """Does it show a plan, ask for approval, and carry out stored ones?"""
    remembers: bool
    """Can a follow-up be asked on the same thread?"""


class Choices(Frozen):
    """What the first screen needs to know."""

    patterns: tuple[PatternRow, ...]
    chosen: str
    """The pattern that is taken for who does not choose."""
    examples: tuple[str, ...]
    models: dict[str, str]
    """What answers by default, by tier."""
    offline: bool
    """Is it the offline engine?"""
    own_videos: int
    """How many videos the installation's own library has."""
    sample_videos: int


class InputRow(Frozen):
    """An input of an agent."""

    name: str
    kind: str
    """Its type, as a reader of plans would name it."""
    required: bool
    about: str


class AgentRow(Frozen):
    """An agent that a plan may name."""

    name: str
    about: str
    tier: str
    inputs: tuple[InputRow, ...]
    gives: dict[str, str]
    """The fields of its output with their types: what later steps can refer to."""


@router.get("/choices")
def choices(_: Called) -> Choices:
    """Return what can be chosen before a run."""
    tiers: tuple[Any, ...] = ("powerful", "capable", "cheap")
    models = {tier: choose(tier, settings()) for tier in tiers}
    with open_library(SAMPLES, read_only=True) as samples:
        sample_videos = samples.count()
    known = patterns()
    return Choices(
        patterns=tuple(
            PatternRow(name=row.name, summary=row.summary, plans=row.plans, remembers=row.remembers)
            for row in known.values()
        ),
        chosen=CHOOSES if CHOOSES in known else PLAIN,
        examples=EXAMPLES,
        models={tier: str(model) for tier, model in models.items()},
        offline=all(model.offline for model in models.values()),
        own_videos=_own_videos(),
        sample_videos=sample_videos,
    )


@router.get("/agents")
def known_agents(_: Called) -> tuple[AgentRow, ...]:
    """Return the agents that a step of a plan may name."""
    return tuple(map(_agent_row, offered().values()))


def _own_videos() -> int:
    if not settings().library_file.exists():
        return 0
    with open_library(read_only=True) as store:
        return store.count()


def _agent_row(agent: Agent) -> AgentRow:
    return AgentRow(
        name=agent.name,
        about=agent.summary,
        tier=agent.tier,
        inputs=tuple(
            InputRow(
                name=name,
                kind=describe(field.annotation),
                required=field.is_required(),
                about=field.description or "",
            )
            for name, field in agent.input.model_fields.items()
        ),
        gives={
            name: describe(field.annotation) for name, field in agent.output.model_fields.items()
        },
    )
