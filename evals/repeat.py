"""Repeats one request, with and without its stored plan, and shows that the runs are alike.

The planner pattern is sold on its fixed number of model calls; this command counts them.
"""

from collections.abc import Iterable
from typing import Annotated

import typer

from cliptrail.evals.running import installation, trail_of_run
from cliptrail.state.plan import StoredPlan
from cliptrail.state.research import ResearchInput
from cliptrail.state.trail import Trail

FOUNDING = (
    "How do I cook a pork loin on a kamado? Use techniques from Cinder Porch and Smoke Ledger. "
    "I need temperatures, timing and the grill set-up. Save to pork_loin_guide.md"
)
"""The founding request, on the bundled library."""


def repeat(request: str, runs: int, library: str, pattern: str) -> tuple[list[Trail], list[Trail]]:
    """Return the trails of `runs` runs from the request, and of as many from the first one's plan.

    Raises:
        UsageError: there is no such pattern or library.
    """
    with installation() as folder:
        asked = ResearchInput(request=request)
        planned = [
            trail_of_run(asked, pattern, library, folder / f"out/{number}")
            for number in range(runs)
        ]
        plan = planned[0].plan
        if plan is None:
            return planned, []
        given = ResearchInput(request=request, stored=StoredPlan(plan=plan, notes=planned[0].notes))
        stored = [
            trail_of_run(given, pattern, library, folder / f"out/stored-{number}")
            for number in range(runs)
        ]
    return planned, stored


def row(name: str, trails: list[Trail]) -> str:
    """Return one line of the table; calls and claims as the range over the runs."""
    usage = [trail.usage for trail in trails]
    first = trails[0]
    guide = first.guide
    cited = [entry.channel for entry in guide.coverage if entry.cited] if guide else []
    cells = (
        name,
        str(len(trails)),
        number_range(each.calls for each in usage),
        number_range(each.input_tokens + each.output_tokens for each in usage),
        ", ".join(sorted({trail.status for trail in trails})),
        str(len(guide.claims) if guide else 0),
        ", ".join(cited),
        "; ".join(conflict.topic for conflict in guide.conflicts) if guide else "",
    )
    return f"| {' | '.join(cells)} |"


def number_range(values: Iterable[int]) -> str:
    """Return numbers as one, or as "least to most"."""
    rows = sorted(set(values)) or [0]
    return f"{rows[0]:,}" if len(rows) == 1 else f"{rows[0]:,} to {rows[-1]:,}"


def main(
    request: Annotated[str, typer.Argument(help="The question.")] = FOUNDING,
    runs: Annotated[int, typer.Option(min=1, help="How often.")] = 20,
    library: Annotated[str, typer.Option(help='Its file, or "samples".')] = "samples",
    pattern: Annotated[str, typer.Option(help="How the agents coordinate.")] = "planner",
) -> None:
    """Run a request many times, and as often from its stored plan; fails if calls differ."""
    planned, stored = repeat(request, runs, library, pattern)
    typer.echo("| From | Runs | Model calls | Tokens | Status | Claims | Cited | Disagreements |")
    typer.echo("| --- | --- | --- | --- | --- | --- | --- | --- |")
    parts = [("the request", planned), ("its stored plan", stored)]
    for name, trails in parts:
        if trails:
            typer.echo(row(name, trails))
    if any(len({trail.usage.calls for trail in trails}) > 1 for _, trails in parts):
        typer.echo("The number of model calls differs from run to run.", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
