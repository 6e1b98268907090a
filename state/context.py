"""The options of a run, each one field: from it come the flag, the form, the docs and the types."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cliptrail.state.base import stored

Command = Literal["research", "run", "plan", "resume", "chat"]
"""A command of the command line that takes options of a run."""
STARTS: tuple[Command, ...] = ("research", "run")
EVERY: tuple[Command, ...] = ("research", "run", "plan", "resume", "chat")
LIBRARY = "library"
"""The source that reads the library and nothing else."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """How a field of `Context` is offered; its title, bounds and default are the field's own."""

    commands: tuple[Command, ...] = ("research",)
    """The commands that take it."""
    flag: str = ""
    """Its flag on the command line; empty for the field's name with dashes."""
    metavar: str = ""
    """What stands for its value in the help; empty for its type."""
    patterns: tuple[str, ...] = ()
    """The patterns that it concerns; empty for all."""
    registry: Literal["", "sources"] = ""
    """The registry that knows its values; empty if its type does."""
    form: bool = True
    """Is it a field of the page's form? Where the page asks in its own way, it is not."""


@stored
class Context(BaseModel):
    """Options of one run. Every field has a default that works without a key."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    source: Annotated[
        str, Option(commands=("research", "run", "plan", "chat"), registry="sources", form=False)
    ] = Field(default=LIBRARY, title="Source", max_length=100)
    """Where videos come from: the library on this machine, YouTube, or a source of your own."""
    library: Annotated[
        str, Option(commands=("research", "run", "plan", "chat"), metavar="FILE", form=False)
    ] = Field(default="", title="Library", max_length=1000)
    """Library file; "samples" for the bundled one; empty for the default."""
    fresh: Annotated[bool, Option(commands=STARTS)] = Field(
        default=False, title="Fetch transcripts again"
    )
    """Fetch transcripts again that the library already has."""
    output_dir: Annotated[str, Option(commands=(), form=False)] = Field(
        default="", title="Output folder", max_length=1000
    )
    """Folder for guide and trail; empty for the default."""
    overwrite: Annotated[bool, Option(commands=("research", "run", "plan", "resume"))] = Field(
        default=False, title="Overwrite files"
    )
    """Replace files that already exist."""
    approval: Annotated[
        Literal["ask", "auto"],
        Option(
            commands=("research", "run", "resume", "chat"),
            flag="--approve",
            patterns=("planner",),
            form=False,
        ),
    ] = Field(default="ask", title="Approval")
    """Ask a person to approve the plan, or run it as soon as it is valid."""
    model: Annotated[str, Option(commands=EVERY)] = Field(default="", title="Model", max_length=200)
    """Model for every tier, e.g. "openai:gpt-5.4-mini" or "offline:rules"; empty to choose."""
    max_calls: Annotated[int, Option(commands=EVERY, form=False)] = Field(
        default=40, ge=0, le=10_000, title="Most model calls"
    )
    """Model calls that the run may make."""
    max_tokens: Annotated[
        int | None, Option(commands=("research", "run", "resume", "chat"), form=False)
    ] = Field(default=None, ge=0, le=10**12, title="Most tokens")
    """Tokens (in and out together) that the run may use; none for no limit."""
    budget_usd: Annotated[float | None, Option(commands=EVERY, form=False)] = Field(
        default=None, ge=0, le=10**6, allow_inf_nan=False, title="Budget in US dollars"
    )
    """What the run may cost in US dollars; none for no limit."""
    dispatch: Annotated[Literal["eager", "levels"], Option(commands=STARTS)] = Field(
        default="eager", title="Dispatch"
    )
    """eager: a step starts when its own inputs are there; levels: level by level, to compare."""
    max_steps: Annotated[int, Option(commands=("research", "run", "plan"))] = Field(
        default=60, ge=1, le=1_000, title="Most steps"
    )
    """Steps that a plan may have; a mapped step counts as many as its limit."""
    max_revisions: Annotated[int, Option(commands=("research", "run", "plan"))] = Field(
        default=2, ge=0, le=10, title="Most revisions"
    )
    """How often an invalid or rejected plan, or decision, goes back to the model that made it."""
    max_replans: Annotated[int, Option(commands=STARTS, patterns=("planner",))] = Field(
        default=1, ge=0, le=5, title="Most re-plans"
    )
    """How often a new plan may be made when steps fail or fall short."""
    max_rounds: Annotated[
        int,
        Option(
            commands=("research", "resume", "chat"), patterns=("supervisor", "react", "handoff")
        ),
    ] = Field(default=12, ge=1, le=100, title="Most rounds")
    """Decisions that a supervisor, an agent with tools or a chain of handoffs may make."""
    max_context: Annotated[
        int,
        Option(
            commands=("research", "resume", "chat"), patterns=("supervisor", "react", "handoff")
        ),
    ] = Field(default=12_000, ge=2_000, le=1_000_000, title="Most context")
    """Tokens that a coordinator's prompt should not exceed: older turns are condensed first."""
    validation: Annotated[Literal["capability", "model"], Option(patterns=("handoff",))] = Field(
        default="capability", title="Validation"
    )
    """Handoff: accept work by capability, asking a model only in doubt, or ask a model always."""
    annotate: Annotated[bool, Option(commands=("research", "plan"), patterns=("planner",))] = Field(
        default=False, title="Annotate first"
    )
    """Read the request in a model call of its own before planning."""


def options() -> Iterator[tuple[str, Option]]:
    """Return every option of a run by its field's name, in the order of the fields."""
    for name, field in Context.model_fields.items():
        yield name, next(row for row in field.metadata if isinstance(row, Option))


def flag_of(name: str) -> str:
    """Return the flag of an option on the command line, e.g. "--max-calls".

    Args:
        name: of the field, e.g. "max_calls".
    """
    return dict(options())[name].flag or f"--{name.replace('_', '-')}"
