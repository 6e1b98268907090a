"""The commands of `cliptrail key`: make, list and remove the keys of the server."""

from typing import Annotated

import typer

from cliptrail.cli.errors import exit_on_error
from cliptrail.tools.keys import known_keys, new_key, remove_key
from cliptrail.tools.settings import settings

keys_app = typer.Typer(
    name="key",
    help="Create, list, and remove keys: who may call the server, and who owns which runs.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(help="Owner of the key: lowercase letters, digits, - and _.")]


@keys_app.command("new")
@exit_on_error()
def new(name: Name) -> None:
    """Make a key and print it, this once: only its hash is kept.

    Once there is a key, the server refuses every call without one.
    """
    key = new_key(name, settings())
    typer.echo(
        f"The key of {name}. Keep it: it is not shown again. Send it as X-Api-Key.", err=True
    )
    typer.echo(key)


@keys_app.command("list")
@exit_on_error()
def list_() -> None:
    """List the names of the keys."""
    names = known_keys(settings())
    if not names:
        typer.echo("There are no keys: the server accepts calls from this machine only.", err=True)
    for name in sorted(names):
        typer.echo(name)


@keys_app.command("remove")
@exit_on_error()
def remove(name: Name) -> None:
    """Remove a key: the server refuses it from the next call on. What it owns stays."""
    remove_key(name, settings())
    typer.echo(f"Removed the key of {name}.", err=True)
