"""The supervisor: one model call a round decides who works next, from results in short.

What it decides becomes steps of a growing plan (`nodes.common.growing_plan`), so that its rounds
are dispatched, resumed, audited and priced as a planner's steps are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from langchain_core.messages import BaseMessage
from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agents, described, offered
from cliptrail.nodes.common.annotate import notes_from
from cliptrail.nodes.common.ask_until_valid import InvalidAnswer, ask_until_valid
from cliptrail.nodes.common.growing_plan import grown, knowledge, numbered
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
from cliptrail.nodes.common.result_summaries import result_summaries
from cliptrail.nodes.common.revisions import plan_made
from cliptrail.nodes.common.running import event_writer, options, run_context, run_of, written
from cliptrail.nodes.common.wrap_up import finish, limit_near, limit_reached, wrap_up
from cliptrail.plans.expansion import expand, needed_steps
from cliptrail.plans.validation import strangers
from cliptrail.prompts import supervisor as prompt
from cliptrail.state.context import Context
from cliptrail.state.drafts import AssignmentDraft, RoundDraft
from cliptrail.state.errors import BudgetExceeded, CliptrailError, ModelError, UsageError
from cliptrail.state.events import Moved
from cliptrail.state.path import Move
from cliptrail.state.plan import Fault, Instance, Revision, Step
from cliptrail.state.request import Exchange, Stop, stop_for
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run
from cliptrail.tools.models.gateway import count_tokens

NAME = "supervisor"
MOST_IDLE = 2
"""Rounds in a row that may bring nothing new."""


async def supervise(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Decide on the next round, or bring the run to its end."""
    run = run_of(state)
    if any(row.id not in run.results for row in _instances(run)):
        return Command(goto="dispatch")  # a run that goes on: its last round was not carried out
    update = _progress(run)
    if _ended_well(run):
        return Command(update=update, goto="save")
    context = options(run, runtime)
    if stop := limit_reached(run, context, idle=update["idle"], most_idle=MOST_IDLE):
        return wrap_up(run, runtime, NAME, stop, update)
    return await _decide(run, await run_context(run, runtime), runtime, update)


def _instances(run: Run) -> Sequence[Instance]:
    plan = run.plan
    return expand(plan, agents()) if plan.steps else ()


def _progress(run: Run) -> dict[str, Any]:
    """How much this run found, and how many decisions in a row brought nothing new.

    What earlier runs of the thread found does not count.
    """
    known = len(knowledge(run.own_results))
    nothing_new = bool(run.decisions) and known <= run.known
    return {"known": known, "idle": run.idle + 1 if nothing_new else 0}


def _ended_well(run: Run) -> bool:
    """Is all done of the work after which nothing more was needed?"""
    last = run.path[-1] if run.path else None
    if last is None or last.by != NAME or last.turn != "finish" or not last.to:
        return False
    rows = run.results.of_steps(last.to).values()
    done = {row.id.step for row in rows if row.status == "done"}
    lost = any(row.failure or (row.skip and row.skip.kind == "upstream") for row in rows)
    return done == set(last.to) and not lost


@dataclass
class _Round:
    """What the supervisor is asked in one round, and what is wrong with its answers."""

    run: Run
    ctx: AgentContext
    context: Context
    notes: dict[str, Any] = field(default_factory=dict)
    """State update of what it understood of the request."""
    steps: tuple[Step, ...] = ()
    """What it wants to be done, in its last answer."""
    made: Revision | tuple[Fault, ...] = ()
    """The plan with these steps, or the plan's faults."""

    async def ask(self, faults: Sequence[Fault]) -> RoundDraft:
        """Ask for a decision, as long as enough is left to compose what was found.

        Raises:
            BudgetExceeded: not enough is left, or the prompt cannot be short enough.
        """
        if stop := limit_near(self.run, self.context):
            raise BudgetExceeded(stop.message, stop.next_step)
        messages = await _messages(self.run, self.ctx, self.context, self.steps, faults)
        draft = await self.ctx.ask("supervisor", messages, RoundDraft)
        self.notes |= await _understood(self.run, draft, self.ctx)
        if draft.do == "work":
            self.steps = _steps(draft.assignments, self.run.plan.steps)
            self.made = grown(self.run, self.steps, "supervisor", draft.reason, self.context)
        return draft

    def faults_of(self, draft: RoundDraft) -> tuple[Fault, ...]:
        """Return all faults of the last answer."""
        if draft.do == "finish":
            return ()
        of_plan = self.made if self.steps and isinstance(self.made, tuple) else ()
        return (*_own_faults(self.steps), *of_plan)


