"""The ledger's entries and their sums: every model call, what it was for, what it cost."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from cliptrail.state.base import Frozen, Tier

CallKind = Literal["coordination", "work"]
"""Did the call decide who does what, or did it do something?"""


class ModelCall(Frozen):
    """One call of a model, as it was made."""

    id: str
    """Unique within all runs."""
    role: str
    """What the model was asked to be, e.g. "planner"."""
    kind: CallKind
    step: str = ""
    """Id of the plan's step that made the call; empty outside of steps."""
    tier: Tier
    model: str
    """Provider and name, e.g. "openai:gpt-5.4-mini"."""
    method: str = ""
    """How the answer was demanded: json_schema, function_calling, json_mode; tool_calls where the
    model chose among tools."""
    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    usd: float | None = None
    """US dollars; None where the model's price is not known."""
    seconds: float = Field(default=0.0, ge=0)
    started: float = 0.0
    """Seconds since the epoch."""
    error: str = ""
    """Why the call gave nothing; empty if it did."""


class Share(Frozen):
    """A part of the usage."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = 0.0
    """None where a price is not known."""


class Usage(Share):
    """What a run used, in all and by what for."""

    by_role: dict[str, Share] = Field(default_factory=dict)
    coordination: Share = Share()
    work: Share = Share()


def share(calls: Iterable[ModelCall]) -> Share:
    """Add calls up; one unknown price makes the sum unknown."""
    rows = list(calls)
    prices = [row.usd for row in rows if row.usd is not None]
    return Share(
        calls=len(rows),
        input_tokens=sum(row.input_tokens for row in rows),
        output_tokens=sum(row.output_tokens for row in rows),
        usd=round(sum(prices), 6) if len(prices) == len(rows) else None,
    )


def usage(ledger: Iterable[ModelCall]) -> Usage:
    """Add up a ledger: in all, by role, and by coordination and work."""
    rows = list(ledger)
    roles = dict.fromkeys(row.role for row in rows)
    return Usage(
        **share(rows).model_dump(),
        by_role={role: share(row for row in rows if row.role == role) for role in roles},
        coordination=share(row for row in rows if row.kind == "coordination"),
        work=share(row for row in rows if row.kind == "work"),
    )
