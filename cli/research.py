"""The commands that run graphs: research, plan, run, resume."""

import asyncio
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cliptrail.agents.registry import agents
from cliptrail.cli.approval import ask_with
from cliptrail.cli.checks import check_run
from cliptrail.cli.errors import EXIT_FAILURE, EXIT_PARTIAL, exit_on_error, sending_traces
from cliptrail.cli.execution import (
    Ask,
    Ended,
    beginning,
    continuation,
    execute,
    new_thread,
    saved,
    taken_up,
)
from cliptrail.cli.options import anchored
from cliptrail.cli.output import guide_target, new_file, write_file
from cliptrail.cli.plan_table import show_plan
from cliptrail.cli.run_options import AsJson, Given, Output, Verbose, with_options
from cliptrail.cli.stopping import stoppable
from cliptrail.cli.tables import plain
from cliptrail.cli.views import events_before, view_of
from cliptrail.graphs.registry import pattern_named
from cliptrail.nodes.finish.save import trail_of
from cliptrail.plans.files import dump, load, to_file
from cliptrail.plans.validation import validate
from cliptrail.plans.views import counted
from cliptrail.state.context import LIBRARY, Context
from cliptrail.state.errors import CliptrailError, UsageError
from cliptrail.state.plan import Plan, StoredPlan
from cliptrail.state.research import ResearchState
from cliptrail.tools.files import slug
from cliptrail.tools.models.connections import closing
from cliptrail.tools.settings import settings
from cliptrail.tools.text.cleaning import encodable
from cliptrail.tools.threads import Thread, Threads

EXIT_BY_STATUS = {"complete": 0, "partial": EXIT_PARTIAL, "failed": EXIT_FAILURE}

Request = Annotated[str, typer.Argument(metavar="REQUEST", help="The question, in your words.")]


@dataclass(frozen=True)
class Shown:
    """Where a run's results go, as the command line was told."""

    output: Path | None
    as_json: bool
    verbose: bool


PatternName = Annotated[str, typer.Option("--pattern", help="How the agents coordinate.")]


