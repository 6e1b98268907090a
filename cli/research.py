"""The commands that run graphs: research, plan, run, resume.

The engine is imported inside of the commands, after their first line: LangGraph and all that it
brings take seconds, and neither a help text nor a wrong option should wait for them.
"""

from pathlib import Path
from typing import Annotated

import typer

from cliptrail.checks import check_request, check_resumable
from cliptrail.cli.errors import exit_on_error
from cliptrail.cli.options import context_of, given_only
from cliptrail.cli.run_options import (
    Annotate,
    AsJson,
    BudgetUsd,
    LibraryFile,
    MaxCalls,
    MaxContext,
    MaxReplans,
    MaxRevisions,
    MaxRounds,
    MaxSteps,
    Model,
    Overrides,
    Overwrite,
    RunOptions,
    Source,
    Validation,
    Verbose,
    with_options,
)
from cliptrail.cli.tables import plain
from cliptrail.options import anchored
from cliptrail.output import guide_target, new_file
from cliptrail.state.context import Context
from cliptrail.state.errors import UsageError
from cliptrail.state.plan import StoredPlan
from cliptrail.tools.files import slug
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Threads

Request = Annotated[str, typer.Argument(metavar="REQUEST", help="The question, in your words.")]
PatternName = Annotated[str, typer.Option("--pattern", help="How the agents coordinate.")]


@exit_on_error()
@with_options(RunOptions)
def research_command(
    request: Request,
    pattern: PatternName = "planner",
    annotate: Annotate = False,
    max_replans: MaxReplans = 1,
    validation: Validation = "capability",
    max_rounds: MaxRounds = None,
    max_context: MaxContext = None,
    *,
    options: RunOptions,
) -> None:
    """Answer a question with a guide in which every claim links to the second of a clip."""
    limits = given_only(max_rounds=max_rounds, max_context=max_context)
    context = options.context(
        annotate=annotate, max_replans=max_replans, validation=validation, **limits
    )
    check_request(request, pattern, context)
    guide_target(anchored(context), options.output)
    _announce(request, context, f"pattern {pattern}")
    from cliptrail.cli.execution import research

    research(
        request,
        context,
        options.output,
        pattern=pattern,
        as_json=options.as_json,
        verbose=options.verbose,
    )


@exit_on_error()
@with_options(RunOptions)
def run_command(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.yaml", help="A stored plan.")],
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the plan."),
    ] = None,
    max_replans: MaxReplans = 0,
    *,
    options: RunOptions,
) -> None:
    """Run a stored plan: no planning call is made, unless --max-replans allows one."""
    from cliptrail.plans.files import load

    stored = load(plan, _parameters(param or []))
    context = options.context(max_replans=max_replans)
    check_request(stored.request, "planner", context)
    guide_target(anchored(context), options.output)
    _announce(stored.request, context, f"plan {plan}")
    from cliptrail.cli.execution import check_plan, research

    check_plan(plan, stored.plan, context)
    research(
        stored.request,
        context,
        options.output,
        pattern="planner",
        plan=StoredPlan(plan=stored.plan, notes=stored.notes),
        as_json=options.as_json,
        verbose=options.verbose,
    )


def _parameters(pairs: list[str]) -> dict[str, str]:
    rows = [pair.partition("=") for pair in pairs]
    for name, equals, _ in rows:
        if not (name and equals):
            raise UsageError(f"--param {name!r} has no value.", "Write it as --param name=value.")
    return {name.strip(): value for name, _, value in rows}


@exit_on_error()
def plan_command(
    request: Request,
    source: Source = "library",
    library: LibraryFile = "",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="PLAN.yaml", help="Where to write the plan.")
    ] = None,
    overwrite: Overwrite = False,
    max_calls: MaxCalls = 40,
    budget_usd: BudgetUsd = None,
    max_steps: MaxSteps = 60,
    max_revisions: MaxRevisions = 2,
    annotate: Annotate = False,
    model: Model = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Make a plan and save it; run nothing. Run it later with: cliptrail run PLAN.yaml."""
    context = context_of(
        source=source,
        library=library,
        overwrite=overwrite,
        max_calls=max_calls,
        budget_usd=budget_usd,
        max_steps=max_steps,
        max_revisions=max_revisions,
        annotate=annotate,
        model=model,
    )
    file = new_file(output or Path(f"{slug(request)}.plan.yaml"), overwrite=overwrite)
    check_request(request, "planner", context)
    _announce(request, context, "plan only")
    from cliptrail.cli.planning import make_plan

    make_plan(request, context, file, as_json=as_json)


@exit_on_error()
@with_options(Overrides)
def resume_command(
    thread: Annotated[
        str, typer.Argument(metavar="THREAD", help="Its id, or how it begins; else the last.")
    ] = "",
    *,
    overrides: Overrides,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE.md", help="Where to write an ended run's guide."),
    ] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Go on with a run that was interrupted, waits, or ended early; what is done stays done."""
    found = Threads(settings().runs_file).find(thread)
    context = overrides.applied_to(found.context, overwrite=overwrite or None)
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
    where = "on YouTube" if context.source == "youtube" else f"in {place}"
    typer.echo(plain(f"Looking for answers {where} ({how}): {request}"), err=True)
