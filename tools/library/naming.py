"""Which video a subtitle file belongs to: from its name, and from yt-dlp's note beside it."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from cliptrail.state.errors import UsageError
from cliptrail.state.media import LONGEST_S, CaptionKind, Video
from cliptrail.tools.library.transcript_json import parse_json
from cliptrail.tools.sources.addresses import read_address
from cliptrail.tools.subtitles import clean_line

INFO_SUFFIX = ".info.json"

_YT_DLP_NAME = re.compile(
    r"(?P<title>.*?)\s*\[(?P<id>[A-Za-z0-9_-]{11})\](?:\.(?P<language>[A-Za-z0-9-]+))?"
)
_LANGUAGE = re.compile(r"(?P<title>.+)\.(?P<language>[a-z]{2}(?:-[A-Za-z0-9]{1,8})*)")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class NamedFile:
    """What the name of a subtitle file says."""

    title: str
    youtube_id: str
    """Empty where the name has none."""
    language: str
    """BCP-47 code; empty where the name has none."""
    stem: str
    """The name without language and ending: what its neighbours' names start with."""


@dataclass(frozen=True)
class Told:
    """What a person says of a video; each field is empty where they say nothing."""

    title: str = ""
    channel: str = ""
    url: str = ""

    def check(self) -> None:
        """Check that the address is one.

        Raises:
            UsageError: it is not, or names a playlist.
        """
        address = read_address(self.url) if self.url else None
        plain_address = re.match(r"https?://[^/\s]", self.url) is not None
        if self.url and not (address.kind == "video" if address else plain_address):
            raise UsageError(f"--url {self.url} is no address of a video.", "Write it as https://…")

    def told(self, video: Video) -> Video:
        """Return a video with what is said here in place of what its file says."""
        said = {name: clean_line(text) for name, text in vars(self).items() if clean_line(text)}
        address = read_address(self.url) if self.url else None
        if address is not None:
            said |= {"video_id": address.id, "url": f"https://youtu.be/{address.id}"}
        return video.model_copy(update=said)


class _Info(BaseModel):
    """The fields of yt-dlp's .info.json that are of use here."""

    id: str = ""
    title: str | None = None
    channel: str | None = None
    uploader: str | None = None
    webpage_url: str | None = None
    upload_date: str | None = None
    duration: float | None = Field(default=None, ge=0, le=LONGEST_S, allow_inf_nan=False)
    subtitles: dict[str, Any] | None = None
    automatic_captions: dict[str, Any] | None = None


def named(path: Path) -> NamedFile:
    """Read a file's name: "Title [VIDEOID].en.vtt", "Title.en.vtt" or "Title.vtt"."""
    base = path.name.removesuffix(path.suffix)
    if match := _YT_DLP_NAME.fullmatch(base):
        language = match["language"] or ""
        stem = base.removesuffix(f".{language}") if language else base
        title, youtube_id = match["title"], match["id"]
    elif match := _LANGUAGE.fullmatch(base):
        language, youtube_id = match["language"], ""
        title = stem = match["title"]
    else:
        language, youtube_id = "", ""
        title = stem = base
    shown = clean_line(title) or youtube_id or clean_line(base)
    return NamedFile(title=shown, youtube_id=youtube_id, language=language, stem=stem)


def describe(path: Path, content: bytes, *, language: str, automatic: bool) -> Video:
    """Return the video that a subtitle file belongs to.

    Args:
        path: the subtitle file; yt-dlp's note is looked for beside it.
        content: what the file holds: it makes the id where nothing else gives one.
        language: what the content says about its language; the name's comes first.
        automatic: whether the content shows that the captions were made by a machine.

    Raises:
        UsageError: the note cannot be understood.
    """
    name = named(path)
    info = _read_info(path.with_name(name.stem + INFO_SUFFIX))
    language = name.language or language
    return Video(
        video_id=_video_id(info, name, content),
        title=clean_line(info.title or "") or name.title,
        channel=clean_line(info.channel or info.uploader or ""),
        url=_url(info, name),
        published=_iso_date(info.upload_date),
        duration_s=info.duration or 0.0,
        language=language,
        captions=_caption_kind(info, language, automatic=automatic),
    )


def _read_info(path: Path) -> _Info:
    if not path.is_file():
        return _Info()
    try:
        return _Info.model_validate(parse_json(path.read_bytes()))
    except (UsageError, ValidationError, OSError) as error:
        raise UsageError(
            f"The note beside it, {clean_line(path.name)}, cannot be understood.",
            "Mend or remove the note.",
        ) from error


def _video_id(info: _Info, name: NamedFile, content: bytes) -> str:
    if _ID.fullmatch(info.id):
        return info.id
    if name.youtube_id:
        return name.youtube_id
    plain = unicodedata.normalize("NFKD", name.title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "video"
    if len(slug) == 2:  # the id would look like one of YouTube, and be linked to
        slug = f"{slug}-video"
    return f"{slug}-{hashlib.sha256(content).hexdigest()[:8]}"


def _url(info: _Info, name: NamedFile) -> str:
    if info.webpage_url and re.match(r"https?://", info.webpage_url):
        return clean_line(info.webpage_url)
    return f"https://www.youtube.com/watch?v={name.youtube_id}" if name.youtube_id else ""


def _iso_date(compact: str | None) -> str | None:
    if not re.fullmatch(r"[0-9]{8}", compact or ""):
        return None
    try:
        return date.fromisoformat(str(compact)).isoformat()
    except ValueError:
        return None


def _caption_kind(info: _Info, language: str, *, automatic: bool) -> CaptionKind:
    if automatic:
        return "auto"
    if language in (info.subtitles or {}):
        return "manual"
    return "auto" if language in (info.automatic_captions or {}) else "unknown"
