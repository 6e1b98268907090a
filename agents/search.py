"""The agent `search`: finds videos."""

from collections.abc import Sequence

from pydantic import Field

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.state.base import Frozen
from cliptrail.state.media import LONGEST_QUERY, Video
from cliptrail.state.plan import Cost

NEAR = 3
"""Videos that are named where none fits."""


class SearchInput(Frozen):
    """What to look for."""

    query: str = Field(min_length=1, max_length=LONGEST_QUERY)
    """Words of the topic, as a person would type them into a video search."""
    channel: str = Field(default="", max_length=200)
    """Only videos of this channel, series, or speaker; empty for all."""
    limit: int = Field(default=5, ge=1, le=50)
    """Most videos."""
    min_score: float = Field(default=0.25, ge=0, le=1)
    """Least relevance, where the source rates it: the share of the query that title and words
    cover, in absolute terms. 0 keeps all."""


class SearchOutput(Frozen):
    """What was found."""

    videos: tuple[Video, ...] = ()
    """Best first; empty if nothing fits."""
    near: tuple[str, ...] = ()
    """Where nothing fits: titles of what comes nearest, which is not worth reading."""


@agent(capabilities=("find_videos",), cost=Cost(seconds=1.5))
async def search(inputs: SearchInput, ctx: AgentContext) -> SearchOutput:
    """Find videos on a topic, in all channels or in one. Calls no model."""
    found = await ctx.search(inputs.query, inputs.channel, inputs.limit)
    silent = [video for video in found if video.captions == "none"]
    if silent:
        ctx.note(f"Left out, for they have no captions: {', '.join(row.title for row in silent)}.")
    rated = any(video.score for video in found)
    spoken = [video for video in found if video not in silent]
    kept = [video for video in spoken if not rated or video.score >= inputs.min_score]
    near = () if kept else tuple(video.title for video in spoken[:NEAR])
    if not kept:
        ctx.note(await _why_nothing(inputs, near, ctx))
    return SearchOutput(videos=tuple(kept), near=near)


async def _why_nothing(inputs: SearchInput, near: Sequence[str], ctx: AgentContext) -> str:
    """Tell a name that nobody knows from videos that are not about the query."""
    if near:
        return f"No video covers enough of {inputs.query!r}; the nearest are: {'; '.join(near)}."
    if not inputs.channel:
        return f"The search for {inputs.query!r} found nothing."
    named = await ctx.resolve(inputs.channel)
    if named.kind == "unknown":
        return f"No channel, series, or speaker named {inputs.channel!r} was found."
    return f"The search for {inputs.query!r} found nothing of {inputs.channel}."
