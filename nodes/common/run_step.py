"""The node of an agent: waits for the step's inputs, runs the step, returns its result."""

import time
from collections.abc import Awaitable
from typing import Any, Protocol

from langgraph.errors import GraphBubbleUp
from langgraph.runtime import Runtime
from pydantic import BaseModel

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import Agent, understudies
from cliptrail.nodes.common.run_scope import run_scope
from cliptrail.nodes.common.running import LOG, agent_context, event_writer, options, written
from cliptrail.nodes.common.step_results import RoundResults, publish
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

SAME_FOR_ANY_AGENT: frozenset[FailureKind] = frozenset({"budget", "blocked", "input_missing"})
"""Failures that another agent would run into as well, so that none is tried."""


class Node(Protocol):
    """A node that runs a step."""

    __name__: str

    def __call__(self, state: StepTask, *, runtime: Runtime[Context]) -> Awaitable[dict[str, Any]]:
        """Run the step and return the state update."""
        ...


def node_of(agent: Agent) -> Node:
    """Return the graph node of an agent."""

    async def run_step(state: StepTask, *, runtime: Runtime[Context]) -> dict[str, Any]:
        task = StepTask.model_validate(state)
        round_results = run_scope(task.run).rounds.get(task.round)
        own = round_results.expect(task.instance.id)
        _show(task)
        try:
            known = await _inputs(task, round_results, runtime)
            if known is None:
                return {}
            update, result = await _do(agent, task, known, runtime)
            publish(own, None if task.may_replan and _needs_judging(result) else result)
        finally:
            publish(own)
        event_writer(runtime)(StepEnded(result=result))
        return {**update, "results": {result.id: result}}

    run_step.__name__ = agent.name
    return run_step


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


def _needs_judging(result: StepResult) -> bool:
    """Must the dispatcher decide on a new plan before anything is done with the result?"""
    return result.failure is not None or bool(result.shortfall)


async def _inputs(
    task: StepTask, round_results: RoundResults, runtime: Runtime[Context]
) -> dict[str, StepResult] | None:
    """Wait for what the step needs; None if some of it does not come in this round."""
    known = dict(task.known)
    missing = [need for need in task.instance.needs if need not in known]
    if missing:
        event_writer(runtime)(StepWaiting(id=task.instance.id, agent=task.instance.agent))
    for need in missing:
        result = await round_results.wait_for(need)
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
            begun = StepStarted(id=task.instance.id, agent=agent.name, at=started)
            event_writer(runtime)(begun)
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
    """Run the planned agent and, where it fails or falls short, those that can stand in for it."""
    by, ended = agent, await _attempt(agent, inputs, ctx)
    for other in understudies(agent):
        why = _inadequate(ended, expected, ctx.notes)
        if not why or (isinstance(ended, Failure) and ended.kind in SAME_FOR_ANY_AGENT):
            break
        ctx.note(f"{by.name} {why} {other.name} took over.")
        ctx.lacks.clear()
        second = await _attempt(other, inputs, ctx)
        if isinstance(ended, Failure) or not _inadequate(second, expected, ctx.notes):
            by, ended = other, second
    return by, ended


def _inadequate(
    ended: Failure | dict[str, Any], expected: tuple[Expectation, ...], notes: Notes
) -> str:
    """Why a result is not good enough; empty if it is."""
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
        run_id=task.run,
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
    """Return any exception as a value; an unexpected one is logged with its traceback."""
    if isinstance(error, CliptrailError):
        return error.as_failure()
    LOG.error("%s failed", where, exc_info=error)
    return Failure(
        kind="internal",
        message=f"{where} failed: {type(error).__name__}: {error}",
        next_step="This is a fault of the program; run again with -v and report it.",
    )
