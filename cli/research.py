"""The commands that run graphs: research, plan, run, resume.

The engine is imported inside of the commands, after their first line: LangGraph and all that it
brings take seconds, and neither a help text nor a wrong option should wait for them.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cliptrail.checks import check_request, check_resumable
from cliptrail.cli.errors import exit_on_error
from cliptrail.cli.run_options import AsJson, Given, Output, Verbose, with_options
from cliptrail.cli.tables import plain
from cliptrail.options import anchored
from cliptrail.output import guide_target, new_file
from cliptrail.state.context import LIBRARY, Context
from cliptrail.state.errors import UsageError
from cliptrail.state.plan import StoredPlan
from cliptrail.tools.files import slug
from cliptrail.tools.settings import settings
from cliptrail.tools.sources.registry import source_named
from cliptrail.tools.threads import Threads

Request = Annotated[str, typer.Argument(metavar="REQUEST", help="The question, in your words.")]
PatternName = Annotated[str, typer.Option("--pattern", help="How the agents coordinate.")]


@exit_on_error()
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
    context = given.context()
    check_request(request, pattern, context)
    guide_target(anchored(context), output)
    _announce(request, context, f"pattern {pattern}")
    from cliptrail.cli.execution import research

    research(request, context, output, pattern=pattern, as_json=as_json, verbose=verbose)


@exit_on_error()
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
    from cliptrail.plans.files import load

    stored = load(plan, _parameters(param or []))
    context = given.context()
    check_request(stored.request, "planner", context)
    guide_target(anchored(context), output)
    _announce(stored.request, context, f"plan {plan}")
    from cliptrail.cli.execution import check_plan, research

    check_plan(plan, stored.plan, context)
    research(
        stored.request,
        context,
        output,
        pattern="planner",
        plan=StoredPlan(plan=stored.plan, notes=stored.notes),
        as_json=as_json,
        verbose=verbose,
    )


def _parameters(pairs: list[str]) -> dict[str, str]:
    rows = [pair.partition("=") for pair in pairs]
    for name, equals, _ in rows:
        if not (name and equals):
            raise UsageError(f"--param {name!r} has no value.", "Write it as --param name=value.")
    return {name.strip(): value for name, _, value in rows}


@exit_on_error()
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
    file = new_file(output or Path(f"{slug(request)}.plan.yaml"), overwrite=context.overwrite)
    check_request(request, "planner", context)
    _announce(request, context, "plan only")
    from cliptrail.cli.planning import make_plan

    make_plan(request, context, file, as_json=as_json)


@exit_on_error()
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
    check_resumable(found)
    check_request(found.request, found.pattern, context)
    if output is not None and found.ended:
        guide_target(context, output)
    _announce(found.request, context, f"resuming {found.thread_id}")
    from cliptrail.cli.execution import research

    research("", context, output, thread=found.thread_id, as_json=as_json, verbose=verbose)


def _announce(request: str, context: Context, how: str) -> None:
    """Say what is being asked, and where, before the engine is imported."""
    places = {"": "your library", "samples": "the bundled samples"}
    place = places.get(context.library, context.library)
    where = (
        f"in {place}" if context.source == LIBRARY else f"on {source_named(context.source).title}"
    )
    sys.stderr.write(plain(f"Looking for answers {where} ({how}): {request}") + "\n")
    sys.stderr.flush()
