"""Before a server starts: its files can be used, and no other server uses them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from cliptrail.state.errors import UsageError
from cliptrail.tools.checkpoints import check_file
from cliptrail.tools.settings import Settings

FOLDER = "server"
"""In the data folder: where the server keeps its list of threads."""
LISTS = ".langgraph_api"
"""In there, by the LangGraph server's own will."""


@contextmanager
def own_folder(settings: Settings) -> Iterator[Path]:
    """Hold the folder with the server's list of threads: two would do each other's runs again.

    Args:
        settings: this installation's.

    Raises:
        UsageError: another server has it, or it cannot be used.
    """
    folder = settings.data_dir / FOLDER
    lock = FileLock(folder / "lock", timeout=0)
    try:
        (folder / LISTS).mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise UsageError(
            f"Another server runs with the data in {settings.data_dir}.",
            "Use that one, or set another CLIPTRAIL_DATA_DIR.",
        ) from error
    except OSError as error:
        raise UsageError(
            f"The folder {folder} cannot be used: {error.strerror}.", "Set CLIPTRAIL_DATA_DIR."
        ) from error
    try:
        yield folder
    finally:
        lock.release()


def check_files(settings: Settings) -> None:
    """Look at what the server would otherwise stumble over when it has begun to start.

    Args:
        settings: this installation's.

    Raises:
        LibraryError: checkpoints or store cannot be used.
        UsageError: the output folder is none.
    """
    for file in (settings.served_file, settings.store_file):
        check_file(file)
    if settings.output_dir.exists() and not settings.output_dir.is_dir():
        raise UsageError(f"{settings.output_dir} is no folder.", "Set CLIPTRAIL_OUTPUT_DIR.")
