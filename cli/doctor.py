"""The command doctor: what works, what does not, and what to do about it."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from cliptrail.cli.errors import EXIT_PARTIAL, exit_on_error
from cliptrail.cli.tables import plain, show_json
from cliptrail.tools.settings import settings

if TYPE_CHECKING:
    from cliptrail.tools.health import Check


@exit_on_error()
def doctor_command(
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask neither the models nor YouTube.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check folders, library, models and YouTube; ends with 3 if something does not work."""
    # Imported here: the models' packages take seconds, and the help text does not need them.
    from cliptrail.tools.health import checks

    console = Console()
    found: list[Check] = []
    for check in checks(settings(), online=not offline):
        found.append(check)
        if not as_json:
            _show(console, check)
    if as_json:
        show_json([row.model_dump() for row in found])
    if not all(row.works for row in found):
        raise typer.Exit(EXIT_PARTIAL)


def _show(console: Console, check: "Check") -> None:
    mark, style = ("✓", "green") if check.works else ("✗", "red")
    line = Text(f"{mark} {check.name}: ", style=style)
    line.append(plain(f"{check.what} {check.next_step}".strip()), style="default")
    console.print(line, soft_wrap=True)
