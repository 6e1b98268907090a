"""The planner: one model call makes the plan; an invalid one goes back with all its faults."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agents, described, offered
from cliptrail.nodes.common.annotate import notes_from
from cliptrail.nodes.common.ask_until_valid import InvalidAnswer, ask_until_valid
from cliptrail.nodes.common.revisions import finished_steps, outcome, plan_made, revised
from cliptrail.nodes.common.running import (
    event_writer,
    options,
    run_context,
    run_of,
    show_run,
    written,
)
from cliptrail.plans.diff import diff
from cliptrail.plans.replanning import keep_finished
from cliptrail.plans.validation import strangers, validate
from cliptrail.prompts import plan as prompt
from cliptrail.state.context import Context
from cliptrail.state.drafts import PlanDraft, StepDraft
from cliptrail.state.errors import BudgetExceeded, ModelError
from cliptrail.state.plan import Expectation, Fault, Plan, Step
from cliptrail.state.request import Notes, Stop, stop_for
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run


async def plan(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Make a plan, or take the stored one that the caller gave, or the one that there is.

    A plan that is already being carried out can be replaced: what is finished stays.
    """
    run = run_of(state)
    if run.revisions and not (run.rejection or run.replan_reason):
        return Command(goto="approve")
    if run.plan.steps and not run.revisions:
        faults = validate(run.plan, agents(), max_steps=options(run, runtime).max_steps)
        if faults:
            return _invalid(tuple(map(str, faults)), {})
        return _accept(run.plan, "file", run, runtime, {})
    ctx = await run_context(run, runtime)
    try:
        return await _make(run, ctx, runtime)
    except (ModelError, BudgetExceeded) as error:
        if run.replan_reason and not run.rejection:
            return _keep_plan(run, ctx, runtime, f"No new plan could be made: {error}")
        return Command(update={**written(ctx), "stop": stop_for(error)}, goto="save")


@dataclass(frozen=True)
class _Proposal:
    """A plan as the planner wants it."""

    plan: Plan
    notes: Notes
    changed: tuple[Fault, ...]
    """Finished steps that it would change, which it must not."""


@dataclass
class _Planning:
    """What the planner is asked, and what is wrong with its answers."""

    run: Run
    ctx: AgentContext
    max_steps: int

    def __post_init__(self) -> None:
        revisions = self.run.revisions
        self.base = revisions[-1].plan if revisions else None
        self.previous = self.base
        self.done = finished_steps(self.run)

    async def ask(self, faults: Sequence[Fault]) -> _Proposal:
        """Ask for a plan; the next question shows this answer."""
        run = self.run
        messages = prompt.render(
            run.request,
            await self.ctx.channels(),
            [described(agent) for agent in offered().values()],
            notes=run.notes.model_dump() if run.notes.topic else None,
            previous=self.previous.model_dump(exclude_defaults=True) if self.previous else None,
            outcome=outcome(run) if run.replan_reason else None,
            faults=[str(fault) for fault in faults],
            setback=run.replan_reason,
            rejection=run.rejection,
        )
        draft = await self.ctx.ask("planner", messages, PlanDraft)
        notes = run.notes if run.notes.topic else await notes_from(draft.notes, self.ctx)
        made, changed = keep_finished(self.base or Plan(), to_plan(draft), self.done)
        self.previous = made
        return _Proposal(made, notes, changed)

    def faults_of(self, proposal: _Proposal) -> tuple[Fault, ...]:
        """Return all faults of a proposal."""
        added = [step for step in proposal.plan.steps if step.id not in self.done]
        return (
            *validate(proposal.plan, agents(), max_steps=self.max_steps),
            *strangers(added, agents()),
            *proposal.changed,
        )


async def _make(run: Run, ctx: AgentContext, runtime: Runtime[Context]) -> Command[str]:
    """Ask the planner until its plan is valid, at most `max_revisions` times more."""
    limits = options(run, runtime)
    planning = _Planning(run, ctx, limits.max_steps)
    replanning = bool(run.replan_reason) and not run.rejection
    try:
        made = await ask_until_valid(
            planning.ask,
            planning.faults_of,
            ctx,
            max_revisions=limits.max_revisions,
            what="plan",
        )
    except InvalidAnswer as error:
        if replanning:
            return _keep_plan(run, ctx, runtime, f"No valid new plan was made: {error.faults[0]}")
        return _invalid(error.faults, written(ctx))
    if planning.base is not None and not diff(planning.base, made.plan):
        if replanning:
            return _keep_plan(run, ctx, runtime, "The planner had no better plan.")
        return _unchanged(run, ctx)
    update = {**written(ctx), "notes": made.notes}
    return _accept(made.plan, "planner", run, runtime, update)


def _accept(
    made: Plan,
    by: Literal["planner", "file"],
    run: Run,
    runtime: Runtime[Context],
    update: dict[str, Any],
) -> Command[str]:
    reason = " ".join(filter(None, (run.replan_reason, run.rejection)))
    revision = revised(made, by, reason, run, options(run, runtime))
    event_writer(runtime)(plan_made(revision, run))
    show_run(run, runtime, revision=revision.number)
    settled = {"plan": made, "revisions": (revision,), "rejection": "", "replan_reason": ""}
    return Command(update={**update, **settled}, goto="approve")


def _keep_plan(run: Run, ctx: AgentContext, runtime: Runtime[Context], why: str) -> Command[str]:
    """Go on with the plan as it was approved: what was found is kept."""
    ctx.note(f"{why} The run goes on with the plan as it is.")
    over = {"replan_reason": "", "replans": options(run, runtime).max_replans}
    return Command(update={**written(ctx), **over}, goto="dispatch")


def _invalid(faults: tuple[str, ...], update: dict[str, Any]) -> Command[str]:
    stop = Stop(
        reason="invalid_plan",
        message="The plan is not valid: " + " ".join(faults),
        next_step="Mend the plan, or ask again in other words.",
    )
    return Command(update={**update, "stop": stop}, goto="save")


def _unchanged(run: Run, ctx: AgentContext) -> Command[str]:
    stop = Stop(
        reason="rejected",
        message=f"The planner made the same plan again after: {run.rejection}",
        next_step="Edit the plan instead, or use another --model.",
    )
    return Command(update={**written(ctx), "stop": stop}, goto="save")


def to_plan(draft: PlanDraft) -> Plan:
    """Return a model's plan as a plan; whether it is valid is `validate`'s question."""
    return Plan(goal=draft.goal, steps=tuple(map(_step, draft.steps)))


def _step(draft: StepDraft) -> Step:
    return Step(
        id=draft.id,
        agent=draft.agent,
        brief=draft.brief,
        inputs={row.name: row.value for row in draft.inputs},
        depends_on=tuple(draft.depends_on),
        for_each=draft.for_each or None,
        tier=draft.tier,
        accept_partial=draft.accept_partial,
        expect=tuple(Expectation(**row.model_dump()) for row in draft.expect),
    )
