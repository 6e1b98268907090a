"""Imports what users add: Python files that settings name, and entry points of distributions.

An entry point of one of the groups below names a module, or something in it. Importing it registers
what it holds, by the same decorators that register our own.
"""

import importlib.metadata
import importlib.util
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from cliptrail.state.errors import UsageError

Group = Literal["cliptrail.agents", "cliptrail.patterns", "cliptrail.sources", "cliptrail.models"]
"""What a distribution can add to."""
_log = logging.getLogger("cliptrail.plugins")


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


@cache
def plugins(group: Group) -> dict[str, EntryPoint]:
    """Return the entry points of a group by name; nothing is imported.

    Of two with the same name the first one on the path counts, as for modules.

    Args:
        group: what they add to.
    """
    found: dict[str, EntryPoint] = {}
    for row in importlib.metadata.entry_points(group=group):
        found.setdefault(row.name, row)
    return found


def load_plugin(plugin: EntryPoint) -> Any:
    """Import what an entry point names, once.

    Raises:
        UsageError: it cannot be imported; the message names the distribution.
    """
    found = _imported(plugin)
    if isinstance(found, UsageError):
        raise found
    return found


def load_plugins(group: Group) -> Iterator[tuple[EntryPoint, Any]]:
    """Import every entry point of a group.

    One that cannot be imported is left out, and the log says so once: the user may not know that
    the distribution is there, and what does not need it should go on.
    """
    for plugin in plugins(group).values():
        with reported():
            yield plugin, load_plugin(plugin)


@contextmanager
def reported() -> Iterator[None]:
    """Log a `UsageError` instead of raising it, each message once."""
    try:
        yield
    except UsageError as error:
        _report(str(error))


@cache
def _report(message: str) -> None:
    _log.error(message)


@cache
def _imported(plugin: EntryPoint) -> Any:
    """Return what an entry point names, or the error; a broken one is not imported again."""
    try:
        return plugin.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a foreign module raises
        return UsageError(
            f"The plugin {plugin.name!r} of {distribution_of(plugin)} ({plugin.group}) cannot be "
            f"loaded: {reason(error)}.",
            "Upgrade or uninstall that package.",
        )


def reason(error: BaseException) -> str:
    """Return what a foreign error says, as the middle of a sentence."""
    if isinstance(error, UsageError):
        return error.message.rstrip(".")
    return f"{type(error).__name__}: {error}".rstrip(".: ")


def distribution_of(plugin: EntryPoint) -> str:
    """Name the distribution that an entry point belongs to, with its version."""
    owner = plugin.dist
    return f"{owner.name} {owner.version}" if owner else "an unknown package"


def forget_plugins() -> None:
    """Look for entry points anew: for tests, which change what is installed."""
    for cached in (plugins, _report, _imported):
        cached.cache_clear()
