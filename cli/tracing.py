"""Sends the traces of a command's run, and says what was lost of them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from cliptrail.cli.tables import plain
from cliptrail.tools.tracing import finish_tracing, start_tracing


@contextmanager
def sending_traces() -> Iterator[None]:
    """Send what is left of the traces when a command has ended; works as a decorator too.

    Raises:
        UsageError: the environment variables for tracing are wrong.
    """
    start_tracing()
    try:
        yield
    finally:
        sys.stdout.flush()  # the result is there before anybody waits for a trace
        if trouble := finish_tracing():
            typer.echo(plain(trouble), err=True)
