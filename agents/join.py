"""The agent `join`: puts what parallel branches found together, one of each in turn."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import TypeVar

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.state.base import Frozen
from cliptrail.state.evidence import Claim
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.plan import Cost

T = TypeVar("T")
_NOTHING = object()


class JoinInput(Frozen):
    """What each branch found, in the order of the branches."""

    videos: tuple[tuple[Video, ...], ...] = ()
    transcripts: tuple[tuple[TranscriptRef, ...], ...] = ()
    claims: tuple[tuple[Claim, ...], ...] = ()
    unanswered: tuple[tuple[str, ...], ...] = ()


class JoinOutput(Frozen):
    """The same as one list of each kind: A1, B1, A2, B2, and so on."""

    videos: tuple[Video, ...] = ()
    transcripts: tuple[TranscriptRef, ...] = ()
    claims: tuple[Claim, ...] = ()
    unanswered: tuple[str, ...] = ()
    """What no branch found."""


@agent(capabilities=("join_results",), cost=Cost(), accept_partial=True, offered=False)
async def join(inputs: JoinInput, ctx: AgentContext) -> JoinOutput:
    """Put what several branches found together, one of each in turn. Calls no model."""
    return JoinOutput(
        videos=tuple(interleaved(inputs.videos, lambda row: row.video_id)),
        transcripts=tuple(interleaved(inputs.transcripts, lambda row: row.video_id)),
        claims=tuple(interleaved(inputs.claims, lambda row: row.id)),
        unanswered=tuple(_in_all(inputs.unanswered)),
    )


def interleaved(lists: Sequence[Sequence[T]], name: Callable[[T], Hashable]) -> list[T]:
    """Return the elements of several lists, one of each in turn, so that a cut is fair to all.

    Args:
        lists: in order; a shorter one has no turn any more.
        name: what tells two elements apart; of those with one name the first counts.
    """
    turns = chain.from_iterable(zip_longest(*lists, fillvalue=_NOTHING))
    found: dict[Hashable, T] = {}
    for row in turns:
        if row is not _NOTHING:
            found.setdefault(name(row), row)  # type: ignore[arg-type]
    return list(found.values())


def _in_all(lists: Sequence[Sequence[str]]) -> Iterator[str]:
    first, *rest = lists or [()]
    return (text for text in first if all(text in other for other in rest))
