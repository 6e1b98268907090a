"""The agent with tools: one model decides after every observation (ReAct).

After Yao et al. 2022, "ReAct: Synergizing Reasoning and Acting in Language Models". LangChain's
`create_agent` asks the model for each turn; the state holds the dialogue. Its tools are nodes of
this graph, so that each call is dispatched, resumed, audited and priced as a planner's step is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.nodes.common.annotate import notes_from, notes_of
from cliptrail.nodes.common.growing_plan import grown, knowledge
from cliptrail.nodes.common.revisions import plan_made
from cliptrail.nodes.common.running import dialogue_of, event_writer, options, run_context, written
from cliptrail.nodes.common.wrap_up import finish, limit_reached, wrap_up
from cliptrail.nodes.react.dialogue import calls_of, fitted, forgetting, opening, replies, storable
from cliptrail.nodes.react.langchain_agent import answer, fixed_tokens, tools_for
from cliptrail.nodes.react.tool_calls import Desired, Outcome, refused
from cliptrail.plans.views import counted
from cliptrail.prompts import agent as prompt
from cliptrail.state.context import Context
from cliptrail.state.dialogue import DialogueRun, DialogueState
from cliptrail.state.errors import BudgetExceeded, ModelError
from cliptrail.state.events import Moved
from cliptrail.state.path import Move
from cliptrail.state.plan import Revision
from cliptrail.state.request import Stop, StopReason, stop_for

MOST_IDLE = 3
"""Decisions in a row that bring nothing new, after which it is not asked any more."""
LONGEST_REASON = 300
"""Characters of the agent's own words that the path keeps."""


async def agent(state: DialogueState, *, runtime: Runtime[Context]) -> Command[str]:
    """Let the model see what there is and call what comes next; or bring the run to its end."""
    run = dialogue_of(state)
    context, known = options(run, runtime), len(knowledge(run.results))
    if _is_over(run, known):
        return Command(goto="save")
    seen: dict[str, Any] = {"known": known, "idle": _idle(run, known)}
    if stop := limit_reached(run, context, idle=seen["idle"], most_idle=MOST_IDLE):
        return wrap_up(run, runtime, "agent", stop, seen)
    ctx = await run_context(run, runtime)
    try:
        said, messages = await _said(run, ctx, context)
    except (ModelError, BudgetExceeded) as error:
        return wrap_up(run, runtime, "agent", stop_for(error), {**seen, **written(ctx)})
    seen["decisions"] = run.decisions + 1
    return await _Turn(run, runtime, context, ctx, said, messages, seen).taken()


def _is_over(run: DialogueRun, known: int) -> bool:
    """Did the agent end the run, and nothing is known since but what its end brought?

    In a retry the agent has not decided yet: if what had failed gave something now, it is asked
    again.
    """
    path = run.path
    if not path or path[-1].turn != "finish":
        return False
    return bool(run.decisions) or known == run.known


def _idle(run: DialogueRun, known: int) -> int:
    """How many decisions in a row brought nothing new; a call that went back was none."""
    if not run.decisions:
        return 0
    if _attempts(run):
        return run.idle
    return 0 if known > run.known else run.idle + 1


def _attempts(run: DialogueRun) -> int:
    """How often in a row what the agent said went back to it."""
    return run.attempts if run.decisions else 0


async def _said(
    run: DialogueRun, ctx: AgentContext, context: Context
) -> tuple[AIMessage, list[AnyMessage]]:
    """Ask the agent; give its message, and what it was told."""
    tools = tools_for(noting=_may_note(run))
    told = fitted(run, context.max_context - fixed_tokens(tools))
    messages = told.messages or await _opening(run, ctx)
    if told.shortened:
        which = counted(told.shortened, "older call")
        ctx.note(f"The agent was told in short what {which} gave, to keep to --max-context.")
    said = await answer(messages, ctx, tools)
    return storable(said, messages), messages


def _may_note(run: DialogueRun) -> bool:
    """Was nothing seen yet that strangers wrote, so that its reading can be trusted?"""
    return not run.notes.topic and not run.results


async def _opening(run: DialogueRun, ctx: AgentContext) -> list[AnyMessage]:
    channels = await ctx.channels()
    notes = ctx.notes.model_dump() if ctx.notes.topic else None
    _, first = prompt.render(ctx.request, channels, notes)
    return opening(HumanMessage(first.content), run.id)


