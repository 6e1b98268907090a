"""The node of an agent: waits for the step's inputs, does the step, gives its result as a value."""

import time
from collections.abc import Awaitable
from typing import Any, Protocol

from langgraph.errors import GraphBubbleUp
from langgraph.runtime import Runtime
from pydantic import BaseModel

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import Agent, understudies
from cliptrail.nodes.common.running import LOG, agent_context, options, voice, written
from cliptrail.nodes.common.step_results import Meeting, join, leave
from cliptrail.plans.expectations import shortfall
from cliptrail.plans.inputs import ready_brief, ready_inputs
from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError, Failure, FailureKind
from cliptrail.state.events import StepEnded, StepStarted, StepWaiting
from cliptrail.state.plan import Expectation
from cliptrail.state.request import Notes
from cliptrail.state.steps import Skip, StepResult, StepTask
from cliptrail.state.usage import share
from cliptrail.tools.tracing import describe

NO_MATTER_WHO: frozenset[FailureKind] = frozenset({"budget", "blocked", "input_missing"})
"""Failures to which another agent would come just so."""


class Node(Protocol):
    """A node that does a step."""

    __name__: str

    def __call__(self, state: StepTask, *, runtime: Runtime[Context]) -> Awaitable[dict[str, Any]]:
        """Do the step and give the state update."""
        ...


def node_of(agent: Agent) -> Node:
    """Return the graph node of an agent."""

    async def work(state: StepTask, *, runtime: Runtime[Context]) -> dict[str, Any]:
        task = StepTask.model_validate(state)
        meeting = join(task.run, task.round)
        seat = meeting.seat(task.instance.id)
        _show(task)
        try:
            known = await _inputs(task, meeting, runtime)
            if known is None:
                return {}
            update, result = await _do(agent, task, known, runtime)
            leave(seat, None if task.may_replan and _unjudged(result) else result)
        finally:
            leave(seat)
        voice(runtime)(StepEnded(result=result))
        return {**update, "results": {result.id: result}}

    work.__name__ = agent.name
    return work


def _show(task: StepTask) -> None:
    """Say in the trace which step this is."""
    step, agent = task.instance.id, task.instance.agent
    about = {"step": step, "agent": agent, "tier": task.instance.tier, "round": task.round}
    name = step if step == agent else f"{step} ({agent})"
    describe(name, [f"step:{step}", f"agent:{agent}"], about)


def _show_end(result: StepResult, ctx: AgentContext | None) -> None:
    """Say in the trace what came of the step, by whom, and what it cost."""
    usd = share(ctx.calls).usd if ctx else 0.0
    ended = {"outcome": result.status, "done_by": result.agent, "usd": usd}
    describe("", (), ended | ({"reason": result.reason} if result.reason else {}))


def _unjudged(result: StepResult) -> bool:
    return result.failure is not None or bool(result.shortfall)


async def _inputs(
    task: StepTask, meeting: Meeting, runtime: Runtime[Context]
) -> dict[str, StepResult] | None:
    """Wait for what the step needs; None if some of it does not come in this super-step."""
    known = dict(task.known)
    missing = [need for need in task.instance.needs if need not in known]
    if missing:
        voice(runtime)(StepWaiting(id=task.instance.id, agent=task.instance.agent))
    for need in missing:
        result = await meeting.outcome(need)
        if result is None:
            return None
        known[need] = result
    return known


async def _do(
    agent: Agent,
    task: StepTask,
    known: dict[str, StepResult],
    runtime: Runtime[Context],
) -> tuple[dict[str, Any], StepResult]:
    started, clock = time.time(), time.perf_counter()
    ctx: AgentContext | None = None
    ended: Skip | Failure | dict[str, Any]
    by = agent
    try:
        inputs = ready_inputs(task.instance, agent, known, task.sizes)
        if isinstance(inputs, Skip):
            ended = inputs
        else:
            voice(runtime)(StepStarted(id=task.instance.id, agent=agent.name, at=started))
            ctx = await _agent_context(task, runtime, ready_brief(task.instance, known, task.sizes))
            by, ended = await _attempts(agent, inputs, ctx, task.instance.expect)
    except GraphBubbleUp:
        raise
    except Exception as error:  # noqa: BLE001 - a user's own input model may raise anything
        ended = as_failure(error, task.instance.id)
    result = _result(task, by, ended, started, time.perf_counter() - clock)
    if ctx is not None and result.output is not None:
        result = result.model_copy(update={"lacks": " ".join(ctx.lacks)})
    _show_end(result, ctx)
    return (written(ctx) if ctx else {}), result


