"""Files that a run writes: names checked, confined to their folder, complete or not there."""

import os
import re
import tempfile
from pathlib import Path

from state.errors import OutputError, UsageError

LONGEST_NAME = 80
_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
_DEVICES = [f"{kind}{n}" for kind in ("com", "lpt") for n in range(1, 10)]
_RESERVED = {"con", "prn", "aux", "nul", *_DEVICES}


def safe_name(suggestion: str, *, default: str = "guide") -> str:
    """Give a file name, ending in .md, that is no path and no hidden file.

    Args:
        suggestion: from a person, a model or a request; anything.
        default: what it is called when nothing of the suggestion is left.
    """
    last = re.split(r"[\\/]", suggestion.strip())[-1]
    stem = last[:-3] if last.lower().endswith(".md") else last
    stem = _UNSAFE.sub("_", stem).strip("._-")[:LONGEST_NAME].rstrip("._-")
    if not stem or stem.lower().split(".")[0] in _RESERVED:
        stem = default
    return f"{stem}.md"


def slug(text: str) -> str:
    """Give the first words of a text as a file name without ending."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return "_".join(words[:8])[:60] or "guide"


def confined(folder: Path, name: str) -> Path:
    """Give the path of a file directly in a folder.

    Raises:
        UsageError: links or dots lead out of the folder.
    """
    path = (folder / name).resolve()
    if path.parent != folder.resolve():
        raise UsageError(f"{name!r} leads out of the output folder {folder}.", "Give a plain name.")
    return path


def unused(path: Path) -> Path:
    """Give the path itself, or the first of `name-2.md`, `name-3.md`, … that does not exist."""
    number = 2
    free = path
    while free.exists() or trail_path(free).exists():
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return free


def trail_path(guide: Path) -> Path:
    """Give the path of a guide's trail: `out.md` has `out.trail.json`."""
    return guide.with_name(f"{guide.stem}.trail.json")


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that it is complete or not there, also after a crash.

    Raises:
        OutputError: the folder is missing or not writable, or the disk is full.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(
            f"{path} cannot be written: {error.strerror}.",
            "Choose another place with --output and resume.",
        ) from error
