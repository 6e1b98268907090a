"""The router: chooses the agent for each open task, by rule where the match is clear."""

import asyncio
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command

from nodes.closing import close
from nodes.desk import Desk
from nodes.handoffs.board import Board
from nodes.handoffs.faults import mended, step_faults, values
from nodes.handoffs.wiring import candidates, step_for
from nodes.plan import about
from nodes.plans.growing import numbered
from nodes.registry import Agent, offered
from nodes.running import desk_of, options, voice, written
from prompts import route as prompt
from state.context import Context
from state.drafts import RouteDraft
from state.errors import BudgetExceeded, ModelError
from state.handoffs import Task
from state.path import Move
from state.plan import Plan, Step
from state.request import Stop
from state.research import ResearchState


async def router(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Assign every open task; one for which there is nobody fails with its whole story."""
    board, context = Board.of(state, voice(runtime)), options(state, runtime)
    desk = await desk_of(state, runtime)
    routing = _Routing(state, context, desk, board)
    tasks = board.having("open")
    try:
        steps = await asyncio.gather(*(routing.step(task) for task in tasks))
    except BudgetExceeded as error:
        stop = Stop(reason="budget", message=error.message, next_step=error.next_step)
        update = {**written(desk), **board.update()}
        return close(state, runtime, "router", stop, update)
    taken = [*state.get("plan", Plan()).steps]
    for task, step in zip(tasks, steps, strict=True):
        if step is None:
            continue
        taken.append(step.model_copy(update={"id": numbered(step.agent, taken)}))
        board.change(task, status="assigned", step=taken[-1])
    return Command(update={**written(desk), **board.update()}, goto="validate")


class _Routing:
    """The choice of agents in one pass."""

    def __init__(self, state: ResearchState, context: Context, desk: Desk, board: Board) -> None:
        self.state = state
        self.context = context
        self.desk = desk
        self.board = board

    async def step(self, task: Task) -> Step | None:
        """Give the step that would do a task; None if nobody is left, and the task has failed."""
        if (step := self.clear(task)) is not None:
            return step
        if not self.left(task):
            self.board.fail(task, "No agent is left.")
            return None
        try:
            return await self.asked(task)
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
        step = step_for(task.intent, agent, task.state, self.state)
        return None if step_faults([step], self.state, self.context) else step

    async def asked(self, task: Task) -> Step:
        """Let the model choose, among those who did not turn it down."""
        left = self.left(task)
        known = [about(agent) for agent in left.values()]
        out = [row.model_dump() for row in task.excluded]

        async def ask(faults: list[str]) -> RouteDraft:
            messages = prompt.render(self.desk.request, _shown(task), known, out, faults)
            return await self.desk.ask("router", messages, RouteDraft)

        def made(draft: RouteDraft) -> Step:
            given = {"inputs": values(draft.inputs), "for_each": draft.for_each.strip()}
            intent = task.intent.model_copy(update=given)
            return step_for(intent, left[draft.agent], task.state, self.state)

        def faults_of(draft: RouteDraft) -> list[str]:
            if draft.agent not in left:
                return [f"{draft.agent!r} is none of the agents: {', '.join(left)}."]
            return step_faults([made(draft)], self.state, self.context)

        draft = await mended(ask, faults_of, self.desk, self.context.max_revisions)
        move = Move(by="router", turn="assign", to=(draft.agent,), intent=task.intent.words)
        self.board.move(move.model_copy(update={"reason": draft.reason}))
        return made(draft)

    def fallback(self, task: Task, error: ModelError) -> Step | None:
        """Choose by capability, where the model gave no choice."""
        for agent in candidates(task.intent, _excluded(task)):
            if step := self.sound(task, agent):
                self.desk.note(f"{error} {agent.name} was chosen by its capability.")
                return step
        self.board.fail(task, f"{error}")
        return None


def _excluded(task: Task) -> set[str]:
    return {row.agent for row in task.excluded}


def _shown(task: Task) -> dict[str, Any]:
    shown = task.intent.model_dump(exclude_defaults=True)
    return {**shown, "results": list(task.state)}
