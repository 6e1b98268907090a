"""All commands of `cliptrail` in one app: each is imported when it is called."""

from typing import Annotated

import typer

from cliptrail.cli.lazy import LazyCommands


def _version(wanted: bool) -> None:
    if wanted:
        from cliptrail.versions import current

        typer.echo(f"cliptrail {current()}")
        raise typer.Exit


app = typer.Typer(
    name="cliptrail",
    cls=LazyCommands,
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