@dataclass
class _Turn:
    """One turn of the agent: what it said, and what becomes of it."""

    run: DialogueRun
    runtime: Runtime[Context]
    context: Context
    ctx: AgentContext
    said: AIMessage
    messages: list[AnyMessage]
    """What it was told."""
    update: dict[str, Any]
    """State update so far."""

    @property
    def words(self) -> str:
        return str(self.said.text).strip()[:LONGEST_REASON]

    async def taken(self) -> Command[str]:
        """Return what follows."""
        calls = calls_of(self.said)
        if not calls and self.run.own_results:
            return self.finished()
        if not calls:
            return self.returned([HumanMessage(prompt.NO_CALL)], "called no tool.", "failure")
        wanted = Desired(self.run, _may_note(self.run))
        rows, made = self.grown(wanted, [wanted.take(call) for call in calls])
        faults = [fault for row in rows for fault in row.faults]
        answers = replies(rows, self.run.id)
        if not any(row.steps or row.notes for row in rows):
            what = f"made calls that were not valid: {' '.join(dict.fromkeys(faults))}"
            return self.returned(answers, what, "invalid_plan")
        if faults:
            self.ctx.note(f"{counted(len(faults), 'fault')} went back to the agent: {faults[0]}")
        if made is None and any(row.steps for row in rows):
            self.ctx.note("The agent called for what is done already: it was shown again.")
        await self.noted(rows)
        return self.went_on(made, answers)

    def grown(self, wanted: Desired, rows: list[Outcome]) -> tuple[list[Outcome], Revision | None]:
        """Add the new steps to the plan; where it cannot take them, the calls say why."""
        if not wanted.new:
            return rows, None
        made = grown(self.run, wanted.new, "agent", self.words, self.context)
        if isinstance(made, Revision):
            return rows, made
        return refused(rows, [step.id for step in wanted.new], map(str, made)), None

    async def noted(self, rows: list[Outcome]) -> None:
        """See that there are notes of the request before anything is done about it."""
        if not _may_note(self.run):
            return
        drafts = [row.notes for row in rows if row.notes]
        notes = await notes_from(drafts[0], self.ctx) if drafts else None
        if notes is None or not notes.topic:
            self.ctx.note("The agent took no notes of the request: it is read in a call.")
            notes = await notes_of(self.ctx, "Channels that it names are not looked after.")
        if notes:
            self.update["notes"] = notes

    def went_on(self, made: Revision | None, answers: Sequence[AnyMessage]) -> Command[str]:
        """Have the new steps done; without any, what is known already is shown again."""
        self.update["attempts"] = 0
        if made is None:
            return self.command("agent", answers)
        move = Move(
            by="agent",
            turn="assign",
            to=tuple(row.step for row in made.changes),
            reason=self.words,
        )
        self.tell(move)
        event_writer(self.runtime)(plan_made(made, self.run))
        self.update |= {"plan": made.plan, "revisions": (made,)}
        return self.command("dispatch", answers)

    def returned(
        self, answers: Sequence[AnyMessage], what: str, reason: StopReason
    ) -> Command[str]:
        """Send an answer that cannot be used back, or end the run if there were too many."""
        attempts = _attempts(self.run) + 1
        self.update["attempts"] = attempts
        if attempts <= self.context.max_revisions:
            self.ctx.note(f"The agent {what} It was told so.")
            return self.command("agent", answers)
        stop = Stop(
            reason=reason,
            message=f"{counted(attempts, 'time')} in a row the agent {what}",
            next_step="Use another --model, or a pattern that needs no tool calls.",
        )
        return wrap_up(self.run, self.runtime, "agent", stop, {**self.update, **written(self.ctx)})

    def finished(self) -> Command[str]:
        """End the run as the agent wants it; what it found and did not compose is composed."""
        return finish(self.run, self.runtime, "agent", self.words, self.told([]))

    def tell(self, move: Move) -> None:
        event_writer(self.runtime)(Moved(move=move))
        self.update["path"] = (move,)

    def command(self, goto: str, answers: Sequence[AnyMessage]) -> Command[str]:
        return Command(update=self.told(answers), goto=goto)

    def told(self, answers: Sequence[AnyMessage]) -> dict[str, Any]:
        """Return the state update with all that was told; closing words are not kept."""
        kept = [*forgetting(self.run), *self.messages]
        if answers:
            kept += [self.said, *answers]
        return {**self.update, **written(self.ctx), "messages": kept}
