"""The patterns side by side on one request: calls, tokens, context, seconds, what came of it.

The command behind the choice that a user makes "with evidence". Only the seconds differ from run
to run with the offline engine; the rest is generated into the documentation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from cliptrail.evals.repeat import FOUNDING, number_range
from cliptrail.evals.running import installation, trail_of_run
from cliptrail.graphs.registry import OURS
from cliptrail.state.research import ResearchInput
from cliptrail.state.trail import Trail
from cliptrail.state.usage import CallKind

VARIANTS: Mapping[str, tuple[str, dict[str, Any]]] = {
    **{name: (name, {}) for name in OURS},
    "handoff, validation by a model": ("handoff", {"validation": "model"}),
}
"""What is compared: a name → a pattern and the options that it runs with."""
HEAD = (
    "Pattern",
    "Model calls",
    "Coordination",
    "Work",
    "Tokens",
    "Largest prompt",
    "Of coordination",
    "Status",
    "Claims",
    "Channels cited",
)


@dataclass(frozen=True)
class Compared:
    """One variant and the trails of its runs."""

    name: str
    trails: Sequence[Trail]

    @property
    def calls(self) -> list[int]:
        """Numbers of model calls that came up, in order; one if every run made the same."""
        return sorted({trail.usage.calls for trail in self.trails})

    def cells(self) -> tuple[str, ...]:
        """Return the row of the table, below `HEAD`."""
        usage = [trail.usage for trail in self.trails]
        guides = [trail.guide for trail in self.trails if trail.guide]
        cited = {row.channel for guide in guides for row in guide.coverage if row.cited}
        return (
            self.name,
            number_range(self.calls),
            number_range(row.coordination.calls for row in usage),
            number_range(row.work.calls for row in usage),
            number_range(row.input_tokens + row.output_tokens for row in usage),
            number_range(map(largest_prompt, self.trails)),
            number_range(largest_prompt(row, "coordination") for row in self.trails),
            ", ".join(sorted({trail.status for trail in self.trails})),
            number_range(len(guide.claims) for guide in guides),
            str(len(cited)),
        )

    def seconds(self) -> float:
        """Return the median of the wall times."""
        return sorted(trail.timing.seconds for trail in self.trails)[len(self.trails) // 2]


def largest_prompt(trail: Trail, kind: CallKind | None = None) -> int:
    """Return the tokens of the largest prompt of a run.

    Args:
        trail: of the run.
        kind: only of coordination or of work; None for both.
    """
    calls = [call for call in trail.ledger if kind in (None, call.kind)]
    return max((call.input_tokens for call in calls), default=0)


def compare(request: str, runs: int, library: str, names: Sequence[str]) -> list[Compared]:
    """Run a request in each variant, some times.

    Args:
        request: the question.
        runs: how often.
        library: its file, or "samples".
        names: of `VARIANTS`.

    Raises:
        UsageError: there is no such library.
    """
    asked = ResearchInput(request=request)
    rows = []
    with installation() as folder:
        for name in names:
            pattern, options = VARIANTS[name]
            trails = [
                trail_of_run(asked, pattern, library, folder / f"out/{name}/{number}", options)
                for number in range(runs)
            ]
            rows.append(Compared(name, trails))
    return rows


def main(
    request: Annotated[str, typer.Argument(help="The question.")] = FOUNDING,
    runs: Annotated[int, typer.Option(min=1, help="How often.")] = 20,
    library: Annotated[str, typer.Option(help='Its file, or "samples".')] = "samples",
    only: Annotated[list[str] | None, typer.Option("--pattern", help="Only this one.")] = None,
) -> None:
    """Run a request in every pattern; fails if the number of model calls differs between runs."""
    rows = compare(request, runs, library, only or list(VARIANTS))
    for cells in [(*HEAD, "Seconds, median"), ("---",) * (len(HEAD) + 1)]:
        typer.echo(f"| {' | '.join(cells)} |")
    for row in rows:
        typer.echo(f"| {' | '.join((*row.cells(), f'{row.seconds():.2f}'))} |")
    if any(len(row.calls) > 1 for row in rows):
        typer.echo("The number of model calls differs from run to run.", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
