"""What the user asked, what was understood of it, and how a run may end."""

from typing import Literal

from cliptrail.state.base import Frozen
from cliptrail.state.errors import CliptrailError, Failure

Status = Literal["complete", "partial", "failed"]
StopReason = Literal[
    "done",
    "no_evidence",
    "inadequate",
    "rejected",
    "budget",
    "invalid_plan",
    "loop",
    "blocked",
    "failure",
]


class Notes(Frozen):
    """What the annotator (or the planner) understood of the request."""

    question: str = ""
    """The request in words that need no earlier turn; empty where its own words do."""
    topic: str = ""
    """The subject in a few words, fit for a search."""
    channels: tuple[str, ...] = ()
    """Channels that the user named: each must be cited, or the guide says why not."""
    facts_wanted: tuple[str, ...] = ()
    """Facets of the answer that the user asked for, e.g. "temperatures"."""
    constraints: tuple[str, ...] = ()
    """Limits that the user set, e.g. "two videos a channel"."""
    output_file: str = ""
    """File name that the user asked for: a suggestion, checked before use."""
    open_questions: tuple[str, ...] = ()
    """What the request leaves open."""


class Exchange(Frozen):
    """One turn of a conversation: what a run of the thread was asked, and how it ended."""

    request: str
    """In the user's own words."""
    question: str = ""
    """The same, self-contained; empty where the request is."""
    pattern: str
    status: Status
    answer: str = ""
    """The guide's title, or why there is none."""
    files: tuple[str, ...] = ()


class Stop(Frozen):
    """Why a run ends early."""

    reason: StopReason
    message: str = ""
    """What happened, for people."""
    next_step: str = ""
    """What the user can do about it."""


STOPPED_BY: dict[str, StopReason] = {"blocked": "blocked", "budget": "budget"}
"""Kinds of failure that name a whole run's reason; any other is a "failure"."""


def stop_for(why: Failure | CliptrailError) -> Stop:
    """Return why a run ends, given the failure that ends it."""
    reason = STOPPED_BY.get(why.kind, "failure")
    return Stop(reason=reason, message=why.message, next_step=why.next_step)
