"""The services of one run, made from its options and this installation's settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from cliptrail.state.context import LIBRARY, Context
from cliptrail.state.errors import LibraryError, UsageError
from cliptrail.tools.keys import NAME, hash_of
from cliptrail.tools.library import Library, open_library
from cliptrail.tools.library.opening import SAMPLES
from cliptrail.tools.library.source import LibrarySource
from cliptrail.tools.settings import Settings
from cliptrail.tools.sharing import Turns
from cliptrail.tools.sources.base import VideoSource
from cliptrail.tools.sources.registry import Opening, source_named
from cliptrail.tools.transcripts import TranscriptGateway

_OWN_MACHINE = ContextVar("own_machine", default=False)


@contextmanager
def own_machine() -> Iterator[None]:
    """Let what runs in this context name any path: a program on this machine started it."""
    token = _OWN_MACHINE.set(True)
    try:
        yield
    finally:
        _OWN_MACHINE.reset(token)


def _any_path(settings: Settings) -> bool:
    return settings.any_path or _OWN_MACHINE.get()


@dataclass(frozen=True)
class Workspace:
    """Where a run's videos and transcripts are."""

    source: VideoSource
    transcripts: TranscriptGateway
    notice: str = ""
    """What the user should know about the choice made; empty if it is what was asked for."""

    def searched(self) -> str:
        """Name the library that is searched, with its size; empty where another source is.

        Raises:
            LibraryError: the file cannot be read.
        """
        source = self.source
        return source.library.described() if isinstance(source, LibrarySource) else ""


@dataclass
class RunSources:
    """What all steps of one run share of its source; see `open_workspace`."""

    asked_anew: set[str] = field(default_factory=set)
    """Videos whose transcripts were fetched again already, where the run asks for that."""
    _sources: dict[str, VideoSource] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def source(self, name: str, make: Callable[[], VideoSource]) -> VideoSource:
        """Return the run's one source of a name, which paces requests and stops at a block."""
        with self._lock:
            if name not in self._sources:
                self._sources[name] = make()
            return self._sources[name]


def open_workspace(context: Context, settings: Settings, shared: RunSources) -> Workspace:
    """Open what a run's options name; blocks.

    Args:
        context: the run's options.
        settings: this installation's.
        shared: what the steps of the run have in common.

    Raises:
        UsageError: a source that there is not, or a path that a request may not name here.
        LibraryError: the library file cannot be used.
    """
    name, notice = _library(context, settings)
    chosen = source_named(context.source)
    reads_only = chosen.name == LIBRARY
    library = _open(name, settings.data_dir, reads_only)
    opening = Opening(settings, library)
    source = (
        chosen.open(opening)
        if reads_only
        else shared.source(chosen.name, lambda: chosen.open(opening))
    )
    return Workspace(
        source=source,
        transcripts=TranscriptGateway(
            library,
            source,
            settings.caption_languages,
            shared.asked_anew if context.fresh else None,
        ),
        notice=notice,
    )


def libraries_of(context: Context, settings: Settings) -> Iterator[Library]:
    """Return the libraries in which the transcripts of a run with these options may lie.

    The bundled samples come last where no library was named: they answered if the own one was
    empty then.

    Raises:
        UsageError: a library that this installation does not let a request name.
        LibraryError: a library file cannot be used.
    """
    name, _ = _library(context, settings)
    yield _open(name, settings.data_dir, reads_only=True)
    if not context.library and name != SAMPLES:
        yield _open(SAMPLES, settings.data_dir, reads_only=True)


def _library(context: Context, settings: Settings) -> tuple[str, str]:
    """The library's name, and what to tell if it is not simply the one that was asked for."""
    if context.library == SAMPLES:
        return SAMPLES, "The bundled samples answer: their channels and people are invented."
    if context.library:
        path = _path(context.library)
        if not _any_path(settings) and not _within(path, settings.data_dir):
            raise UsageError(
                f"The library {context.library} is not in this server's data folder.",
                'Name one that is, or "samples".',
            )
        return str(path), ""
    if context.source == LIBRARY and _is_empty(settings):
        return SAMPLES, (
            "Your library is empty, so the bundled samples answer: their channels and people are "
            "invented. Fill it with: cliptrail library import FILES"
        )
    return "", ""


def _is_empty(settings: Settings) -> bool:
    try:
        if not settings.library_file.exists():
            return True
    except OSError as error:  # a path that one may not even look at
        raise LibraryError(
            f"The library {settings.library_file} cannot be read: {error.strerror}.",
            "Check CLIPTRAIL_DATA_DIR and CLIPTRAIL_LIBRARY.",
        ) from error
    return _open("", settings.data_dir, reads_only=True).count() == 0


def output_folder(context: Context, settings: Settings, owner: str = "") -> Path:
    """Return the folder in which a run writes.

    Args:
        context: the run's options.
        settings: this installation's.
        owner: whose run it is, where several people use one server: each has a folder below the
            output folder, and no other.

    Raises:
        UsageError: a folder that this installation does not let a request name.
    """
    own = settings.output_dir / _folder_name(owner) if owner else settings.output_dir
    if not context.output_dir:
        return own
    path = _path(context.output_dir)
    if (owner or not _any_path(settings)) and not _within(path, own):
        raise UsageError(
            f"The folder {context.output_dir} is not in this server's output folder.",
            "Leave the option empty.",
        )
    return path


def _folder_name(owner: str) -> str:
    """Return the folder of an owner: the name of a key, or whatever else told who somebody is."""
    return owner if NAME.fullmatch(owner) else hash_of(owner)[:32]


def _path(name: str) -> Path:
    """Return a path that a request names, which may begin with a home folder."""
    try:
        path = Path(name).expanduser()
        path.resolve()
    except (RuntimeError, ValueError) as error:  # nobody's home, a null character, a link to itself
        raise UsageError(f"{name!r} is no path: {error}.", "Give another one.") from error
    return path


def _within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


_LIBRARIES: dict[tuple[str, Path, bool], Library] = {}
_OPENING: Turns[tuple[str, Path, bool]] = Turns()


def _open(name: str, data_dir: Path, reads_only: bool) -> Library:
    """Open a library once a process; again where another file has taken its place.

    The data folder is part of the key, for tests that change it.
    """
    key = name, data_dir, reads_only
    with _OPENING.of(key):
        known = _LIBRARIES.get(key)
        if known is None or not known.in_place():
            _LIBRARIES[key] = known = open_library(name, read_only=reads_only or name == SAMPLES)
        return known
