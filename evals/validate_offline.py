"""Cross-validates the offline engine: what it chooses in domains that it has not learned from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from cliptrail.evals.labelled import read_labelled
from cliptrail.evals.learning import (
    MISSED,
    PassageRow,
    by_request,
    folds,
    learn_passages,
    left_out,
    passage_rows,
    video_rows,
)
from cliptrail.state.errors import CliptrailError
from cliptrail.tools.models.offline.choice.features import standardized

EXIT_USAGE = 2
TAKEN = 20
"""Passages."""
HALF, WORDS = 0.5, 125
"""Share of a span, or characters of it, from which it is found."""


def passages_found(rows: Sequence[PassageRow]) -> dict[str, tuple[float, float, float]]:
    """Return average precision, recall of graded spans at 20 and claims stated, by request."""
    found: dict[str, tuple[float, float, float]] = {}
    for fold in folds(row.read.domain for row in rows):
        left = {row.asked.id for row in rows if row.read.domain in fold}
        weights = learn_passages([row for row in rows if row.asked.id not in left])
        for together in by_request([row for row in rows if row.asked.id in left]):
            values = weights.value(standardized([row.columns for row in together]))
            found[together[0].asked.id] = _measured(together, values)
    return found


def _measured(rows: Sequence[PassageRow], values: Any) -> tuple[float, float, float]:
    inside = np.concatenate(
        [
            [any(row.read.shared(each, span) >= HALF for span in row.spans) for each in passages]
            for row in rows
            for passages in [row.read.spoken.passages]
        ]
    )
    order = np.argsort(-values, kind="stable")
    taken = np.zeros(len(values), dtype=bool)
    taken[order[:TAKEN]] = True
    at = got = total = stated = claims = 0.0
    for row in rows:
        count = len(row.read.spoken.passages)
        mine = [p for n, p in enumerate(row.read.spoken.passages) if taken[int(at) + n]]
        for place, span in enumerate(row.spans):
            total += span.grade
            got += span.grade * (_covered(row, span, mine) >= HALF)
            best = row.stated[:, place].max(initial=0)
            if best >= 0.35:  # what no passage states is no fault of the choice
                claims += 1
                own = row.stated[taken[int(at) : int(at) + count], place].max(initial=0)
                stated += own >= max(0.35, 0.8 * best)
        at += count
    return _precision(inside[order]), got / max(1, total), stated / claims if claims else 1.0


def _covered(row: PassageRow, span: Any, taken: Sequence[Any]) -> float:
    """Return the share of a span that passages cover; 1 if they cover many of its words."""
    begin, end = row.read.words(span)
    places = row.read.places
    covered = sum(
        max(0, min(end, places[p.last][1]) - max(begin, places[p.first][0])) for p in taken
    )
    return 1.0 if covered >= WORDS else covered / max(1, end - begin)


def _precision(hits: Any) -> float:
    """Return the average precision of an order."""
    ranks = np.flatnonzero(hits) + 1
    return float(np.mean(np.arange(1, len(ranks) + 1) / ranks)) if len(ranks) else 0.0


def main(data: Annotated[Path, typer.Option(help="Folder of labelled requests.")]) -> None:
    """Print what the choice finds when the domain of each request is left out of learning."""
    try:
        labelled = read_labelled(data)
        sets = {row.id: row.set for row in labelled.requests}
        found = passages_found(passage_rows(labelled))
        rated = list(left_out(video_rows(labelled)))
    except CliptrailError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    typer.echo("| Requests | Average precision | Recall at 20 | Claims stated |")
    typer.echo("| --- | --- | --- | --- |")
    for name in ["", *sorted(labelled.libraries)]:
        rows = [row for key, row in found.items() if name in {"", sets[key]}]
        values = " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0))
        typer.echo(f"| {name or 'all'} ({len(rows)}) | {values} |")
    own = np.array([score for row, score, _ in rated if row.kind == "own"])
    none = np.array([score for row, score, _ in rated if row.kind == "unanswered"])
    least = float(np.quantile(own, MISSED))
    right = np.mean([right for row, _, right in rated if row.kind == "own"])
    typer.echo(f"\nAnswered: {(own >= least).mean():.3f} of {len(own)}")
    if len(none):
        typer.echo(f"Refused: {(none < least).mean():.3f} of {len(none)}")
    typer.echo(f"The best video is one that answers: {right:.3f}")


if __name__ == "__main__":
    typer.run(main)
