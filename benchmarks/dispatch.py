"""Eager dispatch against level-by-level dispatch: the same plans, the same graph, real waiting.

Level by level, every step of a level waits for the slowest one of the level before. The plans here
have branches of unequal steps, so that this shows; the critical path is what no dispatch can beat.
"""

import asyncio
import random
import time
from typing import Annotated, Literal

import typer
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from evals.running import installation
from graphs.registry import PATTERNS
from nodes.desk import Desk
from nodes.registry import agent
from state.base import Frozen
from state.context import Context
from state.errors import CliptrailError
from state.plan import Cost, Plan, Step, StoredPlan
from state.research import ResearchInput
from state.steps import StepResult
from tools.checkpoints import serializer


class Wait(Frozen):
    """How long to wait, after whom."""

    seconds: float
    after: tuple[float, ...] = ()


class Waited(Frozen):
    """How long it took."""

    seconds: float


@agent(capabilities=("benchmark",), cost=Cost(seconds=1.0))
async def benchmark_wait(inputs: Wait, desk: Desk) -> Waited:
    """Wait; stands for a request to a slow server."""
    await asyncio.sleep(inputs.seconds)
    return Waited(seconds=inputs.seconds)


def made(branches: int, depth: int, seed: int, slowest: float) -> tuple[Plan, float]:
    """Give a plan of `branches` chains that meet in one last step, and its critical path.

    Args:
        branches: number of chains.
        depth: steps of each.
        seed: of the steps' lengths: a tenth of `slowest` to all of it.
        slowest: seconds.
    """
    dice = random.Random(seed)  # noqa: S311 - the same plans in every run
    steps: list[Step] = []
    longest = 0.0
    for branch in range(branches):
        lengths = [round(slowest * dice.choice((0.1, 0.1, 1.0)), 3) for _ in range(depth)]
        longest = max(longest, sum(lengths))
        for place, length in enumerate(lengths):
            after = [f"$s{branch}_{place - 1}.seconds"] if place else []
            inputs = {"seconds": length, "after": after}
            steps.append(Step(id=f"s{branch}_{place}", agent="benchmark_wait", inputs=inputs))
    ends = [f"$s{branch}_{depth - 1}.seconds" for branch in range(branches)]
    steps.append(
        Step(id="last", agent="benchmark_wait", inputs={"seconds": slowest / 10, "after": ends})
    )
    return Plan(goal="benchmark", steps=tuple(steps)), longest + slowest / 10


def makespan(plan: Plan, dispatch: Literal["eager", "levels"]) -> float:
    """Run a plan and give the seconds from its first step's start to its last one's end.

    Raises:
        CliptrailError: a step failed.
    """
    graph = PATTERNS["planner"].build().compile(checkpointer=InMemorySaver(serde=serializer()))
    context = Context(approval="auto", library="samples", dispatch=dispatch, max_steps=1_000)
    given = ResearchInput(request="benchmark", stored=StoredPlan(plan=plan))

    async def run() -> float:
        config: RunnableConfig = {
            "configurable": {"thread_id": "one"},
            "recursion_limit": 10_000,
        }
        await graph.ainvoke(given, config, context=context)
        snapshot = await graph.aget_state(config)
        rows: list[StepResult] = list(snapshot.values["results"].values())
        if any(row.status != "done" for row in rows):
            raise CliptrailError("A step of the benchmark failed.")
        ends = [row.started + row.seconds for row in rows]
        return max(ends) - min(row.started for row in rows)

    return asyncio.run(run())


def main(
    branches: Annotated[int, typer.Option(min=1)] = 6,
    depth: Annotated[int, typer.Option(min=1)] = 5,
    plans: Annotated[int, typer.Option(min=1, help="How many plans.")] = 3,
    slowest: Annotated[float, typer.Option(help="Seconds of a slow step.")] = 0.5,
) -> None:
    """Print makespans over the critical path, plan by plan."""
    typer.echo("| Plan | Steps | Critical path | Eager / path | Levels / path | Levels / eager |")
    typer.echo("| --- | --- | --- | --- | --- | --- |")
    with installation():
        for seed in range(plans):
            plan, path = made(branches, depth, seed, slowest)
            began = time.perf_counter()
            eager, levels = makespan(plan, "eager"), makespan(plan, "levels")
            typer.echo(
                f"| {seed} | {len(plan.steps)} | {path:.2f} s | {eager / path:.2f} | "
                f"{levels / path:.2f} | {levels / eager:.2f} |"
            )
            typer.echo(f"plan {seed}: {time.perf_counter() - began:.1f} s", err=True)


if __name__ == "__main__":
    typer.run(main)
