"""Imports Python files of the user's own: agents and patterns that settings name."""

import importlib.util
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType

from cliptrail.state.errors import UsageError


@cache
def load_file(path: Path, variable: str) -> ModuleType:
    """Import a file, once.

    Args:
        path: of the file; `~` is the home folder.
        variable: the setting that names it, for messages.

    Raises:
        UsageError: there is no such file, or it cannot be imported.
    """
    there = False
    with suppress(OSError, RuntimeError, ValueError):  # "~nobody", too long: no such file
        path = path.expanduser().resolve()
        there = path.is_file()
    if not there:
        raise UsageError(f"There is no file {path}.", f"Mend {variable}.")
    name = f"cliptrail_own_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"The file {path} is no Python file.", f"Mend {variable}.")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(
            f"The file {path} cannot be imported: {type(error).__name__}: {error}.",
            f"Mend the file, or take it out of {variable}.",
        ) from error
    return module
