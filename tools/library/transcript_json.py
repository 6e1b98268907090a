"""cliptrail's own file format: a transcript as JSON, written and read without loss."""

import json
import re
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cliptrail.state.errors import UsageError
from cliptrail.state.media import LONGEST_S, CaptionKind, Segment, Transcript, Video

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


class _Source(_Model):
    caption_kind: str = "unknown"
    provenance: str | None = None
    repo: str = ""
    path: str = ""
    licence: str = ""


class _Segment(_Model):
    start: float = Field(ge=0, le=LONGEST_S)
    duration: float = Field(ge=0, le=LONGEST_S)
    text: str


class _File(_Model):
    video_id: str
    title: str
    channel: str = ""
    url: str = ""
    published: str | None = None
    duration_s: float = Field(default=0.0, ge=0, le=LONGEST_S)
    language: str = ""
    source: _Source = _Source()
    segments: tuple[_Segment, ...]


def parse_json(content: bytes | str) -> object:
    """Parse JSON from an untrusted file.

    Raises:
        UsageError: not UTF-8, not JSON, nested too deeply, or with halves of characters in it.
    """
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        data: object = json.loads(text)
        # An escaped half of a character is valid JSON, but no text that could be stored.
        if _SURROGATE.search(text):
            json.dumps(data, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise UsageError("The file is not UTF-8 text.", "Save it as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError("The file is not valid JSON.", "Check how it was made.") from error
    return data


def parse_transcript(content: bytes | str, provenance: str) -> Transcript:
    """Read a transcript from its JSON text; see `transcript_from`.

    Raises:
        UsageError: not JSON, or not of this format.
    """
    return transcript_from(parse_json(content), provenance)


def transcript_from(data: object, provenance: str) -> Transcript:
    """Return the transcript that parsed JSON describes.

    Args:
        data: an object with `video_id`, `title`, `segments` and what else is known; unknown fields
            are left out.
        provenance: where the transcript came from, if the data does not say.

    Raises:
        UsageError: a field is missing or wrong; the message names the first.
    """
    try:
        file = _File.model_validate(data)
        return Transcript(
            video=_video(file),
            segments=tuple(Segment(**segment.model_dump()) for segment in file.segments),
            provenance=_provenance(file.source, provenance),
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"The transcript is wrong at {where or 'the top'}: {first['msg']}.",
            "`cliptrail library export` shows the format.",
        ) from error


def _video(file: _File) -> Video:
    fields = file.model_dump(exclude={"source", "segments"})
    return Video(**fields, captions=_caption_kind(file.source.caption_kind))


def _caption_kind(said: str) -> CaptionKind:
    kinds: dict[str, CaptionKind] = {kind: kind for kind in get_args(CaptionKind)}
    return kinds.get(said, "unknown")


def _provenance(source: _Source, default: str) -> str:
    if source.provenance is not None:
        return source.provenance
    place = " ".join(filter(None, (source.repo, source.path))) or default
    return f"{place} ({source.licence})" if source.licence else place


def transcript_to_json(transcript: Transcript) -> str:
    """Return a transcript as JSON, one segment a line. Its video's score is left out."""
    video = transcript.video.model_dump(exclude={"score", "captions"})
    source = {"caption_kind": transcript.video.captions, "provenance": transcript.provenance}
    head = "".join(f"{_json(key)}: {_json(value)},\n" for key, value in video.items())
    segments = ",\n".join(_json(segment.model_dump()) for segment in transcript.segments)
    return f'{{\n{head}"source": {_json(source)},\n"segments": [\n{segments}\n]\n}}\n'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
