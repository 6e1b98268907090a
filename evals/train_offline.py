"""Learns the weights of the offline engine from a folder of labelled requests."""

from pathlib import Path
from typing import Annotated

import typer

from cliptrail.evals.labelled import read_labelled
from cliptrail.evals.learning import learn, passage_rows, video_rows
from cliptrail.state.errors import CliptrailError
from cliptrail.tools.models.offline.choice.model import SHIPPED, save

EXIT_USAGE = 2


def main(
    data: Annotated[Path, typer.Option(help="Folder of labelled requests.")],
    out: Annotated[Path, typer.Option(help="File for the weights.")] = SHIPPED,
    sets: Annotated[str, typer.Option(help="Only these sets, parted by commas.")] = "",
) -> None:
    """Learn the weights and write them; those that ship are learned from all sets."""
    try:
        labelled = read_labelled(data)
        names = sets.split(",") if sets else list(labelled.libraries)
        passages = [row for row in passage_rows(labelled) if row.asked.set in names]
        videos = [row for row in video_rows(labelled) if row.asked.set in names]
        save(learn(passages, videos), out)
    except CliptrailError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    typer.echo(f"Learned from {len({row.asked.id for row in videos})} requests: {out}")


if __name__ == "__main__":
    typer.run(main)
