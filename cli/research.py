"""The commands that run graphs: research, plan, run, resume.

The engine is imported inside of the commands, after their first line: LangGraph and all that it
brings take seconds, and neither a help text nor a wrong option should wait for them.
"""

from pathlib import Path
from typing import Annotated

import typer

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
from cliptrail.state.context import Context
from cliptrail.state.errors import UsageError
from cliptrail.state.plan import StoredPlan
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
    _start(request, pattern, context, options, None)


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
    announce(stored.request, f"with the plan {plan}", context)
    from cliptrail.cli.execution import check_plan

    check_plan(plan, stored.plan, context)
    given = StoredPlan(plan=stored.plan, notes=stored.notes)
    _start(stored.request, "planner", context, options, given)


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
        max_calls=max_calls,
        budget_usd=budget_usd,
        max_steps=max_steps,
        max_revisions=max_revisions,
        annotate=annotate,
        model=model,
    )
    announce(request, "with a plan to be made", context)
    from cliptrail.cli.planning import make_plan

    make_plan(request, context, output, as_json=as_json)


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
    announce(found.request, f"by the pattern {found.pattern}", context)
    from cliptrail.cli.execution import research

    research("", context, output, thread=found.thread_id, as_json=as_json, verbose=verbose)


def announce(request: str, how: str, context: Context) -> None:
    """Say what is being asked and where it looks, before the engine is imported."""
    if not plain(request):
        return
    places = {"": "your library", "samples": "the bundled samples"}
    place = places.get(context.library, context.library)
    where = "on YouTube" if context.source == "youtube" else f"in {place}"
    typer.echo(plain(f"Looking {where}, {how}: {request}"), err=True)


def _start(
    request: str,
    pattern: str,
    context: Context,
    given: RunOptions,
    plan: StoredPlan | None,
) -> None:
    if plan is None:
        announce(request, f"by the pattern {pattern}", context)
    from cliptrail.cli.execution import research

    research(
        request,
        context,
        given.output,
        pattern=pattern,
        plan=plan,
        as_json=given.as_json,
        verbose=given.verbose,
    )
