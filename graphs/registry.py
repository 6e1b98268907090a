"""The patterns: one list for the command line, the server and the tests."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from cliptrail.state.errors import UsageError
from cliptrail.tools.plugins import (
    distribution_of,
    load_file,
    load_plugin,
    plugins,
    reported,
)
from cliptrail.tools.settings import settings

if TYPE_CHECKING:
    from cliptrail.graphs.base import Builder


@dataclass(frozen=True)
class Pattern:
    """A way of coordinating agents."""

    name: str
    summary: str
    """Who decides what comes next, and what it is good for."""
    build: Callable[[], "Builder"]
    decides: str = "dispatch"
    """The node that decides what is done: where a run that ended early goes on."""
    plans: bool = False
    """Does it show a plan, ask for approval, and carry out stored ones?"""
    remembers: bool = False
    """Does it go on from what earlier runs of the thread found, as `frame` is told?"""


def module_of(name: str) -> str:
    """Return the module that holds `build` and `graph` of a pattern of ours: one file a pattern."""
    return f"cliptrail.graphs.{name}"


def _ours(name: str) -> Callable[[], "Builder"]:
    """Return the `build` of a pattern of ours, whose module is imported when it is called.

    LangGraph takes a second to import, and a list of the patterns needs none of it.
    """

    def build() -> "Builder":
        built: Builder = import_module(module_of(name)).build()
        return built

    return build


OURS = {
    pattern.name: pattern
    for pattern in (
        Pattern(
            "planner",
            "One planning call and your approval, then nobody decides any more: for batches, "
            "audit and cost.",
            _ours("planner"),
            decides="planner",
            plans=True,
        ),
        Pattern(
            "supervisor",
            "A supervisor decides each round, from results in short: for conversation and "
            "follow-up questions.",
            _ours("supervisor"),
            decides="supervisor",
            remembers=True,
        ),
        Pattern(
            "react",
            "One agent with all tools, which decides after every observation: for small "
            "questions, and the baseline that every team must beat.",
            _ours("react"),
            decides="agent",
        ),
        Pattern(
            "handoff",
            "Each agent judges your goal after its work and hands on: for exploration, and for "
            "work that depends on what is found.",
            _ours("handoff"),
            decides="synthesizer",
        ),
    )
}


_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def patterns() -> dict[str, Pattern]:
    """Return all patterns by name: ours first, then those of files, then those of plugins.

    A user's pattern is a `Pattern` in a Python file that the setting `CLIPTRAIL_PATTERNS` names, or
    one that an entry point of the group `cliptrail.patterns` names. A plugin that cannot be loaded
    is left out, and the log says so.

    Raises:
        UsageError: a file cannot be imported or holds no pattern, or a name is taken or no name.
    """
    found = dict(OURS)
    for file in settings().pattern_files:
        module = load_file(file, "CLIPTRAIL_PATTERNS")
        own = [row for row in vars(module).values() if isinstance(row, Pattern)]
        if not own:
            raise UsageError(
                f"The file {file} holds no pattern.",
                "Write in it: pattern = Pattern(name, summary, build).",
            )
        for row in own:
            _check_name(row.name, found)
            found[row.name] = row
    for name in plugins("cliptrail.patterns"):
        with reported():
            row = _of_plugin(name)
            _check_name(name, found)
            found[name] = row
    return found


def _of_plugin(name: str) -> Pattern:
    plugin = plugins("cliptrail.patterns")[name]
    found = load_plugin(plugin)
    if not isinstance(found, Pattern) or found.name != name:
        raise UsageError(
            f"The plugin {name!r} of {distribution_of(plugin)} is no Pattern of that name.",
            "Let the entry point name a Pattern, and bear its name.",
        )
    return found


def pattern_named(name: str) -> Pattern:
    """Return a pattern by name.

    Raises:
        UsageError: there is none of that name, or a user's own cannot be had.
    """
    known = patterns()
    if name in known:
        return known[name]
    if name in plugins("cliptrail.patterns"):
        return _of_plugin(name)  # raises what is wrong with it
    raise UsageError(f"There is no pattern {name!r}.", f"There are: {', '.join(known)}.")


def _check_name(name: str, found: dict[str, Pattern]) -> None:
    if name in found:
        raise UsageError(f"There are two patterns named {name!r}.", "Rename one of them.")
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"A pattern cannot be named {name!r}.",
            "Use lower-case letters, digits and underscores, starting with a letter.",
        )
