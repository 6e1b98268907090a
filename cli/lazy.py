"""The commands by name: each module is imported when its command is called, not for a help text."""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand

from cliptrail.cli.errors import OneSentence, exit_on_error

COMMANDS = {
    "research": (
        "research:research_command",
        "Answer a question with a guide in which every claim links to the second of a clip.",
    ),
    "chat": (
        "chat:chat_command",
        "Talk with the agents: each request goes on from what the earlier ones found.",
    ),
    "plan": (
        "research:plan_command",
        "Make a plan and save it; run nothing. Run it later with: cliptrail run PLAN.yaml.",
    ),
    "run": (
        "research:run_command",
        "Run a stored plan: no planning call is made, unless --max-replans allows one.",
    ),
    "resume": (
        "research:resume_command",
        "Go on with a run that was interrupted, waits, or ended early; what is done stays done.",
    ),
    "patterns": ("patterns:patterns_command", "List the patterns: how the agents can coordinate."),
    "trail": (
        "trails:trail_command",
        "Show a trail: plan against actual, the ledger, the evidence.",
    ),
    "feedback": (
        "feedback:feedback_command",
        "Tell LangSmith what a traced run was worth, beside its trace.",
    ),
    "search": ("videos:search_command", "Find videos, on YouTube or in the library."),
    "transcript": ("videos:transcript_command", "Show what is said in a video."),
    "doctor": (
        "doctor:doctor_command",
        "Check folders, library, models and YouTube; ends with 3 if something does not work.",
    ),
    "serve": (
        "serve:serve_command",
        "Serve the page, and every pattern over the LangGraph API: for Studio, the SDKs and MCP.",
    ),
    "threads": (
        "threads:threads_app",
        "List the runs on this machine, the last one first; remove those that are over.",
    ),
    "library": ("library:library_app", "Keep transcripts on this machine."),
    "key": (
        "keys:keys_app",
        "Create, list, and remove keys: who may call the server, and who owns which runs.",
    ),
}
"""Where each command is, and the first paragraph of its help text."""


class _Imported(MutableMapping[str, Any]):
    """The commands by name, imported when they are looked up."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = _imported(COMMANDS[name][0], name)
        return self.known[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self.known[name] = command

    def __delitem__(self, name: str) -> None:
        del self.known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _imported(place: str, name: str) -> Any:
    module, attribute = place.split(":")
    found = getattr(import_module(f"cliptrail.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(found)
    return typer.main.get_command(alone)


class LazyCommands(OneSentence):
    """All commands; listing them imports none."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Imported()

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands, in the order of the help text."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> "_OnCall | None":
        """Return a command that is imported when it is called; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        return _OnCall(cmd_name, COMMANDS[cmd_name][1], self.commands)


class _OnCall(TyperCommand):
    """Stands for a command in the list of commands."""

    def __init__(self, name: str, summary: str, commands: MutableMapping[str, Any]) -> None:
        super().__init__(name, help=summary)
        self.commands = commands

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Import the command, and let it read its arguments."""
        with exit_on_error():  # the import reads the settings, which may be wrong
            command = self.commands[self.name or ""]
        return command.make_context(info_name, args, parent, **extra)
