"""What a plan is expected to cost before anything runs, and what its end waits for."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from cliptrail.plans.agents import AgentSpec
from cliptrail.plans.expansion import instances_of, sizes_of
from cliptrail.plans.references import Reference, Slice, parse
from cliptrail.plans.types import element_type
from cliptrail.state.base import Tier
from cliptrail.state.plan import Cost, Estimate, Instance

Price = Callable[[Tier, float, float], float | None]
"""Dollars for a tier's model, input tokens and output tokens; None if not known."""

UNKNOWN_LENGTH = 5
"""Elements that a list without a stated limit is taken to have."""


def estimate(
    instances: tuple[Instance, ...],
    agents: Mapping[str, AgentSpec],
    price: Price,
    done: Collection[str] = (),
) -> Estimate:
    """Estimate each instance, the total, and the critical path.

    Args:
        instances: as expanded, in topological order.
        agents: the registry, whose cost functions are asked.
        price: what tokens cost in a tier.
        done: ids of instances that are done already and cost nothing any more.
    """
    sizes = sizes_of(instances)
    costs: dict[str, Cost] = {
        row.id: Cost() if row.id in done else _cost(row, agents[row.agent], sizes, price)
        for row in instances
    }
    path = critical_path(instances, {name: cost.seconds for name, cost in costs.items()})
    return Estimate(
        steps=costs,
        total=sum(costs.values(), Cost()),
        critical_path=path,
        seconds=sum(costs[name].seconds for name in path),
    )


def _cost(row: Instance, agent: AgentSpec, sizes: Mapping[str, int | None], price: Price) -> Cost:
    fields = agent.input.model_fields
    lengths = {
        name: 1 if element_type(fields[name].annotation) is None else _length(value, sizes)
        for name, value in row.inputs.items()
    }
    cost = agent.cost(lengths)
    usd = price(row.tier, cost.input_tokens, cost.output_tokens) if cost.calls else 0.0
    return cost.model_copy(update={"usd": usd})


def _length(value: Any, sizes: Mapping[str, int | None]) -> int:
    """The most elements that a list input can have."""
    if isinstance(value, list):
        return sum(_length(part, sizes) for part in value)
    found = parse(value) if isinstance(value, str) else None
    if not isinstance(found, Reference):
        return 1
    if sizes.get(found.step) is not None and len(found.path) <= 1:
        return len(instances_of(found, sizes))
    last = found.path[-1] if found.path else None
    if isinstance(last, Slice) and last.size is not None:
        return last.size
    return UNKNOWN_LENGTH if found.path else 1


def critical_path(instances: tuple[Instance, ...], seconds: Mapping[str, float]) -> tuple[str, ...]:
    """Return the longest chain of instances, in order, by the seconds of each."""
    ends: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for row in instances:
        last = max(row.needs, key=ends.__getitem__, default=None)
        before[row.id] = last
        ends[row.id] = (ends[last] if last else 0.0) + seconds[row.id]
    path: list[str] = []
    here = max(ends, key=ends.__getitem__, default=None)
    while here:
        path.append(here)
        here = before[here]
    return tuple(reversed(path))
