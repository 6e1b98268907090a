"""The options of a run: what becomes the form in Studio and the flags of the command line."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cliptrail.state.base import stored


@stored
class Context(BaseModel):
    """Options of one run. Every field has a default that works without a key."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    source: Literal["library", "youtube"] = Field(default="library", title="Source")
    """Where videos come from: the library on this machine, or YouTube."""
    library: str = Field(default="", title="Library", max_length=1000)
    """Library file; "samples" for the bundled one; empty for the default."""
    fresh: bool = Field(default=False, title="Ask again")
    """Fetch transcripts again that the library has already."""
    output_dir: str = Field(default="", title="Output folder", max_length=1000)
    """Folder for guide and trail; empty for the default."""
    overwrite: bool = Field(default=False, title="Overwrite")
    """Replace files that exist already."""
    approval: Literal["ask", "auto"] = Field(default="ask", title="Approval")
    """Ask a person to approve the plan, or run it as soon as it is valid."""
    model: str = Field(default="", title="Model", max_length=200)
    """Model for every tier, e.g. "openai:gpt-5.4-mini" or "offline:rules"; else the default."""
    max_calls: int = Field(default=40, ge=0, le=10_000, title="Most model calls")
    """Model calls that the run may make."""
    max_tokens: int | None = Field(default=None, ge=0, le=10**12, title="Most tokens")
    """Tokens (in and out together) that the run may use; none for no limit."""
    budget_usd: float | None = Field(
        default=None, ge=0, le=10**6, allow_inf_nan=False, title="Budget in US dollars"
    )
    """What the run may cost; none for no limit."""
    dispatch: Literal["eager", "levels"] = Field(default="eager", title="Dispatch")
    """eager: a step starts when its own inputs are there; levels: level by level, to compare."""
    max_steps: int = Field(default=60, ge=1, le=1_000, title="Most steps")
    """Steps that a plan may have, mapped steps counted by their limit."""
    max_revisions: int = Field(default=2, ge=0, le=10, title="Most revisions")
    """How often an invalid or rejected plan goes back to the planner."""
    max_replans: int = Field(default=1, ge=0, le=5, title="Most re-plans")
    """How often an approved plan may be made anew when steps fail or fall short."""
    max_rounds: int = Field(default=12, ge=1, le=100, title="Most rounds")
    """Decisions that a supervisor, an agent with tools or a chain of handoffs may take."""
    max_context: int = Field(default=12_000, ge=2_000, le=1_000_000, title="Most context")
    """Tokens that a coordinator's prompt should not pass: older turns are condensed before."""
    validation: Literal["capability", "model"] = Field(default="capability", title="Validation")
    """Handoff: work is taken by capability, asking only in doubt, or a model is asked each time."""
    annotate: bool = Field(default=False, title="Annotate first")
    """Read the request in a call of its own before planning."""
