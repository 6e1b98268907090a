"""Makes a plan for `cliptrail plan`, shows it and saves it; nothing of it runs."""

import asyncio
import shlex
from pathlib import Path

import typer
from rich.console import Console

import cliptrail
from cliptrail.checks import check_run
from cliptrail.cli.plan_table import show_plan
from cliptrail.cli.tables import plain
from cliptrail.cli.tracing import sending_traces
from cliptrail.output import write_file
from cliptrail.plans.files import dump, to_file
from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError
from cliptrail.state.research import ResearchState
from cliptrail.tools.models.connections import closing
from cliptrail.tools.text.cleaning import encodable


@sending_traces()
def make_plan(request: str, context: Context, file: Path, *, as_json: bool) -> None:
    """Make a plan, write it to a file and show it.

    Args:
        request: the question.
        context: the options of the run.
        file: as `new_file` checked it.
        as_json: print the plan as JSON.

    Raises:
        UsageError: the run cannot start, or the file cannot be written there.
        CliptrailError: no valid plan was made.
    """
    request = encodable(request)
    check_run(request, "planner", context)
    state = asyncio.run(closing(_planned(request, context)))
    stop = state.get("stop")
    if stop is not None:
        raise CliptrailError(stop.message, stop.next_step)
    revision = state["revisions"][-1]
    stored = to_file(revision.plan, state["request"], state["notes"])
    as_file = dump(stored, as_json=file.suffix == ".json")
    write_file(file, as_file, overwrite=context.overwrite)
    if as_json:
        typer.echo(stored.model_dump_json(indent=1))
        return
    show_plan(Console(), revision, revision.estimate)
    typer.echo(f"Written: {file}\nRun it with: {_run_of(file, context)}")


def _run_of(plan: Path, context: Context) -> str:
    """The command that runs a plan on the videos that it was made for."""
    words = ["cliptrail", "run", str(plan)]
    words += ["--source", context.source] if context.source != "library" else []
    words += ["--library", context.library] if context.library else []
    return plain(shlex.join(words))


async def _planned(request: str, context: Context) -> ResearchState:
    latest: ResearchState = {}
    async for values in cliptrail.graph("planner").astream(
        {"request": request},
        context=context,
        stream_mode="values",
        interrupt_before=["approve", "save"],
    ):
        latest = values  # type: ignore[assignment]
    return latest
