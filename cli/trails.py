"""The command that looks back: trail."""

import json
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from cliptrail.cli.errors import exit_on_error
from cliptrail.cli.tables import plain, show_rows
from cliptrail.plans.views import cost_text, usd_text
from cliptrail.state.errors import UsageError
from cliptrail.state.path import Move, path_text
from cliptrail.state.trail import StepAudit, Trail
from cliptrail.state.usage import Share
from cliptrail.tools.files import read_file, trail_path
from cliptrail.tools.text.times import clock

TRAIL_VERSION = Trail.model_fields["version"].default


@exit_on_error()
def trail_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A trail, or its guide.")],
) -> None:
    """Show a trail: plan against actual, the ledger, the evidence."""
    show_trail(read_trail(file))


def show_trail(trail: Trail) -> None:
    """Print a trail for people."""
    typer.echo(plain(trail.request))
    typer.echo(plain(f"{trail.pattern}: {trail.status} ({trail.stop_reason})"))
    if trail.stop_message:
        typer.echo(plain(trail.stop_message))
    typer.echo(
        f"Answered by {plain(trail.engine)} in {trail.timing.seconds:.1f} s.\n\nPlan and actual"
    )
    show_rows(
        ("Step", "Agent", "Outcome", "Planned", "Actual", "Started", "Why"),
        (_audit_row(row) for row in trail.audit),
        named=True,
    )
    if trail.path:
        typer.echo(f"\nPath\n{plain(path_text(trail.path))}")
        show_rows(
            ("By", "Turn", "To", "Intent", "Why"),
            (_move_row(row) for row in trail.path),
            named=True,
        )
    typer.echo("\nLedger")
    parts = {
        **trail.usage.by_role,
        "coordination": trail.usage.coordination,
        "work": trail.usage.work,
        "in all": trail.usage,
    }
    show_rows(
        ("For", "Calls", "Tokens in", "Tokens out", "Price"),
        (_share_row(name, part) for name, part in parts.items()),
        named=True,
    )
    if trail.path:
        typer.echo("\nContext of each decision")
        show_rows(
            ("Call", "For", "Tokens in", "Tokens out", "Price"), _decisions(trail), named=True
        )
    typer.echo("\nEvidence")
    show_rows(("Claim", "Video", "At", "Quote"), _evidence(trail), named=True)
    if trail.left_out:
        typer.echo("\nLeft out of the guide")
        show_rows(
            ("Claim", "Why"), ((row.claim.text, row.reason) for row in trail.left_out), named=True
        )
    if trail.incidents:
        typer.echo("\nOn the way")
        show_rows(("Where", "What"), ((row.where, row.what) for row in trail.incidents), named=True)


def read_trail(file: Path) -> Trail:
    """Read a trail, named by itself or by its guide.

    Raises:
        UsageError: there is none, or it is not one.
    """
    path = trail_path(file) if file.suffix == ".md" else file
    content = read_file(path, "Name a .trail.json file, or its guide.")
    _check_version(path, content)
    try:
        return Trail.model_validate_json(content)
    except ValidationError as error:
        raise UsageError(f"{path} is not a trail.", "Name a .trail.json file.") from error


def _check_version(path: Path, content: bytes) -> None:
    """Look at the version first: the fields of another one may all be different."""
    try:
        data: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not a trail.", "Name a .trail.json file.") from error
    version = data.get("version", TRAIL_VERSION) if isinstance(data, dict) else TRAIL_VERSION
    if version != TRAIL_VERSION:
        raise UsageError(
            f"{path} has trail format {version}; this cliptrail reads format {TRAIL_VERSION}.",
            "Upgrade cliptrail.",
        )


def _audit_row(row: StepAudit) -> tuple[str, ...]:
    return (
        row.id,
        row.agent or f"({row.planned_agent})",
        f"{row.outcome or 'not run'}{' (replaced)' if row.superseded else ''}",
        f"{cost_text(row.planned)}, {row.planned.seconds:.0f} s",
        f"{cost_text(row.actual)}, {row.actual.seconds:.1f} s",
        "" if row.started is None else f"{row.started:.1f} s",
        row.reason,
    )


def _move_row(row: Move) -> tuple[str, ...]:
    return row.by, row.turn, ", ".join(row.to), row.intent, row.reason


def _share_row(name: str, part: Share) -> tuple[str, ...]:
    return (
        name,
        str(part.calls),
        f"{part.input_tokens:,}",
        f"{part.output_tokens:,}",
        usd_text(part.usd),
    )


def _decisions(trail: Trail) -> list[tuple[str, ...]]:
    """The calls that coordinated, in order: how the context at the centre grew can be plotted."""
    rows = [row for row in trail.ledger if row.kind == "coordination" and not row.step]
    return [
        (
            str(number),
            row.role,
            f"{row.input_tokens:,}",
            f"{row.output_tokens:,}",
            usd_text(row.usd),
        )
        for number, row in enumerate(sorted(rows, key=lambda row: row.started), 1)
    ]


def _evidence(trail: Trail) -> list[tuple[str, ...]]:
    if trail.guide is None:
        return []
    return [
        (claim.text, row.video_id, clock(row.start), row.quote)
        for claim in (*trail.guide.claims, *trail.guide.unverified)
        for row in claim.citations
    ]
