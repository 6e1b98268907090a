"""The flags that commands share: made of the fields of `Context`, and two of the command line's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic.fields import FieldInfo

from cliptrail.cli.options import context_of, given_only
from cliptrail.state.context import Command, Context, Option, flag_of, options
from cliptrail.tools.sources.registry import source_names

Output = Annotated[
    Path | None, typer.Option("--output", metavar="FILE.md", help="Where to write the guide.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the trail as JSON on stdout.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show every model call.")]

OWN = "the thread's own, or {}"
"""How the help names the default of an option that a thread keeps."""
THREAD_COMMANDS: tuple[Command, ...] = ("resume", "chat")
"""Commands that change the options of a thread rather than set those of a new run."""
REGISTRIES: dict[str, Callable[[], tuple[str, ...]]] = {"sources": source_names}
"""The names that an option may have as its value, by the registry that knows them."""


@dataclass(frozen=True)
class Given:
    """The options of a run that the command line was given."""

    values: Mapping[str, Any]
    """By the name of the field; those that were not given are None, "" or False."""

    def context(self, base: Context | None = None) -> Context:
        """Return the options of a run.

        Args:
            base: the options of a thread, which stay where nothing else was given; None for the
                defaults.

        Raises:
            UsageError: one of them has a value that does not fit.
        """
        typed = {
            name: value for name, value in self.values.items() if value is not False and value != ""
        }
        kept = base.model_dump() if base else {}
        return context_of(**{**kept, **given_only(**typed)})


def with_options(
    command: Command, **defaults: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command a flag for each option that names the command.

    Typer makes a command's flags from its signature, so that is where they must stand: the
    parameter that is annotated with `Given` is replaced by one for each option.

    Args:
        command: its name.
        defaults: of this command, where they differ from those of `Context`.
    """
    named = [
        _parameter(name, option, command, defaults)
        for name, option in options()
        if command in option.commands
    ]

    def replaced(function: Callable[..., None]) -> Callable[..., None]:
        own = signature(function, eval_str=True).parameters.values()
        (whole,) = (row.name for row in own if row.annotation is Given)
        parts = [named if row.name == whole else [row] for row in own]

        @wraps(function)
        def taking_each(**given: Any) -> None:
            values = {row.name: given.pop(row.name) for row in named}
            function(**given, **{whole: Given(values)})

        _sign(taking_each, [row for part in parts for row in part])
        return taking_each

    return replaced


def _parameter(
    name: str, option: Option, command: Command, defaults: Mapping[str, Any]
) -> Parameter:
    field = Context.model_fields[name]
    kind: Any = field.annotation
    default = defaults.get(name, field.default)
    shown: bool | str = True
    if command in THREAD_COMMANDS and kind is not bool:
        shown = OWN.format(default) if default not in (None, "") else False
        kind, default = kind | None, None
    flag = typer.Option(
        flag_of(name),
        help=_help(field, option),
        metavar=option.metavar or None,
        min=_bound(field, "ge"),
        max=_bound(field, "le"),
        show_default=shown if default != "" else False,
    )
    typed = Annotated[kind, flag]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=typed)


def _help(field: FieldInfo, option: Option) -> str:
    about = " ".join((field.description or "").split())
    if not option.registry:
        return about
    return f"{about} There are: {', '.join(REGISTRIES[option.registry]())}."


def _bound(field: FieldInfo, name: str) -> Any:
    """Return a bound of a number, "ge" or "le"; None if there is none."""
    return next((getattr(row, name) for row in field.metadata if hasattr(row, name)), None)


def _sign(command: Any, parameters: list[Parameter]) -> None:
    command.__annotations__ = {row.name: row.annotation for row in parameters}
    command.__signature__ = Signature(parameters)
