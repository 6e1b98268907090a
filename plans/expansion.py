"""From steps to the instances that will run: mapped steps are unrolled by their stated limit.

Since every limit is known, the instances are known before anything runs: they can be shown,
approved, priced. An instance whose element turns out not to exist is skipped, not failed.
"""

from collections.abc import Mapping
from graphlib import TopologicalSorter

from cliptrail.plans.agents import AgentSpec
from cliptrail.plans.references import (
    RESERVED,
    Index,
    Part,
    Reference,
    Slice,
    bind,
    parse_reference,
    prose,
    references,
)
from cliptrail.state.plan import Instance, InstanceId, Plan, Step


def expand(plan: Plan, agents: Mapping[str, AgentSpec]) -> tuple[Instance, ...]:
    """Return a valid plan's instances in topological order, siblings in plan order.

    Args:
        plan: one in which `validate` finds no fault.
        agents: the registry.
    """
    steps = {step.id: step for step in plan.steps}
    sizes: dict[str, int | None] = {}
    made: dict[str, tuple[Instance, ...]] = {}
    for name in topological(plan):
        step = steps[name]
        sizes[name] = fan_out(step, sizes)
        made[name] = tuple(
            _instance(step, element, index, agents[step.agent], sizes)
            for index, element in enumerate(_elements(step, sizes))
        )
    return tuple(instance for rows in made.values() for instance in rows)


def topological(plan: Plan) -> list[str]:
    """Order the steps so that each comes after what it needs; ties in plan order.

    Raises:
        graphlib.CycleError: they need each other; its second argument is the cycle.
    """
    place = {step.id: number for number, step in enumerate(plan.steps)}
    sorter = TopologicalSorter(
        {
            step.id: [need for need in dict.fromkeys(needed_steps(step)) if need in place]
            for step in plan.steps
        }
    )
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        order += ready
        sorter.done(*ready)
    return order


def needed_steps(step: Step) -> list[str]:
    """Return the ids of the steps that a step references or depends on, in order, repeated.

    Raises:
        UsageError: a reference in it is not well formed.
    """
    mapped = [step.for_each] if step.for_each else []
    found = [row.step for row in references([*mapped, step.inputs, prose(step.brief)])]
    return [name for name in [*found, *step.depends_on] if name not in RESERVED]


def fan_out(step: Step, sizes: Mapping[str, int | None]) -> int | None:
    """Return the number of a mapped step's instances; None if it is not mapped.

    A limit that is not stated is taken over from a mapped producer; 0 if there is none at all,
    which `validate` reports.
    """
    if not step.for_each:
        return None
    over = parse_reference(step.for_each)
    produced = sizes.get(over.step)
    size, stated = _limit(over.path)
    if produced is not None and len(over.path) <= 1:
        rest = max(0, produced - (over.path[0].start if stated else 0))  # type: ignore[union-attr]
        return rest if size is None else min(rest, size)
    return size or 0


def _limit(path: tuple[Part, ...]) -> tuple[int | None, bool]:
    if path and isinstance(path[-1], Slice):
        return path[-1].size, True
    return None, False


def _elements(step: Step, sizes: Mapping[str, int | None]) -> list[Reference | None]:
    if not step.for_each:
        return [None]
    over = parse_reference(step.for_each)
    last = over.path[-1] if over.path else None
    start, path = (last.start, over.path[:-1]) if isinstance(last, Slice) else (0, over.path)
    count = sizes[step.id] or 0
    return [Reference(over.step, (*path, Index(start + place))) for place in range(count)]


def _instance(
    step: Step,
    element: Reference | None,
    index: int,
    agent: AgentSpec,
    sizes: Mapping[str, int | None],
) -> Instance:
    inputs = bind(step.inputs, element, index) if element else step.inputs
    brief = step.brief
    if element and "${" in brief:
        brief = bind(prose(brief), element, index)
    used = list(references([*([str(element)] if element else []), inputs, prose(brief)]))
    waits = [name for found in used for name in instances_of(found, sizes)]
    waits += [name for need in step.depends_on for name in instances_of(Reference(need), sizes)]
    partial = step.accept_partial
    return Instance(
        id=InstanceId(step.id, index if element else None),
        agent=step.agent,
        brief=brief,
        inputs=inputs,
        element=str(element) if element else "",
        needs=tuple(dict.fromkeys(waits)),
        tier=step.tier or agent.tier,
        accept_partial=agent.accept_partial if partial is None else partial,
        expect=step.expect,
    )


def instances_of(found: Reference, sizes: Mapping[str, int | None]) -> list[InstanceId]:
    """Return the ids of the instances that a reference reads."""
    count = sizes.get(found.step)
    if count is None:
        return [InstanceId(found.step)]
    first = found.path[0] if found.path else Slice(0, None)
    if isinstance(first, Index):
        places = [first.at] if first.at < count else []
    elif isinstance(first, Slice):
        places = list(range(count))[first.start : first.stop]
    else:
        places = []
    return [InstanceId(found.step, place) for place in places]


def sizes_of(instances: tuple[Instance, ...]) -> dict[str, int | None]:
    """Return for each step the number of its instances; None for steps that are not mapped."""
    sizes: dict[str, int | None] = {}
    for instance in instances:
        sizes[instance.step] = None if instance.index is None else instance.index + 1
    return sizes
