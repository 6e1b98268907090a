"""Whether the channels that the user named are cited, and if not, why not."""

import re
from collections.abc import Iterable, Mapping

from state.evidence import Claim, Coverage
from state.media import TranscriptRef, Video
from state.steps import StepResult


def same_channel(one: str, other: str) -> bool:
    """Are two names of a channel the same but for case, spaces, punctuation and a leading @?"""
    return bool(_folded(one)) and _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def coverage(
    named: Iterable[str],
    claims: Iterable[Claim],
    channel_of: Mapping[str, str],
    results: Mapping[str, StepResult],
) -> tuple[Coverage, ...]:
    """Give one entry for each channel that the user named.

    Args:
        named: the channels.
        claims: what the guide says.
        channel_of: channel by video id, for the videos that are cited.
        results: how the steps ended: what was found and read, or why not.
    """
    cited = {channel_of.get(row.video_id, "") for claim in claims for row in claim.citations}
    return tuple(_entry(name, cited, results) for name in dict.fromkeys(named))


def _entry(name: str, cited: set[str], results: Mapping[str, StepResult]) -> Coverage:
    if any(same_channel(name, channel) for channel in cited):
        return Coverage(channel=name, cited=True)
    return Coverage(channel=name, cited=False, reason=_why_not(name, results))


def _why_not(name: str, results: Mapping[str, StepResult]) -> str:
    read = [row for row in transcripts_read(results) if same_channel(row.channel, name)]
    if read:
        return f"{len(read)} of its videos were read; none answers the request."
    failures = [row.failure.message for row in results.values() if row.failure]
    if any(same_channel(video.channel, name) for video in videos_found(results)):
        return " ".join(["Its videos were found but could not be read.", *failures[:1]])
    return " ".join(["The search found no video of it.", *failures[:1]])


def transcripts_read(results: Mapping[str, StepResult]) -> list[TranscriptRef]:
    """Give the transcripts that the steps read."""
    rows = [row.output for row in results.values() if row.status == "done" and row.output]
    wanted = set(TranscriptRef.model_fields)
    return [TranscriptRef.model_validate(row) for row in rows if set(row) == wanted]


def videos_found(results: Mapping[str, StepResult]) -> list[Video]:
    """Give the videos that the steps' searches found."""
    rows = [row.output for row in results.values() if row.status == "done" and row.output]
    return [Video.model_validate(video) for row in rows for video in row.get("videos", ())]
