"""An agent that only waits, and plans made of it: what the benchmarks of dispatch run."""

import asyncio
import random
from collections.abc import Mapping

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.state.base import Frozen
from cliptrail.state.plan import Cost, Plan, Step


class Wait(Frozen):
    """How long to wait, and after whom."""

    seconds: float
    after: tuple[float, ...] = ()


class Waited(Frozen):
    """How long it was."""

    seconds: float


@agent(capabilities=("benchmark",), cost=Cost(seconds=1.0))
async def benchmark_wait(inputs: Wait, ctx: AgentContext) -> Waited:
    """Wait; stands for a request to a slow server."""
    if inputs.seconds:
        await asyncio.sleep(inputs.seconds)
    return Waited(seconds=inputs.seconds)


def step(name: str, seconds: float, after: list[str]) -> Step:
    """Return a step that waits once the others have ended."""
    ends = [f"${other}.seconds" for other in after]
    return Step(
        id=name, agent="benchmark_wait", inputs={"seconds": round(seconds, 4), "after": ends}
    )


def chain(length: int) -> Plan:
    """Return a plan of steps that take no time, each after the one before."""
    names = [f"s{place}" for place in range(length)]
    steps = (step(name, 0.0, names[max(0, at - 1) : at]) for at, name in enumerate(names))
    return Plan(goal="benchmark", steps=tuple(steps))


def research_shaped(seed: int, typical: float) -> Plan:
    """Return a plan shaped as research is, with lognormal latencies.

    Two to four channels are searched; of each, two to five transcripts are fetched and read one by
    one; what was found of a channel is put together, and at last everything.

    Args:
        seed: of shape and latencies.
        typical: median seconds of a step.
    """
    dice = random.Random(seed)  # noqa: S311 - the same plans in every run

    def latency() -> float:
        return typical * dice.lognormvariate(0.0, 0.8)

    steps: list[Step] = []
    parts: list[str] = []
    for channel in range(dice.randint(2, 4)):
        search = f"search_{channel}"
        steps.append(step(search, latency(), []))
        read = []
        for video in range(dice.randint(2, 5)):
            fetch, extract = f"fetch_{channel}_{video}", f"extract_{channel}_{video}"
            steps.append(step(fetch, latency(), [search]))
            steps.append(step(extract, latency(), [fetch]))
            read.append(extract)
        parts.append(f"merge_{channel}")
        steps.append(step(parts[-1], latency(), read))
    steps.append(step("compose", latency(), parts))
    return Plan(goal="benchmark", steps=tuple(steps))


def critical_path(plan: Plan) -> float:
    """Return the seconds below which no dispatch can come: the longest way through the plan."""
    ends: dict[str, float] = {}
    for row in plan.steps:
        ends[row.id] = row.inputs["seconds"] + max(
            map(ends.__getitem__, _needs(row.inputs)), default=0.0
        )
    return max(ends.values())


def _needs(inputs: Mapping[str, list[str]]) -> list[str]:
    return [reference.removeprefix("$").removesuffix(".seconds") for reference in inputs["after"]]