@exit_on_error()
@sending_traces()
@with_options("research")
def research_command(
    request: Request,
    pattern: PatternName = "planner",
    *,
    given: Given,
    output: Output = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Answer a question with a guide in which every claim links to the second of a clip."""
    shown = Shown(output, as_json, verbose)
    _start(request, pattern, given.context(), shown, None)


@exit_on_error()
@sending_traces()
@with_options("run", max_replans=0)
def run_command(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.yaml", help="A stored plan.")],
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the plan."),
    ] = None,
    *,
    given: Given,
    output: Output = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Run a stored plan: no planning call is made, unless --max-replans allows one."""
    stored = load(plan, _parameters(param or []))
    context = given.context()
    _check_plan(plan, stored.plan, context)
    approved = StoredPlan(plan=stored.plan, notes=stored.notes)
    _start(stored.request, "planner", context, Shown(output, as_json, verbose), approved)


def _check_plan(file: Path, plan: Plan, context: Context) -> None:
    faults = validate(plan, agents(), max_steps=context.max_steps)
    for fault in faults:
        typer.echo(f"  {plain(str(fault))}", err=True)
    if faults:
        many = counted(len(faults), "fault")
        raise UsageError(f"{file} has {many}, named above.", "Mend the file and run it again.")


def _parameters(pairs: list[str]) -> dict[str, str]:
    rows = [pair.partition("=") for pair in pairs]
    for name, equals, _ in rows:
        if not (name and equals):
            raise UsageError(f"--param {name!r} has no value.", "Write it as --param name=value.")
    return {name.strip(): value for name, _, value in rows}


@exit_on_error()
@sending_traces()
@with_options("plan")
def plan_command(
    request: Request,
    *,
    given: Given,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="PLAN.yaml", help="Where to write the plan.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Make a plan and save it; run nothing. Run it later with: cliptrail run PLAN.yaml."""
    context = given.context()
    request = encodable(request)
    check_run(request, "planner", context)
    path = new_file(output or Path(f"{slug(request)}.plan.yaml"), overwrite=context.overwrite)
    state = asyncio.run(closing(_planned(request, context)))
    stop = state.get("stop")
    if stop is not None:
        raise CliptrailError(stop.message, stop.next_step)
    revision = state["revisions"][-1]
    stored = to_file(revision.plan, state["request"], state["notes"])
    write_file(path, dump(stored, as_json=path.suffix == ".json"), overwrite=context.overwrite)
    if as_json:
        typer.echo(stored.model_dump_json(indent=1))
        return
    show_plan(Console(), revision, revision.estimate)
    typer.echo(f"Written: {path}\nRun it with: {_run_of(path, context)}")


def _run_of(plan: Path, context: Context) -> str:
    """The command that runs a plan on the videos that it was made for."""
    words = ["cliptrail", "run", str(plan)]
    words += ["--source", context.source] if context.source != LIBRARY else []
    words += ["--library", context.library] if context.library else []
    return plain(shlex.join(words))


async def _planned(request: str, context: Context) -> ResearchState:
    graph = pattern_named("planner").build().compile(interrupt_before=["approve", "save"])
    latest: ResearchState = {}
    async for values in graph.astream({"request": request}, context=context, stream_mode="values"):
        latest = values  # type: ignore[assignment]
    return latest


@exit_on_error()
@sending_traces()
@with_options("resume")
def resume_command(
    thread: Annotated[
        str, typer.Argument(metavar="THREAD", help="Its id, or how it begins; else the last.")
    ] = "",
    *,
    given: Given,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE.md", help="Where to write an ended run's guide."),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Go on with a run that was interrupted, waits, or ended early; what is done stays done."""
    found = Threads(settings().runs_file).find(thread)
    context = given.context(found.context)
    found = found.model_copy(update={"context": context})
    check_run(found.request, found.pattern, found.context)
    found = _elsewhere(found, output)
    before = saved(found)
    start = continuation(found, before.values)  # type: ignore[arg-type]
    found = found.model_copy(update={"status": "running"})
    view = view_of(as_json=as_json, verbose=verbose)
    view.recall(events_before(taken_up(before, start)))
    _finish(_guarded(lambda: execute(found, start, view, _ask()), found.thread_id), as_json)


def _elsewhere(thread: Thread, output: Path | None) -> Thread:
    """Let an ended run write to another place than it did, or could not."""
    if output is None:
        return thread
    if not thread.ended:
        raise UsageError(
            f"The thread {thread.thread_id} has not ended; it writes where it was told to.",
            "Resume it without --output.",
        )
    context, name = guide_target(thread.context, output)
    return thread.model_copy(update={"context": context, "output": name})


def _start(
    request: str,
    pattern: str,
    context: Context,
    shown: Shown,
    stored: StoredPlan | None,
) -> None:
    request = encodable(request)
    check_run(request, pattern, context)
    context, name = guide_target(anchored(context), shown.output)
    thread = new_thread(request, pattern, context, name, stored)
    start = beginning(thread)
    view = view_of(as_json=shown.as_json, verbose=shown.verbose)
    ended = _guarded(lambda: execute(thread, start, view, _ask()), thread.thread_id)
    _finish(ended, shown.as_json)


def _ask() -> Ask:
    return ask_with(Console(stderr=True))


def _guarded(run: Callable[[], Ended], thread_id: str) -> Ended:
    """Run it; when it is stopped tell how to go on."""
    with stoppable():
        try:
            return run()
        except KeyboardInterrupt:
            typer.echo(f"\nStopped. Go on with: cliptrail resume {thread_id}", err=True)
            raise


def _finish(ended: Ended, as_json: bool) -> None:
    """Print the result, and end with the exit code of the run's status."""
    if ended.waiting:
        typer.echo(
            f"The run waits for you. Go on with: cliptrail resume {ended.thread.thread_id}",
            err=True,
        )
        raise typer.Exit(EXIT_PARTIAL)
    state = ended.state
    if as_json:
        sys.stdout.write(_trail_json(ended) + "\n")
    else:
        for line in state["message"].splitlines():
            Console().print(Text(plain(line)), soft_wrap=True)
    raise typer.Exit(EXIT_BY_STATUS[state["status"]])


def _trail_json(ended: Ended) -> str:
    """The trail as it was written; made anew if it could not be."""
    written = [Path(path) for path in ended.state.get("files", ()) if path.endswith(".json")]
    if written:
        return written[0].read_text(encoding="utf-8").rstrip()
    trail = asyncio.run(trail_of(ended.state, ended.thread.context, ended.thread.thread_id))
    return trail.model_dump_json(indent=1)
