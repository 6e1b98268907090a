"""For tests of your own agents, patterns and programs: a scripted model, and a context to work in.

Nothing here needs a key, a network or a server.
"""

from collections.abc import Sequence

from langchain_core.language_models import BaseChatModel

from cliptrail.agents.context import AgentContext
from cliptrail.state.base import Tier
from cliptrail.state.context import Context
from cliptrail.state.errors import NoCaptions, VideoNotFound
from cliptrail.state.media import Segment, Transcript, Video
from cliptrail.state.request import NamedSource, Notes
from cliptrail.tools.models.budget import RunBudget
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.models.scripted import Answer, Question, Script, ScriptedModel, StatusError
from cliptrail.tools.settings import Settings
from cliptrail.tools.sources.names import mentions, resolve_name
from cliptrail.tools.transcripts import TranscriptGateway
from cliptrail.tools.workspace import Workspace

__all__ = [
    "Answer",
    "MemorySource",
    "Question",
    "Script",
    "ScriptedModel",
    "StatusError",
    "fake_context",
    "transcript_of",
]


class MemorySource:
    """A source of videos that are given to it."""

    name = "memory"

    def __init__(self, transcripts: Sequence[Transcript] = ()) -> None:
        self._rows = {row.video.video_id: row for row in transcripts}

    def get(self, video_id: str) -> Transcript | None:
        """Return what was given or added, as a library does."""
        return self._rows.get(video_id)

    def add(self, transcript: Transcript) -> None:
        """Keep a transcript, as a library does."""
        self._rows[transcript.video.video_id] = transcript

    def search(self, query: str, *, channel: str = "", limit: int = 10) -> list[Video]:
        """Return the videos in which a word of the query is said or stands in the title."""
        words = set(query.lower().split())
        found = (row for row in self._rows.values() if words & _words(row))
        return [row.video for row in found if channel in ("", row.video.channel)][:limit]

    def transcript(self, video_id: str, *, languages: Sequence[str] = ("en",)) -> Transcript:
        """Return a transcript; see `VideoSource.transcript`."""
        if video_id not in self._rows:
            raise VideoNotFound(f"There is no video {video_id}.", "Give it to MemorySource.")
        if not self._rows[video_id].segments:
            raise NoCaptions(f"The video {video_id} has no captions.", "Choose another video.")
        return self._rows[video_id]

    def channels(self) -> list[str]:
        """Return the names of the channels of the videos."""
        return sorted({row.video.channel for row in self._rows.values() if row.video.channel})

    def resolve(self, name: str) -> NamedSource:
        """Find out what a name stands for; see `VideoSource.resolve`."""
        return resolve_name(name, self)

    def titled(self, phrase: str, limit: int) -> list[Video]:
        """Return the videos whose titles hold a phrase."""
        found = (row.video for row in self._rows.values() if mentions(phrase, row.video.title))
        return list(found)[:limit]

    def saying(self, phrase: str, limit: int) -> list[Transcript]:
        """Return the transcripts in which a phrase is said."""
        said = (
            row
            for row in self._rows.values()
            if mentions(phrase, " ".join(segment.text for segment in row.segments))
        )
        return list(said)[:limit]


def _words(transcript: Transcript) -> set[str]:
    said = " ".join([transcript.video.title, *(row.text for row in transcript.segments)])
    return set(said.lower().split())


def transcript_of(
    *lines: str, video_id: str = "video", title: str = "A video", channel: str = "A channel"
) -> Transcript:
    """Return a transcript of these lines, each of five seconds.

    Args:
        lines: what is said, in order.
        video_id: the video's id.
        title: the video's title.
        channel: the video's channel.
    """
    segments = (
        Segment(start=5.0 * place, duration=5.0, text=text) for place, text in enumerate(lines)
    )
    video = Video(video_id=video_id, title=title, channel=channel)
    return Transcript(video=video, segments=tuple(segments))


def fake_context(
    model: BaseChatModel | None = None,
    *,
    request: str = "How is it done?",
    notes: Notes | None = None,
    brief: str = "",
    transcripts: Sequence[Transcript] = (),
    step: str = "step",
    tier: Tier | None = None,
    max_calls: int = 40,
) -> AgentContext:
    """Return a context for an agent that is called by itself, outside of any run.

    What the agent noted is in `incidents` and `lacks`, what it paid for in `calls`.

    Args:
        model: a `ScriptedModel`; None for the offline engine.
        request: the user's question.
        notes: what was understood of it; None for notes with the request as their topic.
        brief: what the plan says that the step must do.
        transcripts: the videos that can be searched and read.
        step: id of the step.
        tier: the model tier that the plan chose; None for each role's own.
        max_calls: model calls that the agent may make.
    """
    source = MemorySource(transcripts)
    context = Context(
        model=str(model.name) if model else "offline:rules", approval="auto", max_calls=max_calls
    )
    # Whatever this machine has set, a test asks no other model.
    own = Settings(_env_file=None, allow_model_requests=False)
    gateway = ModelGateway(context, own.model_copy(update={"model_retries": 0}), RunBudget(), step)
    ctx = AgentContext(
        request=request,
        notes=notes or Notes(topic=request),
        step=step,
        brief=brief,
        tier=tier,
        gateway=gateway,
        workspace=Workspace(source, TranscriptGateway(source, source)),
    )
    gateway.on_incident = ctx.incident
    return ctx
