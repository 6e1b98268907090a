"""What the checkpoints of a run weigh, with transcripts as they are and many times longer.

Transcripts stay in the library and the state holds references, so the weight must not follow their
length.
"""

import asyncio
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from langchain_core.runnables import RunnableConfig

from cliptrail.evals.repeat import FOUNDING
from cliptrail.evals.running import MODEL, installation
from cliptrail.graphs.registry import pattern_named
from cliptrail.state.context import Context
from cliptrail.state.media import Segment, Transcript
from cliptrail.state.research import ResearchInput
from cliptrail.tools.checkpoints import open_saver
from cliptrail.tools.library.bundled import bundled_transcripts
from cliptrail.tools.library.store import Library

FILLER = "and we talked on about the weather and the neighbours and nothing in particular"


def longer(transcript: Transcript, times: int) -> Transcript:
    """Return a transcript that goes on with small talk until it is so many times as long."""
    return transcript.model_copy(
        update={"segments": (*transcript.segments, *_talk(transcript, times))}
    )


def _talk(transcript: Transcript, times: int) -> Iterator[Segment]:
    words = sum(len(row.text.split()) for row in transcript.segments)
    begin = max((row.end for row in transcript.segments), default=0.0)
    for number in range((times - 1) * words // len(FILLER.split())):
        yield Segment(start=begin + 5.0 * number, duration=5.0, text=FILLER)


async def weigh(library: Path, runs: Path) -> tuple[int, int]:
    """Run the founding request on a library and give its claims, and its checkpoints' bytes."""
    context = Context(library=str(library), approval="auto", model=MODEL, overwrite=True)
    config: RunnableConfig = {"configurable": {"thread_id": "one"}, "recursion_limit": 10_000}
    async with open_saver(runs) as saver:
        graph = pattern_named("planner").build().compile(checkpointer=saver)
        result = await graph.ainvoke(
            ResearchInput(request=FOUNDING), config, context=context, durability="sync"
        )
    with sqlite3.connect(runs) as db:
        parts = (
            "SELECT sum(length(checkpoint)) FROM checkpoints",
            "SELECT sum(length(value)) FROM writes",
        )
        size = sum(db.execute(part).fetchone()[0] for part in parts)
    return len(result["guide"].claims), size


def main(times: Annotated[int, typer.Option(min=2, help="How much longer.")] = 10) -> None:
    """Print the bytes of a run's checkpoints, and their ratio."""
    typer.echo("| Transcripts | Words read and stored | Claims | Bytes of checkpoints | Ratio |")
    typer.echo("| --- | --- | --- | --- | --- |")
    first = 0
    with installation() as folder, tempfile.TemporaryDirectory() as runs:
        for factor in (1, times):
            rows = [longer(row, factor) for row in bundled_transcripts()]
            file = folder / f"data/library-{factor}.sqlite"
            with Library(file) as library:
                library.add_many(rows)
            claims, size = asyncio.run(weigh(file, Path(runs) / f"{factor}.sqlite"))
            first = first or size
            words = sum(len(part.text.split()) for row in rows for part in row.segments)
            typer.echo(f"| {factor} × | {words:,} | {claims} | {size:,} | {size / first:.2f} |")


if __name__ == "__main__":
    typer.run(main)
