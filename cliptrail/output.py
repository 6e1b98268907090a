"""Where a run or a command writes: checked before anything is asked, paid for or written."""

import os
from pathlib import Path

from cliptrail.state.context import Context
from cliptrail.state.errors import OutputError, UsageError
from cliptrail.tools.files import (
    check_folder,
    confined,
    safe_name,
    trail_path,
    write_atomically,
    write_new,
)
from cliptrail.tools.text.cleaning import encodable

LONGEST_PATH = 1000
"""Characters; what the options of a run hold."""


def guide_target(context: Context, output: Path | None) -> tuple[Context, str]:
    """Split the path of a guide into folder and name, and check both.

    Args:
        context: the run's options; its folder counts where no path is given.
        output: path of the guide; None to name it after the request.

    Returns:
        The options with the folder of the guide, and the name of the file; empty if none is given.

    Raises:
        UsageError: the guide or its trail could not be written there.
    """
    if output is None:
        _check_folder(Path(context.output_dir))
        return context, ""
    path = _whole(output)
    if path.suffix.lower() != ".md" or (path.exists() and not path.is_file()):
        raise UsageError(f"The output {output} is not a Markdown file.", "Call it guide.md, say.")
    name = safe_name(path.name)
    if name != path.name:
        raise UsageError(
            f"The file name {path.name} does not work on every system.", f"Call it {name}, say."
        )
    _check_place(path)
    for row in (path, trail_path(path)):
        _check_free(row, overwrite=context.overwrite)
    return context.model_copy(update={"output_dir": str(path.parent)}), name


def new_file(output: Path, *, overwrite: bool = False) -> Path:
    """Check the path of a file that a command writes, and return it with its `~` expanded.

    Args:
        output: from the command line.
        overwrite: whether it may replace a file.

    Raises:
        UsageError: no file could be written there, or there is one already.
    """
    path = _whole(output)
    if not output.name or path.is_dir():
        raise UsageError(f"The output {output} is a folder.", "Name a file in it.")
    _check_place(path)
    _check_free(path, overwrite=overwrite)
    return path if str(output).startswith("~") else Path(encodable(str(output)))


def write_file(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write what `new_file` checked.

    Raises:
        UsageError: another program made the file in the meantime.
        OutputError: the disk is full, or the folder has gone.
    """
    try:
        if overwrite:
            write_atomically(path, text)
        elif not write_new(path, text):
            _check_free(path, overwrite=False)
    except OutputError as error:
        raise OutputError(error.message, "Choose another place (--output).") from error


def _whole(output: Path) -> Path:
    """Return an absolute path, if the system can use it."""
    try:
        path = Path(encodable(str(output.expanduser().absolute())))
        os.path.lexists(path) or path.exists()  # raises where a part is too long for the system
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(
            f"{_short(output)} is not a usable path: {getattr(error, 'strerror', '') or error}.",
            "Choose another output (--output).",
        ) from error
    if len(str(path)) > LONGEST_PATH:
        raise UsageError(f"The path {_short(output)} is too long.", "Choose a shorter one.")
    return path


def _short(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _check_place(path: Path) -> None:
    if not path.parent.is_dir():
        raise UsageError(f"The folder {path.parent} does not exist.", "Create it first.")
    _check_folder(path.parent)


def _check_folder(folder: Path) -> None:
    try:
        check_folder(folder)
    except OutputError as error:
        raise UsageError(error.message, "Choose another place (--output).") from error


def _check_free(path: Path, *, overwrite: bool) -> None:
    """Check that there is nothing at a path, or something that may be replaced."""
    if not os.path.lexists(path):
        return
    if not overwrite:
        raise UsageError(
            f"{path} already exists.", "Allow overwriting (--overwrite), or choose another output."
        )
    confined(path.parent, path.name)
    if not path.is_file():
        raise UsageError(
            f"{path} is not a file that can be replaced.", "Choose another output (--output)."
        )
