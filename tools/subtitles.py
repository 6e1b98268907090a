"""Subtitle files (VTT, SRT, SBV, YouTube's json3) read into segments, rolling repeats undone."""

import html
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import webvtt
from pydantic import BaseModel, Field, ValidationError
from webvtt.errors import MalformedCaptionError, MalformedFileError

from cliptrail.state.errors import UsageError
from cliptrail.state.media import LONGEST_S, Segment
from cliptrail.tools.text.cleaning import encodable

TextFormat = Literal["vtt", "srt", "sbv"]

CONTIGUOUS_S = 0.1
"""Two cues are contiguous when the later starts at most this long after the earlier ended."""

_MARKUP = re.compile(
    r"""<\d[\d:.]*>                       # a word's time, as in <00:00:01.000>
      | </?(?:a|b|br|c|em|font|i|lang|p|rt|ruby|s|span|strong|sub|sup|u|v)(?=[\s./>])[^<>]*>
      | \{\\[^{}]*\}                      # a position override, as in {\an8}""",
    re.VERBOSE | re.IGNORECASE,
)
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u200b\u200e\u200f\u2060\ufeff]")
_WORD_TIME = re.compile(r"<\d\d:\d\d[\d:.]*>")


@dataclass(frozen=True)
class Cue:
    """What a subtitle file shows at one time: its lines, from `start` to `end` in seconds."""

    start: float
    end: float
    lines: tuple[str, ...]


@dataclass
class _Piece:
    """A segment that is still growing, because later cues may go on showing it."""

    start: float
    end: float
    text: str

    def segment(self) -> Segment:
        duration = max(0.0, round(self.end - self.start, 3))
        return Segment(start=self.start, duration=duration, text=self.text)


def clean_line(raw: str) -> str:
    """Return a caption line as plain words: no tags, no escapes, no invisible signs, single spaces.

    A less-than sign that opens no caption tag stays, and so does what an escape spells out:
    the result is plain text, not HTML.
    """
    plain = html.unescape(_MARKUP.sub("", raw))
    return " ".join(_INVISIBLE.sub("", encodable(plain)).split())


def has_word_times(text: str) -> bool:
    """Return whether each word carries its time: the mark of YouTube's automatic captions."""
    return _WORD_TIME.search(text) is not None


def parse_subtitles(text: str, form: TextFormat) -> tuple[Segment, ...]:
    """Read a VTT, SRT or SBV file, one segment a cue, ordered by time.

    Args:
        text: the file's content.
        form: its format.

    Returns:
        The segments, without the repeats of rolling captions; empty when nothing is said.

    Raises:
        UsageError: the text is not of this format.
    """
    try:
        read = webvtt.from_buffer(io.StringIO(text.lstrip("\ufeff\r\n \t")), format=form)
    except (MalformedFileError, MalformedCaptionError) as error:
        raise UsageError(
            f"The text is not a valid {form.upper()} file.",
            "Check the file's ending and content, or download the captions again.",
        ) from error
    return unroll(_cue(caption) for caption in read.captions)


def _cue(caption: webvtt.Caption) -> Cue:
    lines = tuple(line for line in map(clean_line, caption.lines) if line)
    return Cue(_seconds(caption.start_time), _seconds(caption.end_time), lines)


def _seconds(time: webvtt.models.Timestamp) -> float:
    hours, minutes, seconds, milliseconds = time.to_tuple()
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000


def unroll(cues: Iterable[Cue]) -> tuple[Segment, ...]:
    """Return each cue's new words as a segment, ordered by time.

    Rolling captions show the last line again above the new one. Lines with which a cue starts, and
    with which the contiguous cue before it ended, are the same words still on the screen: they are
    dropped, and the earlier segment ends later.
    """
    pieces: list[_Piece] = []
    shown: list[tuple[str, _Piece]] = []
    shown_until = 0.0
    for cue in sorted((cue for cue in cues if cue.lines), key=lambda cue: cue.start):
        contiguous = cue.start <= shown_until + CONTIGUOUS_S
        kept = _overlap(shown, cue.lines) if contiguous else 0
        still = shown[len(shown) - kept :]
        for _, piece in still:
            piece.end = max(piece.end, cue.end)
        fresh = cue.lines[kept:]
        if fresh:
            pieces.append(_Piece(cue.start, cue.end, " ".join(fresh)))
        shown = still + [(line, pieces[-1]) for line in fresh]
        shown_until = cue.end
    return tuple(piece.segment() for piece in pieces)


def _overlap(shown: Sequence[tuple[str, _Piece]], lines: Sequence[str]) -> int:
    """Count the lines at the end of what was shown with which the new cue starts."""
    texts = [line for line, _ in shown]
    longest = min(len(texts), len(lines))
    fits = (n for n in range(longest, 0, -1) if texts[-n:] == list(lines[:n]))
    return next(fits, 0)


class _Run(BaseModel):
    utf8: str = ""


class _Event(BaseModel):
    start_ms: float = Field(
        alias="tStartMs", ge=0, le=LONGEST_S * 1000, default=0.0, allow_inf_nan=False
    )
    duration_ms: float = Field(
        alias="dDurationMs", ge=0, le=LONGEST_S * 1000, default=0.0, allow_inf_nan=False
    )
    runs: tuple[_Run, ...] = Field(alias="segs", default=())


class _Json3(BaseModel):
    events: tuple[_Event, ...]


def parse_json3(data: object) -> tuple[Segment, ...]:
    """Read YouTube's json3 captions, already parsed from JSON, ordered by time.

    Raises:
        UsageError: the data is not of this format; the message names the first wrong field.
    """
    try:
        events = _Json3.model_validate(data).events
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"The json3 captions are malformed at {where or 'the top'}: {first['msg']}.",
            "Download the captions again.",
        ) from error
    segments = (_event_segment(event) for event in events)
    said = (segment for segment in segments if segment.text)
    return tuple(sorted(said, key=lambda segment: segment.start))


def _event_segment(event: _Event) -> Segment:
    text = clean_line("".join(run.utf8 for run in event.runs))
    return Segment(start=event.start_ms / 1000, duration=event.duration_ms / 1000, text=text)
