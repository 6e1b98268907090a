"""Transcripts as rows of the library's tables, and back."""

import json
import zlib
from typing import Any

from cliptrail.state.errors import LibraryError
from cliptrail.state.media import Segment, Transcript, Video
from cliptrail.tools.library.query import NO_CAPTIONS, channel_tag
from cliptrail.tools.text.channels import channel_key

VIDEO_COLUMNS = "video_id, title, channel, url, published, duration_s, language, captions"
"""What `video` reads, in its order."""

TRANSCRIPT_COLUMNS = f"{VIDEO_COLUMNS}, provenance, segments"
"""What `transcript` reads, in its order."""


def video_row(transcript: Transcript) -> dict[str, object]:
    """Return the row of the table `videos`, the segments packed into one value.

    Raises:
        LibraryError: the transcript holds text that is not valid Unicode.
    """
    row = transcript.video.model_dump(exclude={"score"})
    row |= {
        "channel_key": channel_key(transcript.video.channel),
        "provenance": transcript.provenance,
        "segments": _pack(transcript.segments),
    }
    for field, value in row.items():
        _check_unicode(transcript.video.video_id, field, value)
    return row


def text_row(transcript: Transcript) -> tuple[str, str, str, str]:
    """Return the row of the full-text table: title, channel, words, tags.

    Deleting from a contentless table needs the very values that were inserted, so this depends on
    nothing but what `videos` holds; a change needs a migration.
    """
    video = transcript.video
    tags = [channel_tag(video.channel)] if video.channel else []
    if video.captions == "none" or not transcript.segments:
        tags.append(NO_CAPTIONS)
    words = " ".join(segment.text for segment in transcript.segments)
    return video.title, video.channel, words, " ".join(tags)


def video(row: tuple[Any, ...], score: float = 0.0) -> Video:
    """Return the video of a row that has VIDEO_COLUMNS."""
    names = VIDEO_COLUMNS.split(", ")
    return Video(**dict(zip(names, row, strict=True)), score=score)


def transcript(row: tuple[Any, ...]) -> Transcript:
    """Return the transcript of a row that has TRANSCRIPT_COLUMNS.

    Raises:
        LibraryError: the packed segments are damaged.
    """
    *of_video, provenance, packed = row
    return Transcript(
        video=video(tuple(of_video)),
        segments=_unpack(packed, of_video[0]),
        provenance=provenance,
    )


def _pack(segments: tuple[Segment, ...]) -> bytes:
    values = [(segment.start, segment.duration, segment.text) for segment in segments]
    return zlib.compress(json.dumps(values, separators=(",", ":")).encode(), level=3)


def _unpack(packed: bytes, video_id: str) -> tuple[Segment, ...]:
    try:
        values = json.loads(zlib.decompress(packed))
        return tuple(Segment(start=s, duration=d, text=text) for s, d, text in values)
    except (zlib.error, ValueError, TypeError) as error:
        raise LibraryError(
            f"The library's transcript of {video_id} is damaged.",
            "Import this video again, or restore the library from a copy.",
        ) from error


def _check_unicode(video_id: str, field: str, value: object) -> None:
    try:
        str(value).encode()
    except UnicodeEncodeError as error:
        raise LibraryError(
            f"The {field} of video {video_id} is not valid Unicode text.",
            "Mend the file that it comes from and import it again.",
        ) from error
