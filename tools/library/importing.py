"""Reading transcripts from files and folders: VTT, SRT, SBV, json3 and cliptrail's JSON."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from cliptrail.state.base import Frozen
from cliptrail.state.errors import CliptrailError, UsageError
from cliptrail.state.media import Segment, Transcript, Video
from cliptrail.tools.library.naming import INFO_SUFFIX, Told, describe, named
from cliptrail.tools.library.transcript_json import parse_json, transcript_from
from cliptrail.tools.subtitles import (
    TextFormat,
    clean_line,
    has_word_times,
    parse_json3,
    parse_subtitles,
)

MAX_BYTES = 50_000_000
"""Larger files are refused: ten hours of word-timed captions are about 5 MB."""

_TEXT_FORMATS: dict[str, TextFormat] = {".vtt": "vtt", ".srt": "srt", ".sbv": "sbv"}
# Where one video lies there in several formats, the one that loses least is read.
_FORMATS = (".json", ".json3", ".vtt", ".srt", ".sbv")
_GIVE = f"Give files ({', '.join(_FORMATS)}) or folders of them."
_HEADER_LANGUAGE = re.compile(r"^Language:[ \t]*([A-Za-z0-9-]{2,35})[ \t]*$", re.MULTILINE)


class ImportProblem(Frozen):
    """A file that was not imported, and why."""

    path: str
    reason: str
    """What is wrong with it, as a sentence."""
    next_step: str = ""
    """What the user can do about it."""


def read_files(
    paths: Iterable[str | Path], languages: Sequence[str] = ("en",), about: Told | None = None
) -> Iterator[Transcript | ImportProblem]:
    """Read transcripts, one file after the other.

    Args:
        paths: files, and folders, which are searched to every depth for subtitle and JSON files.
        languages: where a folder has one video in several languages, the first of these is taken.
        about: what a person says of the video of the one file; None if nothing.

    Yields:
        For each file a transcript, or the problem with it. No file raises, none is left out in
        silence: a second file of the same video is a problem too.
    """
    taken: dict[str, Path] = {}
    for path in chain.from_iterable(_files(Path(path), languages) for path in paths):
        result = path if isinstance(path, ImportProblem) else _read(path)
        if isinstance(result, Transcript) and about is not None:
            result = result.model_copy(update={"video": about.told(result.video)})
        if isinstance(result, Transcript) and isinstance(path, Path):
            first = taken.setdefault(result.video.video_id, path)
            if first != path:
                result = _repeated(path, result.video, first)
        yield result


def _shown(path: Path) -> str:
    """Return a path as text, also where its bytes are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _repeated(path: Path, video: Video, first: Path) -> ImportProblem:
    return ImportProblem(
        path=_shown(path),
        reason=f"Video {video.video_id} was already read from {_shown(first)}.",
        next_step="Import this file alone if you want it instead.",
    )


def _files(path: Path, languages: Sequence[str]) -> Iterator[Path | ImportProblem]:
    try:
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from _files_in(path, languages)
        else:
            yield ImportProblem(path=_shown(path), reason="Not a file or folder.", next_step=_GIVE)
    except OSError as error:
        yield _unreadable(path, error)


def _files_in(folder: Path, languages: Sequence[str]) -> Iterator[Path | ImportProblem]:
    problems: list[ImportProblem] = []
    found: list[Path] = []

    def note(error: OSError) -> None:
        problems.append(_unreadable(Path(error.filename or folder), error))

    for parent, _, names in os.walk(folder, onerror=note):
        found += [Path(parent, name) for name in names if _is_candidate(name)]
    if not found and not problems:
        problems = [
            ImportProblem(
                path=_shown(folder), reason="No transcripts in this folder.", next_step=_GIVE
            )
        ]
    yield from problems
    yield from sorted(found, key=_preference(languages))


def _is_candidate(name: str) -> bool:
    return Path(name).suffix.lower() in _FORMATS and not name.endswith(INFO_SUFFIX)


def _preference(languages: Sequence[str]) -> Callable[[Path], tuple[object, ...]]:
    """Return a sort key: by folder and title; within a title the wanted language first."""

    def key(path: Path) -> tuple[object, ...]:
        name = named(path)
        exact = [*languages].index(name.language) if name.language in languages else len(languages)
        form = _FORMATS.index(path.suffix.lower())
        return str(path.parent), name.stem, exact, name.language, form, path.name

    return key


def _read(path: Path) -> Transcript | ImportProblem:
    try:
        return _transcript(path)
    except CliptrailError as error:
        return ImportProblem(path=_shown(path), reason=error.message, next_step=error.next_step)
    except OSError as error:
        return _unreadable(path, error)


def _unreadable(path: Path, error: OSError) -> ImportProblem:
    reason = f"It cannot be read: {error.strerror or error}."
    return ImportProblem(path=_shown(path), reason=reason, next_step="Check that you may read it.")


def _transcript(path: Path) -> Transcript:
    suffix = path.suffix.lower()
    if path.name.endswith(INFO_SUFFIX):
        raise UsageError("It describes a video, but holds no transcript.", _GIVE)
    if suffix not in _FORMATS:
        raise UsageError(f"Files that end in {suffix or 'nothing'} cannot be read.", _GIVE)
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise UsageError("It is no file.", _GIVE)
    if path.stat().st_size > MAX_BYTES:
        raise UsageError(f"It is larger than {MAX_BYTES // 1_000_000} MB.", "Split it.")
    content = path.read_bytes()
    if suffix in _TEXT_FORMATS:
        return _from_text(path, content, _TEXT_FORMATS[suffix])
    return _from_json(path, content)


def _from_text(path: Path, content: bytes, form: TextFormat) -> Transcript:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("The file is not UTF-8 text.", "Save it as UTF-8.") from error
    segments = parse_subtitles(text, form)
    said = _HEADER_LANGUAGE.search(text.partition("-->")[0]) if form == "vtt" else None
    video = describe(
        path, content, language=said[1] if said else "", automatic=has_word_times(text)
    )
    return _captioned(path, video, segments)


def _from_json(path: Path, content: bytes) -> Transcript:
    data = parse_json(content)
    if isinstance(data, dict) and "video_id" in data:
        return transcript_from(data, clean_line(path.name))
    if isinstance(data, dict) and "events" in data:
        video = describe(path, content, language="", automatic=b'"acAsrConf"' in content)
        return _captioned(path, video, parse_json3(data))
    raise UsageError(
        "It is neither a transcript nor json3 captions.",
        "`cliptrail library export` shows the format of a transcript.",
    )


def _captioned(path: Path, video: Video, segments: tuple[Segment, ...]) -> Transcript:
    if not segments:
        raise UsageError("There are no captions in it.", "Download the captions again.")
    return Transcript(video=video, segments=segments, provenance=clean_line(path.name))
