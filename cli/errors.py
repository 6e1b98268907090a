"""How a command ends when something goes wrong: one sentence, a next step, an exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from cliptrail.cli.tables import plain
from cliptrail.state.errors import CliptrailError, UsageError

EXIT_USAGE = 2
"""The command was called wrongly."""
EXIT_PARTIAL = 3
"""Some of it was done, some failed."""
EXIT_FAILURE = 4
"""Nothing was done."""


VALIDATORS_OWN = "Value error, "
"""Which part of the library found it wrong says nothing to a person."""


@contextmanager
def exit_on_error() -> Iterator[None]:
    """Print a CliptrailError on stderr and end the command; works as a decorator too.

    Raises:
        typer.Exit: with code 2 for UsageError, 4 for all others.
    """
    try:
        yield
    except CliptrailError as error:
        typer.echo(f"Error: {plain(str(error))}", err=True)
        code = EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILURE
        raise typer.Exit(code) from error


def confirm(question: str) -> None:
    """Ask whether something may be removed, and end the command unless the answer is yes.

    Raises:
        typer.Exit: with code 4: nothing was done.
    """
    if not typer.confirm(plain(question), err=True):
        typer.echo("Nothing was removed.", err=True)
        raise typer.Exit(EXIT_FAILURE)


class OneSentence(TyperGroup):
    """The commands; what Typer finds wrong with their options is told like any other error."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command; wrong options end in one line instead of a page of help in a box."""
        alone = extra.get("standalone_mode", True)
        extra["standalone_mode"] = False
        if not alone:
            return super().main(*args, **extra)
        try:
            code = super().main(*args, **extra)
        except TyperException as error:
            code = error.exit_code
            sentence = plain(error.format_message()).replace(VALIDATORS_OWN, "")
            if sentence:  # else the help was shown
                stop = "" if sentence.endswith((".", "?")) else "."
                typer.echo(f"Error: {sentence}{stop} {_hint(error)}", err=True)
        except typer.Abort:
            typer.echo("\nNothing was done: the question was not answered with yes.", err=True)
            code = EXIT_FAILURE
        sys.exit(code or 0)


def _hint(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"See: {context.command_path if context else 'cliptrail'} --help"
