"""Files that a run writes: names checked, confined to their folder, complete or not there."""

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile

from cliptrail.state.errors import OutputError, UsageError

LONGEST_NAME = 80
"""Bytes, without the ending."""
MOST_BYTES = 50_000_000
"""Of a file that is read: the trail of the longest run is far below."""
_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
_PLAIN = re.compile(r"\w[\w ,()+-]*(?:\.[\w ,()+-]*\w)*\.md")
"""A name that every system takes as it is."""
_DEVICES = [f"{kind}{n}" for kind in ("com", "lpt") for n in "0123456789¹²³"]
_RESERVED = {"con", "prn", "aux", "nul", *_DEVICES}


def safe_name(suggestion: str, *, default: str = "guide") -> str:
    """Return a file name, ending in .md, that is no path and no hidden file.

    A name that is one already stays as it is, with its spaces and letters of any script.

    Args:
        suggestion: from a person, a model or a request; anything.
        default: what it is called when nothing of the suggestion is left; safe, without ending.
    """
    if _PLAIN.fullmatch(suggestion) and _is_free(suggestion[:-3]):
        return suggestion
    last = re.split(r"[\\/]", suggestion.strip())[-1]
    stem = last[:-3] if last.lower().endswith(".md") else last
    stem = _UNSAFE.sub("_", stem).strip("._-")[:LONGEST_NAME].rstrip("._-")
    if not stem or not _is_free(stem):
        stem = default
    return f"{stem}.md"


def _is_free(stem: str) -> bool:
    """Return whether no system means a device by the name, and it is short enough for all."""
    device = stem.lower().split(".")[0].strip() in _RESERVED
    return not device and len(stem.encode()) <= LONGEST_NAME


def slug(text: str) -> str:
    """Return the first words of a text as a file name without ending."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    name = "_".join(words[:8])[:60]
    return name if name and _is_free(name) else "guide"


def confined(folder: Path, name: str) -> Path:
    """Return the path of a file directly in a folder.

    Raises:
        UsageError: links or dots lead out of the folder.
    """
    try:
        path = (folder / name).resolve()
        within = path.parent == folder.resolve()
    except (OSError, RuntimeError, ValueError):  # too long, a link to itself, a null character
        within = False
    if not within:
        raise UsageError(f"{name!r} leads out of the output folder {folder}.", "Give a plain name.")
    return path


def numbered(path: Path) -> Iterator[Path]:
    """Return the path itself, and then `name-2.md`, `name-3.md`, … without an end."""
    yield path
    yield from (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))


def trail_path(guide: Path) -> Path:
    """Return the path of a guide's trail: `out.md` has `out.trail.json`."""
    return guide.with_name(f"{guide.stem}.trail.json")


def read_file(path: Path, next_step: str) -> bytes:
    """Read a file that a person names.

    Args:
        path: from the command line; anything.
        next_step: what to do if there is no such file.

    Raises:
        UsageError: there is none, it is no file, it may not be read, or it is far too large.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise UsageError(f"{path} is no file.", next_step)  # a pipe would be waited for
        if path.stat().st_size > MOST_BYTES:
            many = f"{MOST_BYTES // 1_000_000} MB"
            raise UsageError(f"{path} is larger than {many}.", next_step)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {_why(error)}.", next_step) from error


def _why(error: Exception) -> str:
    """Return the system's reason in words; what is no folder on the way is "File exists" to it."""
    if isinstance(error, FileExistsError):
        return "its folder is a file"
    return getattr(error, "strerror", None) or str(error)


def check_folder(folder: Path) -> None:
    """Make sure that files can be written into a folder; it is made if it is not there.

    Raises:
        OutputError: it cannot be made, or nothing can be written in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        why = "it is a file" if isinstance(error, FileExistsError) else _why(error)
        raise OutputError(
            f"The folder {folder} cannot be written to: {why}.", "Choose another one."
        ) from error


def write_atomically(path: Path, text: str) -> None:
    """Write a file, in place of the one that is there, complete or not at all.

    Raises:
        OutputError: the folder is missing or not writable, or the disk is full.
    """
    with _complete(path, text) as draft:
        draft.replace(path)


def write_new(path: Path, text: str) -> bool:
    """Write a file, complete or not at all, unless there is one; of two writers one succeeds.

    Returns:
        Whether it was written; False if there is a file of that name.

    Raises:
        OutputError: the folder is missing or not writable, or the disk is full.
    """
    with _complete(path, text) as draft:
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links, e.g. of a USB stick
            return _rename_to_new(draft, path)
        return True


def _rename_to_new(draft: Path, path: Path) -> bool:
    """Return a draft its name unless it is taken: first an empty file that claims the name."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    try:
        draft.replace(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return True


@contextmanager
def _complete(path: Path, text: str) -> Iterator[Path]:
    """A file beside the path with the text in it; what is left of it in the end is removed."""
    draft = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {_why(error)}.",
            "Mend that and resume, or: cliptrail resume --output FILE.md",
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
