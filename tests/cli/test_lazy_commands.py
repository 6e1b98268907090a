"""The list of commands says of each what the command itself says."""

import typer

from cliptrail.cli.app import app
from cliptrail.cli.lazy import COMMANDS


def test_the_list_has_the_first_paragraph_of_each_help_text() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    shown = {name: " ".join(row.help.split("\n\n")[0].split()) for name, row in commands.items()}
    assert shown == {name: summary for name, (_, summary) in COMMANDS.items()}