async def _decide(
    run: Run, ctx: AgentContext, runtime: Runtime[Context], update: dict[str, Any]
) -> Command[str]:
    """Ask the supervisor until its answer has no faults, at most `max_revisions` times more."""
    context = options(run, runtime)
    asked = _Round(run, ctx, context)
    try:
        draft = await ask_until_valid(
            asked.ask, asked.faults_of, ctx, max_revisions=context.max_revisions, what="round"
        )
    except (BudgetExceeded, ModelError) as error:
        so_far = {**update, **asked.notes, **written(ctx)}
        return wrap_up(run, runtime, NAME, _stop_for(error), so_far)
    decided = {**update, **asked.notes, **written(ctx), "decisions": run.decisions + 1}
    if isinstance(asked.made, Revision) and draft.do == "work":
        return _assign(draft, asked.made, runtime, run, decided)
    return finish(run, runtime, NAME, draft.reason, decided)


def _stop_for(error: CliptrailError) -> Stop:
    if not isinstance(error, InvalidAnswer):
        return stop_for(error)
    message = "The supervisor's assignments are not valid: " + " ".join(error.faults)
    return Stop(reason="invalid_plan", message=message, next_step="Ask again in other words.")


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


async def _understood(run: Run, draft: RoundDraft, ctx: AgentContext) -> dict[str, Any]:
    """Notes are made once, before anything was found: no transcript has a say in them."""
    if run.path or run.notes.topic:
        return {}
    # A request that nothing precedes stands for itself.
    question = draft.question.strip() if run.conversation else ""
    notes = await notes_from(draft.notes, ctx)
    return {"notes": notes.model_copy(update={"question": question})}


def _assign(
    draft: RoundDraft,
    made: Revision,
    runtime: Runtime[Context],
    run: Run,
    update: dict[str, Any],
) -> Command[str]:
    ids = tuple(change.step for change in made.changes)
    move = Move(by=NAME, turn="finish" if draft.last else "assign", to=ids, reason=draft.reason)
    event_writer(runtime)(Moved(move=move))
    event_writer(runtime)(plan_made(made, run))
    decided = {"plan": made.plan, "revisions": (made,), "path": (move,)}
    return Command(update={**update, **decided}, goto="dispatch")


async def _messages(
    run: Run,
    ctx: AgentContext,
    context: Context,
    steps: Sequence[Step],
    faults: Sequence[Fault],
) -> list[BaseMessage]:
    """Return the prompt, its older parts shortened as far as its limit demands.

    Raises:
        BudgetExceeded: it cannot be short enough.
    """
    pieces, turns, newest = _memory(run)
    asked = partial(
        prompt.render,
        run.request,
        _about_agents(),
        context.max_rounds - run.decisions,
        channels=None if run.path else await ctx.channels(),
        notes=run.notes.model_dump(exclude_defaults=True),
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
        raise BudgetExceeded(too_long(NAME, _size(messages({})), context.max_context), LONGER)
    said = memory.told(NAME)
    if said and all(row.what != said for row in run.incidents):
        ctx.note(said)
    return messages(memory.blocks)


def _size(messages: Sequence[BaseMessage]) -> int:
    return count_tokens(messages, RoundDraft)


def _about_agents() -> list[dict[str, Any]]:
    """What each agent does, takes and gives; the rest would be told each round for nothing."""
    told = ("name", "does", "inputs", "output")
    return [{name: described(agent)[name] for name in told} for agent in offered().values()]


def _memory(run: Run) -> tuple[list[Piece], list[Row], list[Row]]:
    """What may be shortened, the oldest first; the last turn and the last round stay whole."""
    own = {row.id.step for row in run.own_results.values()}
    rows = result_summaries(run.plan.steps, run.results, run.notes)
    turns = [_told(row) for row in run.conversation]
    last = run.path[-1].to if run.path else ()
    pieces = [
        *map(turn, turns[:-1]),
        *(result("earlier", row) for row in rows if row["step"] not in own),
        *(result("found", row) for row in rows if row["step"] in own and row["step"] not in last),
    ]
    newest = [row for row in rows if row["step"] in own and row["step"] in last]
    return pieces, turns[-1:], newest


def _told(row: Exchange) -> dict[str, Any]:
    """A turn of the conversation, without the files: the model need not know where they are."""
    return row.model_dump(exclude_defaults=True, exclude={"files", "pattern"})
