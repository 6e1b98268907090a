"""Which library a name means: the bundled samples, the default one, or a file."""

from pathlib import Path

from cliptrail.state.errors import LibraryError, UsageError
from cliptrail.tools.library.bundled import bundled_library
from cliptrail.tools.library.store import Library
from cliptrail.tools.settings import settings

SAMPLES = "samples"
"""The name of the bundled library."""


def open_library(name: str = "", *, read_only: bool = False) -> Library:
    """Open a library by its name.

    Args:
        name: "samples" for the bundled one, a path, or empty for the installation's own.
        read_only: neither make nor change the file.

    Raises:
        UsageError: the bundled library is to be written to.
        LibraryError: the file cannot be opened.
    """
    if name == SAMPLES:
        if not read_only:
            raise UsageError(
                "The bundled samples cannot be changed.", "Name a library file of your own."
            )
        return bundled_library(settings().data_dir / "cache")
    if not name and not read_only:
        _make_folder(settings().library_file.parent)
    return Library(Path(name) if name else settings().library_file, read_only=read_only)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            "Set CLIPTRAIL_DATA_DIR to a folder that can be written to.",
        ) from error
