"""Refusals: requests over the bundled library that it answers, and as many that it does not.

The requests are ours; the offline engine must tell the ones from the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from cliptrail.evals.running import installation, trail_of_run
from cliptrail.state.research import ResearchInput

ANSWERED = (
    "How do I cook a pork loin on a kamado?",
    "How do I steam milk for a flat white?",
    "How much sealant goes in a 40 mm tyre?",
    "How do I feed a sourdough starter?",
    "How do I true a wheel?",
    "When should I replace a bicycle chain?",
    "How do I clean a coffee grinder?",
    "Is RAID a backup?",
    "Which Wi-Fi channel width should I use?",
    "How do I set the vents on a kamado?",
    "How do I pull a double espresso?",
)
"""Requests that the bundled videos answer."""
REFUSED = (
    "What is the weather",
    "How do I change the oil in my car?",
    "How do I paint a boat?",
    "What are the rules of football?",
    "How do I bake a chocolate cake?",
    "How do I replace the brake pads of a car?",
    "Who won the world cup?",
    "How long do I boil an egg?",
    "How do I install Linux on a laptop?",
    "How do I make yoghurt from milk?",
    "hello",
)
"""Requests on which they say nothing, though they say some of their words."""


@dataclass(frozen=True)
class Outcome:
    """How a request ended."""

    request: str
    answered: bool
    why: str
    """The typed stop reason."""


def outcomes(requests: Sequence[str], pattern: str = "planner") -> Iterator[Outcome]:
    """Run requests on the bundled library with the offline engine, and tell how each ends."""
    with installation() as folder:
        for number, request in enumerate(requests):
            asked = ResearchInput(request=request)
            trail = trail_of_run(asked, pattern, "samples", folder / "out" / str(number))
            found = trail.guide is not None and bool(trail.guide.claims)
            yield Outcome(request, found, trail.stop_reason)


def main(
    pattern: Annotated[str, typer.Option(help="How the agents coordinate.")] = "planner",
) -> None:
    """Run both sets; fails if a request of one ends like one of the other."""
    typer.echo("| Requests | Asked | Answered | Refused as no_evidence |")
    typer.echo("| --- | --- | --- | --- |")
    wrong: list[Outcome] = []
    for name, requests in (("answered by the samples", ANSWERED), ("on something else", REFUSED)):
        rows = list(outcomes(requests, pattern))
        answered = sum(row.answered for row in rows)
        refused = sum(row.why == "no_evidence" for row in rows)
        typer.echo(f"| {name} | {len(rows)} | {answered} | {refused} |")
        wrong += [row for row in rows if row.answered != (requests is ANSWERED)]
    for row in wrong:
        typer.echo(f"{'Answered' if row.answered else row.why}: {row.request}", err=True)
    if wrong:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
