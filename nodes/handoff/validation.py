"""The validation: an assigned agent accepts its task or declines it; no answer is not a yes."""

import asyncio
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agents, described
from cliptrail.nodes.common.growing_plan import grown, numbered
from cliptrail.nodes.common.revisions import plan_made
from cliptrail.nodes.common.running import event_writer, options, run_context, run_of, written
from cliptrail.nodes.common.wrap_up import limit_near, wrap_up
from cliptrail.nodes.handoff.tasks import HandoffTasks
from cliptrail.prompts import accept as prompt
from cliptrail.state.context import Context
from cliptrail.state.drafts import AcceptDraft
from cliptrail.state.errors import BudgetExceeded, ModelError, ModelRejected
from cliptrail.state.handoffs import Task
from cliptrail.state.path import path_text
from cliptrail.state.plan import Revision, Step
from cliptrail.state.request import Stop, stop_for
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run

Verdict = tuple[Literal["yes", "no", "unclear"], str]
"""What an agent says to its assignment, and why."""


async def validate(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Add the accepted assignments to the plan; the others go back to the router."""
    run = run_of(state)
    tasks, context = HandoffTasks.of(run, event_writer(runtime)), options(run, runtime)
    assigned = tasks.having("assigned")
    doubtful = [row for row in assigned if context.validation == "model" or _is_doubtful(row)]
    if doubtful and (stop := limit_near(run, context)):
        return wrap_up(run, runtime, "validate", stop, tasks.update())
    ctx = await run_context(run, runtime)
    said = await asyncio.gather(*(_ask(task, ctx) for task in doubtful))
    if stop := next((row for row in said if isinstance(row, Stop)), None):
        return wrap_up(run, runtime, "validate", stop, {**written(ctx), **tasks.update()})
    for task, row in zip(doubtful, said, strict=True):
        if not isinstance(row, Stop) and row[0] != "yes":
            tasks.turn_down(task, row[1], exclude=row[0] == "no")
    return _added(run, runtime, tasks, ctx, tasks.having("assigned"))


def _is_doubtful(task: Task) -> bool:
    """Is it open whether the agent can do it? Not where it has the capability that is named."""
    return task.step is None or task.intent.capability not in agents()[task.step.agent].capabilities


async def _ask(task: Task, ctx: AgentContext) -> Verdict | Stop:
    """Ask whether the agent takes it; no answer is not a yes."""
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


def _added(
    run: Run,
    runtime: Runtime[Context],
    tasks: HandoffTasks,
    ctx: AgentContext,
    accepted: list[Task],
) -> Command[str]:
    """Add the accepted steps to the plan, as one revision."""
    for task in accepted:
        if task.step and _is_loop(task, task.step, run):
            stop = Stop(reason="loop", message=_loop(task.step, run))
            return wrap_up(run, runtime, "validate", stop, {**written(ctx), **tasks.update()})
    update: dict[str, Any] = {}
    steps: list[Step] = []
    words: list[str] = []
    for task in accepted:
        assert task.step is not None
        both = " ".join([*words, task.intent.words])
        # Numbered only now: since the assignment the plan may have grown, when it was resumed.
        name = numbered(task.step.agent, [*run.plan.steps, *steps])
        step = task.step.model_copy(update={"id": name})
        made = grown(run, [*steps, step], "router", both, options(run, runtime))
        if isinstance(made, Revision):
            update = {"plan": made.plan, "revisions": (made,)}
            steps, words = [*steps, step], [*words, task.intent.words]
            tasks.change(task, status="working", steps=(step.id,), step=None)
        else:
            tasks.fail(task, " ".join(map(str, made)))
    if update:
        event_writer(runtime)(plan_made(update["revisions"][0], run))
    goto = "router" if tasks.having("open") else "dispatch"
    return Command(update={**update, **written(ctx), **tasks.update()}, goto=goto)


def _is_loop(task: Task, step: Step, run: Run) -> bool:
    """Was the same done before by the same agent, and is nothing new known since?"""
    before = (row for row in run.plan.steps if row.agent == step.agent)
    same = any((row.inputs, row.for_each) == (step.inputs, step.for_each) for row in before)
    return same and (bool(task.group) or run.idle > 0)


def _loop(step: Step, run: Run) -> str:
    path = path_text(run.path)
    return f"{step.agent} was to do the same again, and nothing new is known: {path}."
