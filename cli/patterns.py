"""The command that lists the ways of coordinating agents: patterns."""

from typing import Annotated

import typer

from cliptrail.cli.errors import exit_on_error
from cliptrail.cli.tables import show_json, show_rows
from cliptrail.graphs.registry import Pattern, patterns


@exit_on_error()
def patterns_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the patterns: how the agents can coordinate."""
    rows = patterns().values()
    if as_json:
        show_json([_described(row) for row in rows])
        return
    show_rows(
        ("Pattern", "Approval and stored plans", "Who decides, and what it is good for"),
        ((row.name, "yes" if row.plans else "no", row.summary) for row in rows),
    )


def _described(row: Pattern) -> dict[str, object]:
    return {"name": row.name, "plans": row.plans, "summary": row.summary}
