"""Eager dispatch against level-by-level dispatch: the same plans, the same graph, real waiting.

Level by level, every step waits for the slowest one of the level before. The critical path is what
no dispatch can beat.
"""

import asyncio
import statistics
from typing import Annotated, Literal

import typer
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver

from cliptrail.benchmarks.waiting import critical_path, research_shaped
from cliptrail.evals.running import installation
from cliptrail.graphs.registry import pattern_named
from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError
from cliptrail.state.plan import Plan, StoredPlan
from cliptrail.state.research import ResearchInput
from cliptrail.state.steps import StepResult
from cliptrail.tools.checkpoints import serializer

Dispatch = Literal["eager", "levels"]


async def makespan(plan: Plan, dispatch: Dispatch, saver: BaseCheckpointSaver[str]) -> float:
    """Run a plan and give the seconds from its first step's start to its last one's end.

    Raises:
        CliptrailError: a step failed.
    """
    graph = pattern_named("planner").build().compile(checkpointer=saver)
    context = Context(approval="auto", library="samples", dispatch=dispatch, max_steps=1_000)
    given = ResearchInput(request="benchmark", stored=StoredPlan(plan=plan))
    config: RunnableConfig = {"configurable": {"thread_id": "one"}, "recursion_limit": 10_000}
    await graph.ainvoke(given, config, context=context, durability="sync")
    snapshot = await graph.aget_state(config)
    rows: list[StepResult] = list(snapshot.values["results"].values())
    if any(row.status != "done" for row in rows):
        raise CliptrailError("A step of the benchmark failed.")
    return max(row.started + row.seconds for row in rows) - min(row.started for row in rows)


def ratios(plans: int, typical: float) -> dict[Dispatch, list[float]]:
    """Return makespan over critical path of every plan, by dispatch, sorted."""
    kinds: tuple[Dispatch, ...] = ("eager", "levels")
    found: dict[Dispatch, list[float]] = {kind: [] for kind in kinds}
    for seed in range(plans):
        plan = research_shaped(seed, typical)
        path = critical_path(plan)
        for kind in kinds:
            saver = InMemorySaver(serde=serializer())
            found[kind].append(asyncio.run(makespan(plan, kind, saver)) / path)
    return {kind: sorted(rows) for kind, rows in found.items()}


def main(
    plans: Annotated[int, typer.Option(min=1, help="How many plans.")] = 200,
    typical: Annotated[float, typer.Option(help="Median seconds of a step.")] = 0.2,
) -> None:
    """Print makespan over critical path: median, 95th percentile, worst."""
    typer.echo("| Dispatch | Plans | Median | p95 | Worst |")
    typer.echo("| --- | --- | --- | --- | --- |")
    with installation():
        for kind, rows in ratios(plans, typical).items():
            p95 = rows[max(0, round(0.95 * len(rows)) - 1)]
            middle = statistics.median(rows)
            typer.echo(f"| {kind} | {plans} | {middle:.3f} | {p95:.3f} | {rows[-1]:.3f} |")


if __name__ == "__main__":
    typer.run(main)