async def _attempts(
    agent: Agent, inputs: BaseModel, ctx: AgentContext, expected: tuple[Expectation, ...]
) -> tuple[Agent, Failure | dict[str, Any]]:
    """Let the planned agent work and, where it fails or falls short, those that can do the same."""
    by, ended = agent, await _attempt(agent, inputs, ctx)
    for other in understudies(agent):
        why = _lacking(ended, expected, ctx.notes)
        if not why or (isinstance(ended, Failure) and ended.kind in NO_MATTER_WHO):
            break
        ctx.note(f"{by.name} {why} {other.name} took over.")
        ctx.lacks.clear()
        second = await _attempt(other, inputs, ctx)
        if isinstance(ended, Failure) or not _lacking(second, expected, ctx.notes):
            by, ended = other, second
    return by, ended


def _lacking(
    ended: Failure | dict[str, Any], expected: tuple[Expectation, ...], notes: Notes
) -> str:
    """Why a result does not do; empty if it does."""
    if isinstance(ended, Failure):
        return f"failed: {ended.message}"
    short = shortfall(expected, ended, notes)
    return f"fell short: {short}." if short else ""


async def _attempt(agent: Agent, inputs: BaseModel, ctx: AgentContext) -> Failure | dict[str, Any]:
    ctx.agent = agent.name
    try:
        return _output(agent, await agent.run(inputs, ctx))
    except GraphBubbleUp:
        raise
    except Exception as error:  # noqa: BLE001 - an agent may be the user's own: its error is a value
        return as_failure(error, ctx.step)


async def _agent_context(task: StepTask, runtime: Runtime[Context], brief: str) -> AgentContext:
    return await agent_context(
        runtime,
        options(task, runtime),
        run=task.run,
        request=task.request,
        notes=task.notes,
        step=task.instance.id,
        brief=brief,
        tier=task.instance.tier,
    )


def _output(agent: Agent, output: object) -> dict[str, Any]:
    """What an agent gave, as JSON; references into it were checked against its type."""
    if not isinstance(output, agent.output):
        raise TypeError(f"it gave {type(output).__name__}, not {agent.output.__name__}.")
    data: Any = output.model_dump(mode="json")
    if not isinstance(data, dict):
        raise TypeError(f"{agent.output.__name__} is no model with fields.")
    return data


def _result(
    task: StepTask,
    agent: Agent,
    ended: Skip | Failure | dict[str, Any],
    started: float,
    seconds: float,
) -> StepResult:
    """How the step ended, from its output, its failure, or the reason to skip it."""
    skip = ended if isinstance(ended, Skip) else None
    failure = ended if isinstance(ended, Failure) else None
    output = None if isinstance(ended, Skip | Failure) else ended
    return StepResult(
        id=task.instance.id,
        agent=agent.name,
        status="skipped" if skip else "failed" if failure else "done",
        output=output,
        failure=failure,
        skip=skip,
        shortfall="" if output is None else shortfall(task.instance.expect, output, task.notes),
        started=started,
        seconds=0.0 if skip else round(seconds, 4),
    )


def as_failure(error: Exception, where: str) -> Failure:
    """Return any exception as a value; one that nobody meant is logged with its traceback."""
    if isinstance(error, CliptrailError):
        return error.as_failure()
    LOG.error("%s failed", where, exc_info=error)
    return Failure(
        kind="internal",
        message=f"{where} failed: {type(error).__name__}: {error}",
        next_step="This is a fault of the program; run again with -v and report it.",
    )
