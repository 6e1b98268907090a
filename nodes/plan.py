"""The planner: one model call makes the plan; an invalid one goes back with all its faults."""

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command
from pydantic import BaseModel

from nodes.annotate import MOST_CHANNELS, to_notes
from nodes.desk import Desk
from nodes.plans.diff import diff
from nodes.plans.estimate import Price, estimate
from nodes.plans.expand import expand
from nodes.plans.types import describe
from nodes.plans.validate import validate
from nodes.registry import Agent, agents
from nodes.running import desk_of, options, voice, written
from prompts import plan as prompt
from state.base import Tier
from state.context import Context
from state.drafts import PlanDraft, StepDraft
from state.errors import BudgetExceeded, ModelError
from state.events import PlanMade
from state.plan import Estimate, Fault, Plan, Revision, Step
from state.request import Notes, Stop
from state.research import ResearchState
from tools.models.catalog import choose
from tools.models.prices import price
from tools.settings import settings


async def plan(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Make a plan, or take the stored one that the caller gave, or the one that there is."""
    limits = options(state, runtime)
    revisions = state.get("revisions", ())
    given = state["plan"]
    if revisions and not state.get("rejection"):
        return Command(goto="approve")
    if given.steps and not revisions:
        faults = validate(given, agents(), max_steps=limits.max_steps)
        if faults:
            return _invalid(faults, {})
        revision = Revision(number=1, by="file", plan=given)
        return _accept(revision, limits, runtime, {})
    desk = await desk_of(state, runtime)
    try:
        return await _make(state, desk, runtime)
    except (ModelError, BudgetExceeded) as error:
        reason = "budget" if isinstance(error, BudgetExceeded) else "failure"
        stop = Stop(reason=reason, message=error.message, next_step=error.next_step)
        return Command(update={**written(desk), "stop": stop}, goto="save")


async def _make(state: ResearchState, desk: Desk, runtime: Runtime[Context]) -> Command[str]:
    """Ask the planner until its plan is valid, at most `max_revisions` times more."""
    limits, revisions = options(state, runtime), state.get("revisions", ())
    notes = state.get("notes", Notes())
    previous = revisions[-1].plan if revisions else None
    base = previous
    faults: tuple[Fault, ...] = ()
    for _ in range(limits.max_revisions + 1):
        draft = await _ask(state, desk, notes, previous, faults)
        made = to_plan(draft)
        understood = notes if notes.topic else to_notes(draft.notes)
        faults = validate(made, agents(), max_steps=limits.max_steps)
        if not faults:
            break
        desk.note(f"The plan had {len(faults)} faults and went back: {faults[0]}")
        previous = made
    else:
        return _invalid(faults, written(desk))
    changes = diff(base, made) if base else ()
    if base is not None and not changes:
        return _unchanged(state, desk)
    revision = Revision(
        number=len(revisions) + 1,
        by="planner",
        plan=made,
        reason=state.get("rejection", ""),
        changes=changes,
    )
    return _accept(
        revision, limits, runtime, {**written(desk), "notes": understood, "rejection": ""}
    )


async def _ask(
    state: ResearchState,
    desk: Desk,
    notes: Notes,
    previous: Plan | None,
    faults: tuple[Fault, ...],
) -> PlanDraft:
    messages = prompt.render(
        state["request"],
        (await desk.channels())[:MOST_CHANNELS],
        [about(agent) for agent in agents().values()],
        notes=notes.model_dump() if notes.topic else None,
        previous=previous.model_dump(exclude_defaults=True) if previous else None,
        faults=[str(fault) for fault in faults],
        rejection=state.get("rejection", ""),
    )
    return await desk.ask("planner", messages, PlanDraft)


def _accept(
    revision: Revision, limits: Context, runtime: Runtime[Context], update: dict[str, Any]
) -> Command[str]:
    voice(runtime)(PlanMade(revision=revision, estimate=priced(revision.plan, limits)))
    update = {**update, "plan": revision.plan, "revisions": (revision,)}
    return Command(update=update, goto="approve")


def _invalid(faults: tuple[Fault, ...], update: dict[str, Any]) -> Command[str]:
    stop = Stop(
        reason="invalid_plan",
        message="The plan is not valid: " + " ".join(map(str, faults)),
        next_step="Mend the plan, or ask again in other words.",
    )
    return Command(update={**update, "stop": stop}, goto="save")


def _unchanged(state: ResearchState, desk: Desk) -> Command[str]:
    stop = Stop(
        reason="rejected",
        message=f"The planner made the same plan again after: {state.get('rejection', '')}",
        next_step="Edit the plan instead, or use another --model.",
    )
    return Command(update={**written(desk), "stop": stop}, goto="save")


def to_plan(draft: PlanDraft) -> Plan:
    """Give a model's plan as a plan; whether it is valid is `validate`'s question."""
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
    )


def priced(made: Plan, context: Context) -> Estimate:
    """Estimate a valid plan with the prices of the models that the run would use.

    Args:
        made: a plan without faults.
        context: the run's options.
    """
    return estimate(expand(made, agents()), agents(), price_by_tier(context))


def price_by_tier(context: Context) -> Price:
    """Give a function that prices tokens in a tier."""

    def dollars(tier: Tier, input_tokens: float, output_tokens: float) -> float | None:
        return price(choose(tier, settings(), context.model), input_tokens, output_tokens)

    return dollars


def about(agent: Agent) -> dict[str, Any]:
    """Describe an agent for the planner: what it does, takes and gives."""
    return {
        "name": agent.name,
        "does": agent.summary,
        "capabilities": sorted(agent.capabilities),
        "inputs": _fields(agent.input, with_default=True),
        "output": _fields(agent.output, with_default=False),
        "tier": agent.tier,
    }


def _fields(model: type[BaseModel], *, with_default: bool) -> dict[str, str]:
    return {
        name: f"{describe(field.annotation)}"
        f"{'' if field.is_required() or not with_default else ', optional'}"
        f"{': ' + field.description if field.description else ''}"
        for name, field in model.model_fields.items()
    }
