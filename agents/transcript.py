"""The agent `transcript`: fetches what is said in a video."""

from pydantic import Field

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.state.base import Frozen
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.plan import Cost
from cliptrail.tools.transcripts import reference


class TranscriptInput(Frozen):
    """Which video."""

    video: Video | None = None
    """The video as a search found it."""
    video_id: str = Field(default="", max_length=64)
    """Its id, where there was no search."""


@agent(capabilities=("read_transcript",), cost=Cost(seconds=2.0))
async def transcript(inputs: TranscriptInput, ctx: AgentContext) -> TranscriptRef:
    """Fetch a video's transcript into the library and give a reference to it. Calls no model."""
    video_id = inputs.video.video_id if inputs.video else inputs.video_id
    return reference(await ctx.transcript(video_id, inputs.video))
