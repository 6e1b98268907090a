"""What works on this machine and what does not: folders, library, models, YouTube."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from langchain_core.messages import HumanMessage
from langsmith import tracing_context
from pydantic import BaseModel

from cliptrail.state.base import Frozen, Tier
from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError, OutputError, SourceUnavailable
from cliptrail.tools.checkpoints import open_saver
from cliptrail.tools.library import open_library
from cliptrail.tools.models.budget import RunBudget
from cliptrail.tools.models.catalog import Chosen, choose
from cliptrail.tools.models.connections import work_loop
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.settings import Settings
from cliptrail.tools.sources.youtube import YouTubeSource

KNOWN_VIDEO = "jNQXAC9IVRw"
"""The first video of YouTube, which has captions."""
TIERS: tuple[Tier, ...] = ("powerful", "capable", "cheap")


class Check(Frozen):
    """One thing that was tried."""

    name: str
    works: bool
    what: str
    """What was found, or why it does not work."""
    next_step: str = ""
    """What to do about it; empty if nothing need be done."""


class Sum(BaseModel):
    """The answer to a question that any model can answer."""

    total: int


def checks(settings: Settings, *, online: bool) -> Iterator[Check]:
    """Try one thing after the other and give what came of it; blocks.

    Args:
        settings: this installation's.
        online: also ask the models (a fraction of a cent) and YouTube.
    """
    yield _tried("data folder", lambda: _writable(settings.data_dir))
    yield _tried("output folder", lambda: _writable(settings.output_dir))
    yield _tried("library", lambda: _library(settings))
    yield _tried("saved runs", lambda: _runs(settings))
    # One loop for all models: their clients keep connections that belong to it.
    with work_loop() as runner:
        for chosen, tiers in _models(settings).items():
            name = f"model ({', '.join(tiers)})"
            yield _tried(name, _asking(runner, settings, chosen, tiers[0], online=online))
    if online:
        yield from _youtube(settings)


def _tried(name: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(name=name, works=True, what=attempt())
    except CliptrailError as error:
        return Check(name=name, works=False, what=error.message, next_step=error.next_step)
    except OSError as error:  # a path that one may not even look at
        return Check(
            name=name,
            works=False,
            what=f"{error.filename} cannot be read: {error.strerror}.",
            next_step="Check CLIPTRAIL_DATA_DIR and CLIPTRAIL_LIBRARY.",
        )


def _writable(folder: Path) -> str:
    try:
        folder.expanduser().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder.expanduser()):
            return str(folder.expanduser().resolve())
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written to: {error.strerror}.",
            "Set CLIPTRAIL_DATA_DIR or CLIPTRAIL_OUTPUT_DIR to a folder that can.",
        ) from error


def _library(settings: Settings) -> str:
    if not settings.library_file.exists():
        return "empty; the bundled samples answer. Fill it with: cliptrail library import FILES"
    with open_library(read_only=True) as library:
        return f"{library.count()} videos in {library.path}"


def _runs(settings: Settings) -> str:
    if not settings.runs_file.exists():
        return "there are none yet"

    async def opened() -> None:
        async with open_saver(settings.runs_file) as saver:
            await saver.setup()

    asyncio.run(opened())
    return str(settings.runs_file)


def _models(settings: Settings) -> dict[Chosen, list[Tier]]:
    found: dict[Chosen, list[Tier]] = {}
    for tier in TIERS:
        found.setdefault(choose(tier, settings), []).append(tier)
    return found


def _asking(
    runner: asyncio.Runner, settings: Settings, chosen: Chosen, tier: Tier, *, online: bool
) -> Callable[[], str]:
    """Return the attempt to ask a model through the gateway, as every call goes."""

    def ask() -> str:
        if chosen.offline:
            return "the offline engine: rules, not a language model. For one, set OPENAI_API_KEY"
        if not online:
            return f"{chosen}, not asked"
        gateway = ModelGateway(Context(), settings, RunBudget(), "doctor")
        question = [HumanMessage("What is 2 + 3?")]
        with tracing_context(enabled=False):  # a question that belongs to no run
            runner.run(gateway.ask("doctor", question, Sum, tier=tier))
        call = gateway.calls[-1]
        return f"{chosen} answers by {call.method} in {call.seconds:.1f} s"

    return ask


def _youtube(settings: Settings) -> Iterator[Check]:
    try:
        source = YouTubeSource(settings)
    except CliptrailError as error:
        yield Check(name="YouTube", works=False, what=error.message, next_step=error.next_step)
        return
    yield _tried("YouTube search", lambda: _found(source))
    yield _tried("YouTube transcripts", lambda: _said(source))


def _found(source: YouTubeSource) -> str:
    if not source.search("how to", limit=1):
        raise SourceUnavailable(
            "A search that fits very many videos found none: YouTube may have changed its pages.",
            "Upgrade with `pip install -U yt-dlp`.",
        )
    return "1 video found"


def _said(source: YouTubeSource) -> str:
    return f"{len(source.transcript(KNOWN_VIDEO).segments)} lines of {KNOWN_VIDEO}"
