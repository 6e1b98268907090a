"""The command `cliptrail chat`: a conversation in the terminal, all of it on one thread."""

from typing import Annotated

import typer

from cliptrail.cli.errors import exit_on_error
from cliptrail.cli.run_options import OWN, Given, Verbose, with_options
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Threads

DEFAULT_PATTERN = "supervisor"


@exit_on_error()
@with_options("chat")
def chat_command(
    thread: Annotated[
        str,
        typer.Argument(metavar="THREAD", help="A conversation to go on with; else a new one."),
    ] = "",
    pattern: Annotated[
        str,
        typer.Option(
            "--pattern", help="How the agents coordinate.", show_default=OWN.format(DEFAULT_PATTERN)
        ),
    ] = "",
    *,
    given: Given,
    verbose: Verbose = False,
) -> None:
    """Talk with the agents: each request goes on from what the earlier ones found.

    Requests are answered one after the other, and each writes its guide and trail as always.
    Limits hold for each request. /help names what else can be typed. In a pipe each line is a
    request.
    """
    found = Threads(settings().runs_file).find(thread) if thread else None
    context = given.context(found.context if found else None)
    name = pattern or (found.pattern if found else DEFAULT_PATTERN)
    # Imported here: the engine takes seconds, and the help text does not need it.
    from cliptrail.cli.conversation import converse

    converse(found, name, context, verbose=verbose)
