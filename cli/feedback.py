"""The command that says what a run was worth: feedback."""

from typing import Annotated, Literal

import typer

from cliptrail.cli.errors import exit_on_error
from cliptrail.state.errors import UsageError
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Threads


@exit_on_error()
def feedback_command(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="Its thread, how that begins, or the run's id.")
    ],
    verdict: Annotated[
        Literal["good", "bad"], typer.Argument(metavar="good|bad", help="Was it any good?")
    ],
    why: Annotated[str, typer.Argument(metavar="WHY", help="In your words.")] = "",
) -> None:
    """Tell LangSmith what a traced run was worth, beside its trace."""
    if not run:
        raise UsageError("No run is named.", "See: cliptrail threads")
    thread = Threads(settings().runs_file).find(run)
    if not thread.ended:
        raise UsageError(
            f"The thread {thread.thread_id} has not ended.",
            f"Go on with: cliptrail resume {thread.thread_id}",
        )
    # Imported here: LangSmith takes a second, and the help text does not need it.
    from cliptrail.tools.feedback import give_feedback

    give_feedback(thread.trace, verdict, why)
    typer.echo(f"LangSmith has your feedback on {thread.thread_id}: {verdict}.")
