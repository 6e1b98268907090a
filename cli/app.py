"""All commands of `cliptrail` in one app."""

from typing import Annotated

import typer

from cliptrail.cli.chat import chat_command
from cliptrail.cli.doctor import doctor_command
from cliptrail.cli.errors import OneSentence
from cliptrail.cli.feedback import feedback_command
from cliptrail.cli.keys import keys_app
from cliptrail.cli.library import library_app
from cliptrail.cli.patterns import patterns_command
from cliptrail.cli.research import plan_command, research_command, resume_command, run_command
from cliptrail.cli.serve import serve_command
from cliptrail.cli.threads import threads_app
from cliptrail.cli.trails import trail_command
from cliptrail.cli.videos import search_command, transcript_command
from cliptrail.versions import current


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cliptrail {current()}")
        raise typer.Exit


app = typer.Typer(
    name="cliptrail",
    cls=OneSentence,
    help="Ask a question; get a guide in which every claim links to the second of the clip.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Ask a question; get a guide in which every claim links to the second of the clip."""


app.command("research")(research_command)
app.command("chat")(chat_command)
app.command("plan")(plan_command)
app.command("run")(run_command)
app.command("resume")(resume_command)
app.command("patterns")(patterns_command)
app.command("trail")(trail_command)
app.command("feedback")(feedback_command)
app.command("search")(search_command)
app.command("transcript")(transcript_command)
app.command("doctor")(doctor_command)
app.command("serve")(serve_command)
app.add_typer(threads_app)
app.add_typer(library_app)
app.add_typer(keys_app)
