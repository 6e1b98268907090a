"""The supervisor: one model call a round decides who works next, from results in short.

What it decides becomes steps of a growing plan (`nodes.common.growing_plan`), so that its rounds
are dispatched, resumed, audited and priced as a planner's steps are.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from langchain_core.messages import BaseMessage
from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agents, described, offered
from cliptrail.nodes.common.annotate import to_notes
from cliptrail.nodes.common.growing_plan import grown, knowledge, numbered, of_this_run
from cliptrail.nodes.common.prompt_memory import (
    LONGER,
    Blocks,
    Piece,
    Row,
    fitted,
    result,
    too_long,
    turn,
)
from cliptrail.nodes.common.result_summaries import distilled
from cliptrail.nodes.common.revisions import plan_made
from cliptrail.nodes.common.running import options, run_context, voice, written
from cliptrail.nodes.common.wrap_up import close, finish, limit_near, limit_reached
from cliptrail.plans.expansion import expand, needed_steps
from cliptrail.plans.validation import strangers
from cliptrail.plans.views import counted
from cliptrail.prompts import supervisor as prompt
from cliptrail.state.context import Context
from cliptrail.state.drafts import AssignmentDraft, RoundDraft
from cliptrail.state.errors import BudgetExceeded, ModelError, UsageError
from cliptrail.state.events import Moved
from cliptrail.state.path import Move
from cliptrail.state.plan import Fault, Instance, Plan, Revision, Step
from cliptrail.state.request import Exchange, Notes, Stop, stop_for
from cliptrail.state.research import ResearchState
from cliptrail.tools.models.gateway import count_tokens

NAME = "supervisor"
MOST_IDLE = 2
"""Rounds in a row that may bring nothing new."""


async def supervise(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Decide on the next round, or bring the run to its end."""
    if any(row.id not in state.get("results", {}) for row in _instances(state)):
        return Command(goto="dispatch")  # a run that goes on: its last round was not carried out
    update = _taken_stock(state)
    if _ended_well(state):
        return Command(update=update, goto="save")
    context = options(state, runtime)
    if stop := limit_reached(state, context, idle=update["idle"], most_idle=MOST_IDLE):
        return close(state, runtime, NAME, stop, update)
    ctx = await run_context(state, runtime)
    try:
        return await _decide(state, ctx, runtime, update)
    except (BudgetExceeded, ModelError) as error:
        return close(state, runtime, NAME, stop_for(error), {**update, **written(ctx)})


def _instances(state: ResearchState) -> Sequence[Instance]:
    plan = state.get("plan", Plan())
    return expand(plan, agents()) if plan.steps else ()


def _taken_stock(state: ResearchState) -> dict[str, Any]:
    """How much this run found, and how many decisions in a row brought nothing new.

    What earlier runs of the thread found is no news, and to find it anew is no loop.
    """
    known = len(knowledge(of_this_run(state)))
    nothing_new = bool(state.get("decisions")) and known <= state.get("known", 0)
    return {"known": known, "idle": state.get("idle", 0) + 1 if nothing_new else 0}


def _ended_well(state: ResearchState) -> bool:
    """Is all done of the work after which nothing more was needed?"""
    last = state["path"][-1] if state.get("path") else None
    if last is None or last.by != NAME or last.turn != "finish" or not last.to:
        return False
    rows = [row for row in state.get("results", {}).values() if row.id.partition("[")[0] in last.to]
    done = {row.id.partition("[")[0] for row in rows if row.status == "done"}
    lost = any(row.failure or (row.skip and row.skip.kind == "upstream") for row in rows)
    return done == set(last.to) and not lost


async def _decide(
    state: ResearchState, ctx: AgentContext, runtime: Runtime[Context], update: dict[str, Any]
) -> Command[str]:
    """Ask the supervisor until its answer has no faults, at most `max_revisions` times more."""
    context = options(state, runtime)
    steps: tuple[Step, ...] = ()
    faults: tuple[Fault, ...] = ()
    for _ in range(context.max_revisions + 1):
        if stop := limit_near(state, context):
            return close(state, runtime, NAME, stop, {**update, **written(ctx)})
        messages = await _messages(state, ctx, context, steps, faults)
        if isinstance(messages, Stop):
            return close(state, runtime, NAME, messages, {**update, **written(ctx)})
        draft = await ctx.ask("supervisor", messages, RoundDraft)
        update |= _understood(state, draft)
        if draft.do == "finish":
            decided = {**written(ctx), "decisions": state.get("decisions", 0) + 1}
            return finish(state, runtime, NAME, draft.reason, {**update, **decided})
        steps = _steps(draft.assignments, state.get("plan", Plan()).steps)
        made = grown(state, steps, "supervisor", draft.reason, context)
        faults = (*_own_faults(steps), *(made if steps and isinstance(made, tuple) else ()))
        if isinstance(made, Revision) and not faults:
            return _assign(draft, made, ctx, runtime, state, update)
        ctx.note(f"The round had {counted(len(faults), 'fault')} and went back: {faults[0]}")
    message = "The supervisor's assignments are not valid: " + " ".join(map(str, faults))
    stop = Stop(reason="invalid_plan", message=message, next_step="Ask again in other words.")
    return close(state, runtime, NAME, stop, {**update, **written(ctx)})


