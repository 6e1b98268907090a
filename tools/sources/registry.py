"""The sources of videos: one list for the command line, the page, the server and the docs.

A source is a function that opens it; `@source` registers it. Ours are modules of this package; a
user's own is one Python file, named in the setting `CLIPTRAIL_SOURCES`, or an entry point of the
group `cliptrail.sources`.
"""

import importlib
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cliptrail.state.context import LIBRARY
from cliptrail.state.errors import CliptrailError, SourceUnavailable, UsageError
from cliptrail.tools.plugins import (
    distribution_of,
    load_file,
    load_plugin,
    plugins,
    reason,
    reported,
)
from cliptrail.tools.settings import Settings, settings
from cliptrail.tools.sources.base import VideoSource

if TYPE_CHECKING:
    from cliptrail.tools.library.store import Library

YOUTUBE = "youtube"
OURS = {
    LIBRARY: "cliptrail.tools.library.source",
    YOUTUBE: "cliptrail.tools.sources.youtube",
}
"""The modules that register the sources that cliptrail brings, by name."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Opening:
    """What a source is opened with."""

    settings: Settings
    """This installation's."""
    library: "Library"
    """The library of the run: what is read is kept there."""


@dataclass(frozen=True)
class Source:
    """A place where videos come from."""

    name: str
    """As `--source` and `Context.source` name it."""
    title: str
    """As a form names it."""
    about: str
    """One sentence for who chooses among sources."""
    network: bool
    """Does it need the network?"""
    opener: Callable[[Opening], VideoSource] = field(repr=False)

    def open(self, opening: Opening) -> VideoSource:
        """Open it for one run.

        Raises:
            CliptrailError: it cannot be opened.
        """
        try:
            return self.opener(opening)
        except CliptrailError:
            raise
        except Exception as error:  # whatever a user's own source raises
            raise SourceUnavailable(
                f"The source {self.name} cannot be opened: {reason(error)}.",
                "Mend it, or choose another one with --source.",
            ) from error


_SOURCES: dict[str, Source] = {}
Opener = Callable[[Opening], VideoSource]


def source(name: str, *, title: str, network: bool) -> Callable[[Opener], Opener]:
    """Register a source of videos by the function that opens it; its docstring says what it is.

    Args:
        name: as `--source` names it: lower-case letters, digits, "-" and "_".
        title: as a form names it.
        network: does it need the network?

    Raises:
        UsageError: the name is taken, or no name for a source.
    """

    def register(opener: Opener) -> Opener:
        if name in _SOURCES:
            raise UsageError(f"There are two sources named {name!r}.", "Rename one of them.")
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"A source cannot be named {name!r}.",
                "Use lower-case letters, digits, - and _, starting with a letter.",
            )
        about = inspect.cleandoc(opener.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        _SOURCES[name] = Source(name, title, about, network, opener)
        return opener

    return register


def source_names() -> tuple[str, ...]:
    """Return the names of ours and of installed plugins; nothing is imported.

    What a file of the setting `CLIPTRAIL_SOURCES` registers is known only to `sources`.
    """
    return tuple({**OURS, **plugins("cliptrail.sources")})


def sources() -> dict[str, Source]:
    """Return all sources by name: ours first, then those of files, then those of plugins.

    A plugin that cannot be loaded is left out, and the log says so.

    Raises:
        UsageError: a file of the setting `CLIPTRAIL_SOURCES` cannot be imported.
    """
    for module in OURS.values():
        importlib.import_module(module)
    for file in settings().source_files:
        load_file(file, "CLIPTRAIL_SOURCES")
    for name in plugins("cliptrail.sources"):
        with reported():
            _load(name)
    return {name: _SOURCES[name] for name in {**OURS, **_SOURCES}}


def source_named(name: str) -> Source:
    """Return a source by name.

    Raises:
        UsageError: there is none of that name, or it cannot be loaded.
    """
    if name in OURS:
        importlib.import_module(OURS[name])
    elif name in plugins("cliptrail.sources"):
        _load(name)
    known = _SOURCES if name in _SOURCES else sources()
    if name not in known:
        raise UsageError(f"There is no source {name!r}.", f"There are: {', '.join(known)}.")
    return known[name]


def _load(name: str) -> None:
    plugin = plugins("cliptrail.sources")[name]
    load_plugin(plugin)
    if name not in _SOURCES:
        raise UsageError(
            f"The plugin {name!r} of {distribution_of(plugin)} registers no source of that name.",
            f'Register it there with @source("{name}", …), or uninstall that package.',
        )
