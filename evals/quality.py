"""Quality of guides: runs every request of a gold file with the offline engine, and scores it.

The gold file, the transcripts and the scorer lie outside the project; nothing of them is kept.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cliptrail.evals.running import installation, trail_of_run
from cliptrail.state.errors import CliptrailError, UsageError
from cliptrail.state.media import Transcript
from cliptrail.state.research import ResearchInput
from cliptrail.tools.library.importing import read_files
from cliptrail.tools.library.store import Library

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
    tell: Callable[[str, str], None] = lambda name, status: None,
) -> None:
    """Run every request of a gold file and write its trail as `out/<id>.json`.

    Args:
        gold: the requests.
        transcripts: folder of transcripts; they make a library that is thrown away afterwards.
        out: folder for the trails; made if it is not there.
        pattern: how the agents coordinate.
        tell: is told each request's id and how its run ended.

    Raises:
        UsageError: there is no such pattern, or a transcript cannot be read.
    """
    out.mkdir(parents=True, exist_ok=True)
    with installation() as folder:
        library = folder / "data" / "quality.sqlite"
        _fill(library, transcripts)
        for question in (*gold.requests, *gold.unanswerable):
            given = ResearchInput(request=question.request)
            trail = trail_of_run(given, pattern, str(library), folder / "out" / question.id)
            (out / f"{question.id}.json").write_text(trail.model_dump_json(indent=1))
            tell(question.id, trail.status)


def _fill(library: Path, transcripts: Path) -> None:
    rows = list(read_files([transcripts]))
    found = [row for row in rows if isinstance(row, Transcript)]
    if len(found) < len(rows):
        problem = next(row for row in rows if not isinstance(row, Transcript))
        raise UsageError(f"{problem.path}: {problem.reason}", problem.next_step)
    with Library(library) as store:
        store.add_many(found)


def score(scorer: Path, gold: Path, out: Path, transcripts: Path) -> str:
    """Return the table of a scorer: `python SCORER --all GOLD OUT TRANSCRIPTS`.

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


def _tell(name: str, status: str) -> None:
    typer.echo(f"{name}: {status}", err=True)


if __name__ == "__main__":
    typer.run(main)
