"""What the user asked, what was understood of it, and how a run may end."""

from typing import Annotated, Literal

from cliptrail.state.base import Frozen, Later
from cliptrail.state.errors import CliptrailError, Failure, UsageError

LONGEST_REQUEST = 8_000
"""Characters."""
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


class NamedSource(Frozen):
    """A source that the request names, and what the place where videos come from knows by it."""

    name: str
    """As the request names it."""
    kind: Literal["channel", "series", "speaker", "unknown"]
    """series: the titles of videos carry the name; speaker: somebody of that name introduces
    themselves in videos; unknown: no channel, title or speaker by that name was found."""
    channel: str = ""
    """The channel's own name, where it is a channel."""
    videos: tuple[str, ...] = ()
    """Ids of the videos, where it is a series or a speaker."""


class Notes(Frozen):
    """What the annotator (or the planner) understood of the request."""

    question: str = ""
    """The request in words that need no earlier turn; empty where its own words do."""
    topic: str = ""
    """The subject in a few words, fit for a search."""
    channels: tuple[str, ...] = ()
    """Channels, people, series or shows that the user named, in the user's words: each must be
    cited, or the guide says why not."""
    sources: Annotated[tuple[NamedSource, ...], Later()] = ()
    """What those names stand for, each thing once; empty until they were looked up."""
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


def check_length(request: str) -> None:
    """Refuse a request that is too long to be one.

    Raises:
        UsageError: saying how long it may be.
    """
    if len(request) > LONGEST_REQUEST:
        raise UsageError(
            f"The request has {len(request)} characters; {LONGEST_REQUEST} are allowed.",
            "Shorten it.",
        )
