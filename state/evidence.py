"""Claims, what they rest on, and the guide that they make."""

from typing import Annotated, Literal

from pydantic import Field

from cliptrail.state.base import Frozen, Later


class Citation(Frozen):
    """A place in a video and the words said there, copied from the segments by program."""

    video_id: str
    start: float = Field(ge=0)
    """Seconds from the start of the video."""
    end: float = Field(ge=0)
    """Seconds from the start of the video."""
    quote: str
    """The words of the segments from `start` to `end`."""


class Claim(Frozen):
    """One statement and the places that it rests on."""

    id: str
    text: str
    section: str = ""
    """The wanted fact that it answers."""
    citations: tuple[Citation, ...] = ()
    verified: bool = False
    """True if each citation and each number was found in the transcript by program."""
    reason: str = ""
    """Why it is not verified; empty if it is."""
    joined: Annotated[tuple[str, ...], Later()] = ()
    """Ids of further claims that say the same and became part of it."""
    objects_to: Annotated[str, Later()] = ""
    """Id of the claim that it objects to; empty if to none."""
    objection: Annotated[Literal["", "contradicts", "misread", "not_supported"], Later()] = ""
    """What it says against that claim: its sources say otherwise, the cited words mean something
    else, or they do not support it."""


class LeftOut(Frozen):
    """A verified claim that the guide does not show."""

    claim: Claim
    reason: str
    """Why not."""


class Conflict(Frozen):
    """Claims of different sources that do not agree, to be shown side by side."""

    topic: str
    claims: tuple[str, ...]
    """Ids of the claims."""


class Coverage(Frozen):
    """Whether a channel that the user named is cited."""

    channel: str
    cited: bool
    reason: str = ""
    """Why it is not."""


class SourceRef(Frozen):
    """A video that the guide cites, that was read for it, or that is itself what was asked for."""

    video_id: str
    title: str
    channel: str = ""
    url: str = ""


class Guide(Frozen):
    """The answer: verified claims in the order of what was asked."""

    title: str
    claims: tuple[Claim, ...] = ()
    """Verified claims only."""
    conflicts: tuple[Conflict, ...] = ()
    unanswered: tuple[str, ...] = ()
    """What was asked and the sources did not answer."""
    coverage: tuple[Coverage, ...] = ()
    """One entry for each channel that the user named."""
    unverified: tuple[Claim, ...] = ()
    """Claims that failed the check, set apart with the reason."""
    videos: Annotated[tuple[SourceRef, ...], Later()] = ()
    """The videos, where they and nothing of what is said in them were asked for."""
