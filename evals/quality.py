"""Quality of guides: runs every request of a gold file with the offline engine, and scores it.

The gold file, the transcripts and the scorer lie outside the project; nothing of them is kept.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graphs.registry import PATTERNS
from state.context import Context
from state.errors import CliptrailError, UsageError
from state.media import Transcript
from tools.library.importing import read_files
from tools.library.store import Library
from tools.settings import settings

MODEL = "offline:rules"
TRAIL_SUFFIX = ".trail.json"
EXIT_USAGE = 2


class Question(BaseModel):
    """One request of a gold file; its facts are the scorer's business."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """Name of its trail."""
    request: str


class Gold(BaseModel):
    """What is read of a gold file."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    requests: tuple[Question, ...] = ()
    """Requests that the transcripts answer."""
    unanswerable: tuple[Question, ...] = ()
    """Requests that they do not answer."""


def read_gold(path: Path) -> Gold:
    """Read a gold file.

    Raises:
        UsageError: it cannot be read, or is none.
    """
    try:
        return Gold.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UsageError(
            f"{path} is no gold file: {str(error).splitlines()[0]}",
            'Give a JSON file with "requests" and "unanswerable".',
        ) from error


def run_all(
    gold: Gold,
    transcripts: Path,
    out: Path,
    pattern: str = "planner",
    tell: Callable[[str, str], None] = lambda name, message: None,
) -> None:
    """Run every request of a gold file and write its trail as `out/<id>.json`.

    Args:
        gold: the requests.
        transcripts: folder of transcripts; they make a library that is thrown away afterwards.
        out: folder for the trails; made if it is not there.
        pattern: how the agents coordinate.
        tell: is told each request's id and the summary of its run.

    Raises:
        UsageError: there is no such pattern, or a transcript cannot be read.
    """
    if pattern not in PATTERNS:
        raise UsageError(
            f"There is no pattern {pattern!r}.", f"Choose one of: {', '.join(sorted(PATTERNS))}."
        )
    out.mkdir(parents=True, exist_ok=True)
    with _installation() as folder:
        library = folder / "data" / "quality.sqlite"
        _fill(library, transcripts)
        for question in (*gold.requests, *gold.unanswerable):
            result = asyncio.run(_run(question, pattern, library, folder / "out" / question.id))
            trail = next(name for name in result["files"] if name.endswith(TRAIL_SUFFIX))
            (out / f"{question.id}.json").write_bytes(Path(trail).read_bytes())
            tell(question.id, result["message"])


@contextmanager
def _installation() -> Iterator[Path]:
    """Stand in for this machine's settings: an empty folder, no keys, no model but our own."""
    with tempfile.TemporaryDirectory(prefix="quality-") as name:
        folder = Path(name)
        (folder / "data").mkdir()
        own = {
            "CLIPTRAIL_DATA_DIR": str(folder / "data"),
            "CLIPTRAIL_OUTPUT_DIR": str(folder / "out"),
            "CLIPTRAIL_ALLOW_MODEL_REQUESTS": "false",
        }
        before = {key: os.environ.get(key) for key in own}
        os.environ |= own
        settings.cache_clear()
        try:
            yield folder
        finally:
            for key, value in before.items():
                if value is None:
                    del os.environ[key]
                else:
                    os.environ[key] = value
            settings.cache_clear()


def _fill(library: Path, transcripts: Path) -> None:
    rows = list(read_files([transcripts]))
    found = [row for row in rows if isinstance(row, Transcript)]
    if len(found) < len(rows):
        problem = next(row for row in rows if not isinstance(row, Transcript))
        raise UsageError(f"{problem.path}: {problem.reason}", problem.next_step)
    with Library(library) as store:
        store.add_many(found)


async def _run(question: Question, pattern: str, library: Path, out: Path) -> dict[str, Any]:
    graph = PATTERNS[pattern].build().compile(checkpointer=InMemorySaver())
    config: RunnableConfig = {"configurable": {"thread_id": question.id}, "recursion_limit": 10_000}
    context = Context(
        library=str(library), output_dir=str(out), approval="auto", model=MODEL, overwrite=True
    )
    result: dict[str, Any] = await graph.ainvoke(
        {"request": question.request}, config, context=context
    )
    return result


def score(scorer: Path, gold: Path, out: Path, transcripts: Path) -> str:
    """Give the table of a scorer: `python SCORER --all GOLD OUT TRANSCRIPTS`.

    Raises:
        UsageError: the scorer fails.
    """
    command = [sys.executable, str(scorer), "--all", str(gold), str(out), str(transcripts)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise UsageError(f"{scorer} failed: {done.stderr.strip()}", "Run it by hand.")
    return done.stdout


def main(
    gold: Annotated[Path, typer.Option(help="The gold file.")],
    transcripts: Annotated[Path, typer.Option(help="Folder of its transcripts.")],
    out: Annotated[Path, typer.Option(help="Folder for the trails.")],
    scorer: Annotated[Path | None, typer.Option(help="Program that scores them.")] = None,
    pattern: Annotated[str, typer.Option(help="How the agents coordinate.")] = "planner",
) -> None:
    """Run every request of a gold file with the offline engine, and score the trails."""
    try:
        run_all(read_gold(gold), transcripts, out, pattern, _tell)
        if scorer is not None:
            typer.echo(score(scorer, gold, out, transcripts))
    except CliptrailError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error


def _tell(name: str, message: str) -> None:
    typer.echo(f"{name}: {message.splitlines()[0]}", err=True)


if __name__ == "__main__":
    typer.run(main)