def _steps(drafts: Sequence[AssignmentDraft], before: Sequence[Step]) -> tuple[Step, ...]:
    """A round's assignments as steps: numbered by program, so that no two can have one name."""
    made: list[Step] = []
    for row in drafts:
        step = Step(
            id=numbered(row.agent, [*before, *made]),
            agent=row.agent,
            brief=row.brief,
            inputs={given.name: given.value for given in row.inputs},
            for_each=row.for_each or None,
        )
        made.append(step)
    return tuple(made)


def _own_faults(steps: Sequence[Step]) -> tuple[Fault, ...]:
    """What is wrong with a round beyond what is wrong with a plan."""
    if not steps:
        return (
            Fault(step="", field="assignments", message="there are none: give some, or finish."),
        )
    names = {step.id for step in steps}
    message = "belongs to this very round: refer only to what has ended."
    early = [
        Fault(step=step.id, field="inputs", message=f"{need} {message}")
        for step in steps
        for need in dict.fromkeys(_needed(step))
        if need in names
    ]
    return (*strangers(steps, agents()), *early)


def _needed(step: Step) -> list[str]:
    try:
        return needed_steps(step)
    except UsageError:  # `grown` tells what is malformed
        return []


def _understood(state: ResearchState, draft: RoundDraft) -> dict[str, Any]:
    """Notes are made once, before anything was found: no transcript has a say in them."""
    if state.get("path") or state.get("notes", Notes()).topic:
        return {}
    # A request that nothing precedes stands for itself.
    question = draft.question.strip() if state.get("conversation") else ""
    return {"notes": to_notes(draft.notes).model_copy(update={"question": question})}


def _assign(
    draft: RoundDraft,
    made: Revision,
    ctx: AgentContext,
    runtime: Runtime[Context],
    state: ResearchState,
    update: dict[str, Any],
) -> Command[str]:
    ids = tuple(change.step for change in made.changes)
    move = Move(by=NAME, turn="finish" if draft.last else "assign", to=ids, reason=draft.reason)
    voice(runtime)(Moved(move=move))
    voice(runtime)(plan_made(made, state))
    decided = {
        "plan": made.plan,
        "revisions": (made,),
        "path": (move,),
        "decisions": state.get("decisions", 0) + 1,
    }
    return Command(update={**update, **written(ctx), **decided}, goto="dispatch")


async def _messages(
    state: ResearchState,
    ctx: AgentContext,
    context: Context,
    steps: Sequence[Step],
    faults: Sequence[Fault],
) -> list[BaseMessage] | Stop:
    """The prompt, its older parts condensed as far as its limit demands; or why it cannot be."""
    pieces, turns, newest = _memory(state)
    asked = partial(
        prompt.render,
        state["request"],
        _about_agents(),
        context.max_rounds - state.get("decisions", 0),
        channels=None if state.get("path") else await ctx.channels(),
        notes=state.get("notes", Notes()).model_dump(exclude_defaults=True),
        previous=[step.model_dump(exclude_defaults=True) for step in steps],
        faults=[str(fault) for fault in faults],
    )

    def messages(older: Blocks) -> list[BaseMessage]:
        return asked(
            conversation=[*older.get("conversation", []), *turns],
            earlier=older.get("earlier"),
            found=[*older.get("found", []), *newest],
        )

    memory = fitted(pieces, lambda older: _size(messages(older)) <= context.max_context)
    if memory is None:
        message = too_long(NAME, _size(messages({})), context.max_context)
        return Stop(reason="budget", message=message, next_step=LONGER)
    said = memory.told(NAME)
    if said and all(row.what != said for row in state.get("incidents", ())):
        ctx.note(said)
    return messages(memory.blocks)


def _size(messages: Sequence[BaseMessage]) -> int:
    return count_tokens(messages, RoundDraft)


def _about_agents() -> list[dict[str, Any]]:
    """What each agent does, takes and gives; the rest would be told each round for nothing."""
    told = ("name", "does", "inputs", "output")
    return [{name: described(agent)[name] for name in told} for agent in offered().values()]


def _memory(state: ResearchState) -> tuple[list[Piece], list[Row], list[Row]]:
    """What may be condensed, the oldest first; last turn and last round stay whole."""
    own = {name.partition("[")[0] for name in of_this_run(state)}
    rows = distilled(
        state.get("plan", Plan()).steps, state.get("results", {}), state.get("notes")
    )
    turns = [_told(row) for row in state.get("conversation", ())]
    last = state["path"][-1].to if state.get("path") else ()
    pieces = [
        *map(turn, turns[:-1]),
        *(result("earlier", row) for row in rows if row["step"] not in own),
        *(result("found", row) for row in rows if row["step"] in own and row["step"] not in last),
    ]
    newest = [row for row in rows if row["step"] in own and row["step"] in last]
    return pieces, turns[-1:], newest


def _told(row: Exchange) -> dict[str, Any]:
    """A turn of the conversation, without the files: where they lie is nobody's business."""
    return row.model_dump(exclude_defaults=True, exclude={"files", "pattern"})
