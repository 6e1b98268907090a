"""Transcripts as text in the formats that other programs read."""

import html
from collections.abc import Callable
from typing import Literal, get_args

from cliptrail.state.errors import UsageError
from cliptrail.state.media import Segment, Transcript
from cliptrail.tools.library.transcript_json import transcript_to_json
from cliptrail.tools.text.times import clock

ExportFormat = Literal["json", "srt", "vtt", "txt"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)


def export(transcript: Transcript, form: ExportFormat) -> str:
    """Return a transcript as text.

    Args:
        transcript: what to write.
        form: "json" keeps everything (but the score); "srt" and "vtt" keep times to the
            millisecond; "txt" is for reading.

    Raises:
        UsageError: there is no such format.
    """
    if form not in _WRITERS:
        raise UsageError(
            f"Transcripts cannot be exported as {form!r}.",
            f"Choose one of {', '.join(EXPORT_FORMATS)}.",
        )
    return _WRITERS[form](transcript)


def _stamp(seconds: float, point: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    whole, fraction = divmod(milliseconds, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02}{point}{fraction:03}"


def _spoken(transcript: Transcript) -> list[tuple[Segment, str]]:
    """Return the segments with words, each on one line, in the order of time."""
    lines = [(segment, " ".join(segment.text.split())) for segment in transcript.segments]
    return sorted((pair for pair in lines if pair[1]), key=lambda pair: pair[0].start)


def _srt(transcript: Transcript) -> str:
    # SRT knows no escapes: an arrow in the text would be read as a time.
    return "\n".join(
        f"{number}\n{_span(segment, ',')}\n{text.replace('-->', '→')}\n"
        for number, (segment, text) in enumerate(_spoken(transcript), start=1)
    )


def _vtt(transcript: Transcript) -> str:
    cues = (
        f"\n{_span(segment, '.')}\n{html.escape(text, quote=False)}\n"
        for segment, text in _spoken(transcript)
    )
    return "WEBVTT\n" + "".join(cues)


def _span(segment: Segment, point: str) -> str:
    return f"{_stamp(segment.start, point)} --> {_stamp(segment.end, point)}"


def _txt(transcript: Transcript) -> str:
    video = transcript.video
    head = "\n".join(filter(None, (video.title, video.channel, video.url)))
    lines = (f"[{clock(segment.start)}] {text}\n" for segment, text in _spoken(transcript))
    return f"{head}\n\n{''.join(lines)}"


_WRITERS: dict[str, Callable[[Transcript], str]] = {
    "json": transcript_to_json,
    "srt": _srt,
    "vtt": _vtt,
    "txt": _txt,
}
