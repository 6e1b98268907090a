"""The validation: an assigned agent takes its task or turns it down; silence is no yes."""

import asyncio
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agents, described
from cliptrail.nodes.common.growing_plan import grown, numbered
from cliptrail.nodes.common.revisions import plan_made
from cliptrail.nodes.common.running import options, run_context, voice, written
from cliptrail.nodes.common.wrap_up import close, limit_near
from cliptrail.nodes.handoff.board import Board
from cliptrail.prompts import accept as prompt
from cliptrail.state.context import Context
from cliptrail.state.drafts import AcceptDraft
from cliptrail.state.errors import BudgetExceeded, ModelError, ModelRejected
from cliptrail.state.handoffs import Task
from cliptrail.state.path import path_text
from cliptrail.state.plan import Plan, Revision, Step
from cliptrail.state.request import Stop, stop_for
from cliptrail.state.research import ResearchState

Verdict = tuple[Literal["yes", "no", "unclear"], str]
"""What an agent says to its assignment, and why."""


async def validate(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Take the accepted assignments into the plan; the others go back to the router."""
    board, context = Board.of(state, voice(runtime)), options(state, runtime)
    tasks = board.having("assigned")
    doubtful = [row for row in tasks if context.validation == "model" or _is_doubtful(row)]
    if doubtful and (stop := limit_near(state, context)):
        return close(state, runtime, "validate", stop, board.update())
    ctx = await run_context(state, runtime)
    said = await asyncio.gather(*(_ask(task, ctx) for task in doubtful))
    if stop := next((row for row in said if isinstance(row, Stop)), None):
        return close(state, runtime, "validate", stop, {**written(ctx), **board.update()})
    for task, row in zip(doubtful, said, strict=True):
        if not isinstance(row, Stop) and row[0] != "yes":
            board.turn_down(task, row[1], exclude=row[0] == "no")
    return _taken(state, runtime, board, ctx, board.having("assigned"))


def _is_doubtful(task: Task) -> bool:
    """Is it open whether the agent can do it? Not where it has the capability that is named."""
    return task.step is None or task.intent.capability not in agents()[task.step.agent].capabilities


async def _ask(task: Task, ctx: AgentContext) -> Verdict | Stop:
    """Ask whether the agent takes it; no answer is no yes."""
    assert task.step is not None
    shown = {"words": task.intent.words, "capability": task.intent.capability}
    inputs = {
        **task.step.inputs,
        **({"for_each": task.step.for_each} if task.step.for_each else {}),
    }
    messages = prompt.render(ctx.request, described(agents()[task.step.agent]), shown, inputs)
    try:
        draft = await ctx.ask("validator", messages, AcceptDraft)
    except (BudgetExceeded, ModelRejected) as error:
        return stop_for(error)
    except ModelError as error:
        return "unclear", f"It was asked, and {error.message}"
    return draft.accept, draft.reason.strip() or f"It said {draft.accept!r} without a reason."


def _taken(
    state: ResearchState,
    runtime: Runtime[Context],
    board: Board,
    ctx: AgentContext,
    accepted: list[Task],
) -> Command[str]:
    """Take the accepted steps into the plan, as one revision."""
    for task in accepted:
        if task.step and _is_loop(task, task.step, state):
            stop = Stop(reason="loop", message=_loop(task.step, state))
            return close(state, runtime, "validate", stop, {**written(ctx), **board.update()})
    update: dict[str, Any] = {}
    steps: list[Step] = []
    words: list[str] = []
    for task in accepted:
        assert task.step is not None
        both = " ".join([*words, task.intent.words])
        # Numbered only now: since the assignment the plan may have grown, when it was resumed.
        name = numbered(task.step.agent, [*state.get("plan", Plan()).steps, *steps])
        step = task.step.model_copy(update={"id": name})
        made = grown(state, [*steps, step], "router", both, options(state, runtime))
        if isinstance(made, Revision):
            update = {"plan": made.plan, "revisions": (made,)}
            steps, words = [*steps, step], [*words, task.intent.words]
            board.change(task, status="working", steps=(step.id,), step=None)
        else:
            board.fail(task, " ".join(map(str, made)))
    if update:
        voice(runtime)(plan_made(update["revisions"][0], state))
    goto = "router" if board.having("open") else "dispatch"
    return Command(update={**update, **written(ctx), **board.update()}, goto=goto)


def _is_loop(task: Task, step: Step, state: ResearchState) -> bool:
    """Was the same done before by the same agent, and is nothing new known since?"""
    before = (row for row in state.get("plan", Plan()).steps if row.agent == step.agent)
    same = any((row.inputs, row.for_each) == (step.inputs, step.for_each) for row in before)
    return same and (bool(task.group) or state.get("idle", 0) > 0)


def _loop(step: Step, state: ResearchState) -> str:
    path = path_text(state.get("path", ()))
    return f"{step.agent} was to do the same again, and nothing new is known: {path}."
