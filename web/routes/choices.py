"""What can be chosen before a run: patterns, agents, examples, and what would answer."""

from typing import Any, Literal

from fastapi import APIRouter

from cliptrail.agents.registry import Agent, offered
from cliptrail.graphs.registry import patterns
from cliptrail.plans.types import describe
from cliptrail.state.base import Frozen
from cliptrail.state.context import Context, Option, options
from cliptrail.tools.library.opening import SAMPLES, open_library
from cliptrail.tools.models.catalog import choose
from cliptrail.tools.settings import settings
from cliptrail.tools.sources.registry import Source, sources
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


class SourceRow(Frozen):
    """A source of videos with a sentence on it."""

    name: str
    title: str
    about: str
    network: bool
    """Does it need the network?"""


class OptionRow(Frozen):
    """An option of a run that the form asks for in the same way as any other."""

    name: str
    title: str
    about: str
    kind: Literal["flag", "choice", "number", "text"]
    default: bool | int | float | str | None
    choices: tuple[str, ...] = ()
    """The values of a choice."""
    least: float | None = None
    most: float | None = None
    patterns: tuple[str, ...] = ()
    """The patterns that it concerns; empty for all."""


class Choices(Frozen):
    """What the first screen needs to know."""

    patterns: tuple[PatternRow, ...]
    sources: tuple[SourceRow, ...]
    options: tuple[OptionRow, ...]
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
        sources=tuple(map(_source_row, sources().values())),
        options=tuple(_option_row(name, row) for name, row in options() if row.form),
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


def _source_row(source: Source) -> SourceRow:
    return SourceRow(
        name=source.name, title=source.title, about=source.about, network=source.network
    )


def _option_row(name: str, option: Option) -> OptionRow:
    field = Context.model_fields[name]
    about = Context.model_json_schema()["properties"][name]
    return OptionRow(
        name=name,
        title=field.title or name,
        about=" ".join((field.description or "").split()),
        kind=_kind(about),
        default=field.default,
        choices=tuple(about.get("enum", ())),
        least=about.get("minimum"),
        most=about.get("maximum"),
        patterns=option.patterns,
    )


def _kind(schema: dict[str, Any]) -> Literal["flag", "choice", "number", "text"]:
    """Return how a form asks for an option, by its JSON Schema."""
    if "enum" in schema:
        return "choice"
    kinds: dict[Any, Literal["flag", "number"]] = {
        "boolean": "flag",
        "integer": "number",
        "number": "number",
    }
    return kinds.get(schema.get("type"), "text")


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
