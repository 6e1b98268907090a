"""The planner: one model call makes the plan; an invalid one goes back with all its faults."""

from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agents, described, offered
from cliptrail.nodes.common.annotate import to_notes
from cliptrail.nodes.common.revisions import finished_steps, outcome, plan_made, revised
from cliptrail.nodes.common.running import options, run_context, show_run, voice, written
from cliptrail.plans.diff import diff
from cliptrail.plans.setbacks import keep_finished
from cliptrail.plans.validation import strangers, validate
from cliptrail.plans.views import counted
from cliptrail.prompts import plan as prompt
from cliptrail.state.context import Context
from cliptrail.state.drafts import PlanDraft, StepDraft
from cliptrail.state.errors import BudgetExceeded, ModelError
from cliptrail.state.plan import Expectation, Fault, Plan, Step
from cliptrail.state.request import Notes, Stop, stop_for
from cliptrail.state.research import ResearchState


async def plan(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Make a plan, or take the stored one that the caller gave, or the one that there is.

    A plan that is carried out already is made anew after a setback: what is finished stays.
    """
    revisions, setback = state.get("revisions", ()), state.get("setback", "")
    rejection = state.get("rejection", "")
    given = state["plan"]
    if revisions and not (rejection or setback):
        return Command(goto="approve")
    if given.steps and not revisions:
        faults = validate(given, agents(), max_steps=options(state, runtime).max_steps)
        if faults:
            return _invalid(faults, {})
        return _accept(given, "file", state, runtime, {})
    ctx = await run_context(state, runtime)
    try:
        return await _make(state, ctx, runtime)
    except (ModelError, BudgetExceeded) as error:
        if setback and not rejection:
            return _go_on(state, ctx, runtime, f"The plan could not be made anew: {error}")
        return Command(update={**written(ctx), "stop": stop_for(error)}, goto="save")


async def _make(state: ResearchState, ctx: AgentContext, runtime: Runtime[Context]) -> Command[str]:
    """Ask the planner until its plan is valid, at most `max_revisions` times more."""
    limits, revisions = options(state, runtime), state.get("revisions", ())
    notes, done = state.get("notes", Notes()), finished_steps(state)
    base = previous = revisions[-1].plan if revisions else None
    again = bool(state.get("setback")) and not state.get("rejection")
    faults: tuple[Fault, ...] = ()
    for _ in range(limits.max_revisions + 1):
        draft = await _ask(state, ctx, notes, previous, faults)
        understood = notes if notes.topic else to_notes(draft.notes)
        made, changed = keep_finished(base or Plan(), to_plan(draft), done)
        added = [step for step in made.steps if step.id not in done]
        faults = (
            *validate(made, agents(), max_steps=limits.max_steps),
            *strangers(added, agents()),
            *changed,
        )
        if not faults:
            break
        ctx.note(f"The plan had {counted(len(faults), 'fault')} and went back: {faults[0]}")
        previous = made
    else:
        if again:
            return _go_on(state, ctx, runtime, f"No valid plan was made anew: {faults[0]}")
        return _invalid(faults, written(ctx))
    if base is not None and not diff(base, made):
        if again:
            return _go_on(state, ctx, runtime, "The planner knew no better plan.")
        return _unchanged(state, ctx)
    return _accept(made, "planner", state, runtime, {**written(ctx), "notes": understood})


async def _ask(
    state: ResearchState,
    ctx: AgentContext,
    notes: Notes,
    previous: Plan | None,
    faults: tuple[Fault, ...],
) -> PlanDraft:
    messages = prompt.render(
        state["request"],
        await ctx.channels(),
        [described(agent) for agent in offered().values()],
        notes=notes.model_dump() if notes.topic else None,
        previous=previous.model_dump(exclude_defaults=True) if previous else None,
        outcome=outcome(state) if state.get("setback") else None,
        faults=[str(fault) for fault in faults],
        setback=state.get("setback", ""),
        rejection=state.get("rejection", ""),
    )
    return await ctx.ask("planner", messages, PlanDraft)


def _accept(
    made: Plan,
    by: Literal["planner", "file"],
    state: ResearchState,
    runtime: Runtime[Context],
    update: dict[str, Any],
) -> Command[str]:
    reason = " ".join(filter(None, (state.get("setback", ""), state.get("rejection", ""))))
    revision = revised(made, by, reason, state, options(state, runtime))
    voice(runtime)(plan_made(revision, state))
    show_run(state, runtime, revision=revision.number)
    settled = {"plan": made, "revisions": (revision,), "rejection": "", "setback": ""}
    return Command(update={**update, **settled}, goto="approve")


def _go_on(
    state: ResearchState, ctx: AgentContext, runtime: Runtime[Context], why: str
) -> Command[str]:
    """Carry on with the plan as it was approved: what was found is not thrown away."""
    ctx.note(f"{why} The run goes on with the plan as it is.")
    over = {"setback": "", "replans": options(state, runtime).max_replans}
    return Command(update={**written(ctx), **over}, goto="dispatch")


def _invalid(faults: tuple[Fault, ...], update: dict[str, Any]) -> Command[str]:
    stop = Stop(
        reason="invalid_plan",
        message="The plan is not valid: " + " ".join(map(str, faults)),
        next_step="Mend the plan, or ask again in other words.",
    )
    return Command(update={**update, "stop": stop}, goto="save")


def _unchanged(state: ResearchState, ctx: AgentContext) -> Command[str]:
    stop = Stop(
        reason="rejected",
        message=f"The planner made the same plan again after: {state.get('rejection', '')}",
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
