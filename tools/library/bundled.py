"""The bundled library: the sample transcripts that come with cliptrail, ready to be searched."""

import hashlib
import tempfile
from importlib.resources import files
from pathlib import Path

from cliptrail.state.errors import CliptrailError, LibraryError
from cliptrail.state.media import Transcript
from cliptrail.tools.library.database import SCHEMA_VERSION
from cliptrail.tools.library.store import Library
from cliptrail.tools.library.transcript_json import parse_transcript

BUNDLED = "the bundled samples"
"""What a person calls this library."""


def bundled_transcripts() -> list[Transcript]:
    """Return the sample transcripts, sorted by file name.

    Raises:
        LibraryError: a sample is damaged.
    """
    return [_parsed(name, content) for name, content in _sample_files()]


def bundled_library(cache_dir: Path) -> Library:
    """Return the samples as a library, opened for reading only.

    The file is made in `cache_dir` once, and again when the samples change.

    Raises:
        LibraryError: a sample is damaged, or the folder cannot be written to.
    """
    samples = _sample_files()
    path = cache_dir / f"samples-{_fingerprint(samples)}.sqlite"
    if not path.exists():
        try:
            cache_dir.mkdir(parents=True, exist_ok=True)
            _build(path, [_parsed(name, content) for name, content in samples])
        except OSError as error:
            raise LibraryError(
                f"The samples cannot be unpacked into {cache_dir}: {error.strerror}.",
                "Check the rights of the folder, or set CLIPTRAIL_DATA_DIR to another.",
            ) from error
    return Library(path, read_only=True, name=BUNDLED)


def _sample_files() -> list[tuple[str, bytes]]:
    folder = files("cliptrail.samples") / "videos"
    if not folder.is_dir():
        return []
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return [(entry.name, entry.read_bytes()) for entry in entries if entry.name.endswith(".json")]


def _parsed(name: str, content: bytes) -> Transcript:
    try:
        return parse_transcript(content, f"samples/{name}")
    except CliptrailError as error:
        raise LibraryError(
            f"The bundled sample {name} is damaged: {error.message}", "Install cliptrail again."
        ) from error


def _fingerprint(samples: list[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256(str(SCHEMA_VERSION).encode())
    for name, content in samples:
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def _build(path: Path, transcripts: list[Transcript]) -> None:
    """Make the file beside its place and move it there whole, whoever else does the same."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".samples-") as folder:
        draft = Path(folder) / path.name
        with Library(draft) as library:
            library.add_many(transcripts)
            library.seal()
        draft.replace(path)
