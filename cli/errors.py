"""How a command ends when something goes wrong: one sentence, a next step, an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from cli.tables import plain
from state.errors import CliptrailError, UsageError

EXIT_USAGE = 2
"""The command was called wrongly."""
EXIT_PARTIAL = 3
"""Some of it was done, some failed."""
EXIT_FAILURE = 4
"""Nothing was done."""


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
