"""The router: chooses the agent for each open task, by rule where the match is clear."""

import asyncio
from collections.abc import Sequence
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import Agent, described, offered
from cliptrail.nodes.common.ask_until_valid import ask_until_valid
from cliptrail.nodes.common.running import event_writer, options, run_context, run_of, written
from cliptrail.nodes.common.wrap_up import limit_near, wrap_up
from cliptrail.nodes.handoff.faults import step_faults, values
from cliptrail.nodes.handoff.tasks import HandoffTasks
from cliptrail.nodes.handoff.wiring import candidates, step_for
from cliptrail.prompts import route as prompt
from cliptrail.state.context import Context
from cliptrail.state.drafts import RouteDraft
from cliptrail.state.errors import BudgetExceeded, ModelError
from cliptrail.state.handoffs import Task
from cliptrail.state.path import Move
from cliptrail.state.plan import Step
from cliptrail.state.request import Stop, stop_for
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run


async def router(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Assign every open task; one that no agent can take fails, and says what was tried."""
    run = run_of(state)
    tasks, context = HandoffTasks.of(run, event_writer(runtime)), options(run, runtime)
    ctx = await run_context(run, runtime)
    routing = _Routing(run, context, ctx, tasks)
    open_ = tasks.having("open")
    steps = {task.id: step for task in open_ if (step := routing.clear(task))}
    doubtful = [task for task in open_ if task.id not in steps]
    if doubtful and (stop := limit_near(run, context)):
        return wrap_up(run, runtime, "router", stop, tasks.update())
    chosen = await asyncio.gather(*map(routing.chosen, doubtful))
    if stop := next((row for row in chosen if isinstance(row, Stop)), None):
        return wrap_up(run, runtime, "router", stop, {**written(ctx), **tasks.update()})
    steps |= {
        task.id: row for task, row in zip(doubtful, chosen, strict=True) if isinstance(row, Step)
    }
    for task in open_:
        if task.id in steps:
            tasks.change(task, status="assigned", step=steps[task.id])
    return Command(update={**written(ctx), **tasks.update()}, goto="validate")


class _Routing:
    """The choice of agents in one pass."""

    def __init__(self, run: Run, context: Context, ctx: AgentContext, tasks: HandoffTasks) -> None:
        self.run = run
        self.context = context
        self.ctx = ctx
        self.tasks = tasks

    async def chosen(self, task: Task) -> Step | Stop | None:
        """Let the model choose a task's step; None if no agent is left, so that the task failed."""
        if not self.left(task):
            self.tasks.fail(task, "No agent is left.")
            return None
        try:
            return await self.asked(task)
        except BudgetExceeded as error:
            return stop_for(error)
        except ModelError as error:
            return self.fallback(task, error)

    def left(self, task: Task) -> dict[str, Agent]:
        out = _excluded(task)
        return {name: agent for name, agent in offered().items() if name not in out}

    def clear(self, task: Task) -> Step | None:
        """The step of the only agent with the capability, if it has no faults."""
        found = candidates(task.intent, _excluded(task))
        return self.sound(task, found[0]) if len(found) == 1 else None

    def sound(self, task: Task, agent: Agent) -> Step | None:
        step = step_for(task.intent, agent, task.state, self.run)
        return None if step_faults([step], self.run, self.context) else step

    async def asked(self, task: Task) -> Step:
        """Let the model choose, among those who did not turn it down."""
        left = self.left(task)
        known = [described(agent) for agent in left.values()]
        out = [row.model_dump() for row in task.excluded]

        async def ask(faults: Sequence[str]) -> RouteDraft:
            messages = prompt.render(self.ctx.request, _shown(task), known, out, list(faults))
            return await self.ctx.ask("router", messages, RouteDraft)

        def made(draft: RouteDraft) -> Step:
            given = {"inputs": values(draft.inputs), "for_each": draft.for_each.strip()}
            intent = task.intent.model_copy(update=given)
            return step_for(intent, left[draft.agent], task.state, self.run)

        def faults_of(draft: RouteDraft) -> list[str]:
            if draft.agent not in left:
                return [f"{draft.agent!r} is none of the agents: {', '.join(left)}."]
            return step_faults([made(draft)], self.run, self.context)

        most = self.context.max_revisions
        draft = await ask_until_valid(ask, faults_of, self.ctx, max_revisions=most)
        move = Move(by="router", turn="assign", to=(draft.agent,), intent=task.intent.words)
        self.tasks.move(move.model_copy(update={"reason": draft.reason}))
        return made(draft)

    def fallback(self, task: Task, error: ModelError) -> Step | None:
        """Choose by capability, where the model gave no choice."""
        for agent in candidates(task.intent, _excluded(task)):
            if step := self.sound(task, agent):
                self.ctx.note(f"{error} {agent.name} was chosen by its capability.")
                return step
        self.tasks.fail(task, f"{error}")
        return None


def _excluded(task: Task) -> set[str]:
    return {row.agent for row in task.excluded}


def _shown(task: Task) -> dict[str, Any]:
    shown = task.intent.model_dump(exclude_defaults=True)
    return {**shown, "results": list(task.state)}
