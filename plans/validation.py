"""Everything that is wrong with a plan, at once, so that it can be mended in one go."""

import difflib
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from graphlib import CycleError
from typing import Any

from pydantic.fields import FieldInfo

from cliptrail.plans import types
from cliptrail.plans.agents import AgentSpec
from cliptrail.plans.expansion import fan_out, instances_of, topological
from cliptrail.plans.expectations import problems
from cliptrail.plans.references import (
    INDEX,
    RESERVED,
    Reference,
    Slice,
    Template,
    parse,
    parse_reference,
    prose,
    references,
    resolve,
)
from cliptrail.state.errors import UsageError
from cliptrail.state.plan import Fault, Plan, Step

MAX_FAN_OUT = 50
"""Most instances of one mapped step."""

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def validate(
    plan: Plan, agents: Mapping[str, AgentSpec], *, max_steps: int = 60
) -> tuple[Fault, ...]:
    """Return all faults of a plan; none means that it can be expanded and run.

    Args:
        plan: as a model, a person or a file gave it.
        agents: the registry.
        max_steps: most instances, mapped steps counted by their limit.
    """
    own = (fault for step in plan.steps for fault in _own(step, agents))
    check = _Check(plan, agents)
    return tuple(dict.fromkeys([*_shape(plan), *own, *check.faults(), *check.too_many(max_steps)]))


def strangers(steps: Iterable[Step], agents: Mapping[str, AgentSpec]) -> tuple[Fault, ...]:
    """Return a fault for each step whose agent a model may not choose: only graphs use it.

    Args:
        steps: as a model wants them.
        agents: the registry.
    """
    known = [name for name, row in agents.items() if row.offered]
    return tuple(
        Fault(step=step.id, field="agent", message=f"is none of yours: {', '.join(known)}.")
        for step in steps
        if step.agent in agents and step.agent not in known
    )


def _shape(plan: Plan) -> Iterator[Fault]:
    if not plan.steps:
        yield Fault(step="", field="steps", message="the plan has no steps.")
    for name, count in Counter(step.id for step in plan.steps).items():
        if count > 1:
            yield Fault(step=name, field="id", message=f"{count} steps have this id.")


def _own(step: Step, agents: Mapping[str, AgentSpec]) -> Iterator[Fault]:
    if not step.id:
        yield Fault(step="", field="id", message="a step has no id.")
    elif not _ID.fullmatch(step.id) or step.id in RESERVED:
        message = (
            "is not a step id: use lower-case letters, digits and underscores, starting with "
            f"a letter, and not {' or '.join(sorted(RESERVED))}."
        )
        yield Fault(step=step.id, field="id", message=message)
    if step.agent not in agents:
        there = {name: row for name, row in agents.items() if row.offered}
        message = f"there is no agent {step.agent!r}{_near(step.agent, there)}"
        yield Fault(step=step.id, field="agent", message=message)
        return
    for row in step.expect:
        for message in problems(row, agents[step.agent].output):
            yield Fault(step=step.id, field="expect", message=message)


def _near(name: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(known)}."


@dataclass(frozen=True)
class _Wanted:
    """What an input accepts."""

    kinds: tuple[Any, ...]
    """Any of these; the last is what a list or map with references in it must be."""
    problem: Callable[[Any], str]
    """Says what is wrong with a plain value; empty if nothing is."""

    def misfit(self, value: Any, kinds: list[Any]) -> str:
        """Return why a value with references of these types does not fit; empty if it does."""
        found = parse(value) if isinstance(value, str) else None
        if isinstance(found, Reference):
            given = f"{found} is {types.describe(kinds[0])}"
            return self._refuse(kinds[0], given)
        if isinstance(found, Template):
            return self._refuse(str, "is text")
        if kinds:
            return types.holder_problem(self.kinds[-1], value)
        why = self.problem(resolve(value, str))
        return f"{value!r} does not fit: {why}." if why else ""

    def _refuse(self, kind: Any, given: str) -> str:
        if any(types.accepts(want, kind) for want in self.kinds):
            return ""
        return f"{given}, but {types.describe(self.kinds[0])} is wanted."


class _Check:
    """The faults that need to look from one step to another."""

    def __init__(self, plan: Plan, agents: Mapping[str, AgentSpec]) -> None:
        self.plan = plan
        self.agents = agents
        self.steps = {step.id: step for step in plan.steps}
        self.sizes: dict[str, int | None] = {}

    def faults(self) -> list[Fault]:
        """Return them all, in the plan's order."""
        cycles = self._measure()
        rows = [fault for step in self.plan.steps for fault in self._step(step)]
        return rows + cycles

    def too_many(self, most: int) -> Iterator[Fault]:
        """Count the instances, as far as they can be known; after `faults`."""
        sizes = [self.sizes.get(step.id) for step in self.plan.steps]
        total = sum(1 if size is None else size for size in sizes)
        if total > most:
            message = f"{total} steps with mapped ones counted; {most} are allowed."
            yield Fault(step="", field="steps", message=message)

    def _measure(self) -> list[Fault]:
        """Fill in the sizes, and give the cycles, which have none."""
        cycles: list[Fault] = []
        steps = {name: self._without_garbage(step) for name, step in self.steps.items()}
        while True:
            try:
                order = topological(Plan(steps=tuple(steps.values())))
                break
            except CycleError as error:
                ring = list(reversed(error.args[1]))
                message = f"the steps wait for each other: {' → '.join(ring)}."
                cycles.append(Fault(step=ring[0], field="depends_on", message=message))
                for name in set(ring):
                    del steps[name]
        for name in order:
            self.sizes[name] = self._size(self.steps[name])
        return cycles

    def _size(self, step: Step) -> int | None:
        try:
            return fan_out(step, self.sizes)
        except UsageError:
            return 0

    def _without_garbage(self, step: Step) -> Step:
        """The step without what cannot be parsed, which is reported elsewhere."""
        good = {key: value for key, value in step.inputs.items() if not _garbage(value)}
        over = None if step.for_each is None or _garbage(step.for_each) else step.for_each
        brief = "" if _garbage(prose(step.brief)) else step.brief
        return step.model_copy(update={"inputs": good, "for_each": over, "brief": brief})

    def _step(self, step: Step) -> Iterator[Fault]:
        for need in step.depends_on:
            if need not in self.steps:
                message = f"there is no step {need!r}{_near(need, self.steps)}"
                yield Fault(step=step.id, field="depends_on", message=message)
        item = yield from self._for_each(step)
        yield from self._kinds(step, "brief", prose(step.brief), item)
        yield from self._inputs(step, item)

    def _for_each(self, step: Step) -> Generator[Fault, None, Any]:
        """Check the mapping; the generator's value is the type of $item."""
        if step.for_each is None:
            return None
        try:
            over = parse_reference(step.for_each)
            kind = self._type(over)
        except UsageError as error:
            yield Fault(step=step.id, field="for_each", message=str(error))
            return Any
        element = types.element_type(kind)
        if element is None:
            message = f"{over} is {types.describe(kind)}, not a list to map over."
            yield Fault(step=step.id, field="for_each", message=message)
            return Any
        yield from self._limit(step, over)
        return element

    def _limit(self, step: Step, over: Reference) -> Iterator[Fault]:
        last = over.path[-1] if over.path else None
        inherited = self.steps[over.step].for_each is not None and len(over.path) <= 1
        size = last.size if isinstance(last, Slice) else None
        if size is None and not inherited:
            message = f'has no limit: write how many at most, like "{over}[:3]".'
            yield Fault(step=step.id, field="for_each", message=message)
        elif size is not None and not 1 <= size <= MAX_FAN_OUT:
            message = f"its limit is {size}; 1 to {MAX_FAN_OUT} are allowed."
            yield Fault(step=step.id, field="for_each", message=message)

    def _inputs(self, step: Step, item: Any) -> Iterator[Fault]:
        agent = self.agents.get(step.agent)
        if agent is None:
            for name, value in step.inputs.items():
                yield from self._kinds(step, f"inputs.{name}", value, item)
            return
        fields = agent.input.model_fields
        for name in step.inputs:
            if name not in fields:
                message = f"{step.agent} has no such input{_near(name, fields)}"
                yield Fault(step=step.id, field=f"inputs.{name}", message=message)
            else:
                yield from self._input(step, name, fields[name], item)
        for name, field in fields.items():
            if field.is_required() and name not in step.inputs:
                message = f"{step.agent} needs it: {field.description or 'no default'}"
                yield Fault(step=step.id, field=f"inputs.{name}", message=message)

    def _input(self, step: Step, name: str, field: FieldInfo, item: Any) -> Iterator[Fault]:
        value, element = step.inputs[name], types.element_type(field.annotation)
        whole = _Wanted((field.annotation,), partial(types.literal_problem, field))
        if not isinstance(value, list) or element is None or element is Any:
            yield from self._part(step, f"inputs.{name}", value, item, whole)
            return
        either = (list[element], element)  # type: ignore[valid-type]
        wanted = _Wanted(either, partial(types.element_problem, field))
        rows = [
            fault
            for part in value
            for fault in self._part(step, f"inputs.{name}", part, item, wanted)
        ]
        yield from rows
        if not rows and not list(references(value)):
            yield from self._part(step, f"inputs.{name}", value, item, whole)

    def _part(
        self, step: Step, place: str, value: Any, item: Any, wanted: "_Wanted"
    ) -> Iterator[Fault]:
        kinds = yield from self._kinds(step, place, value, item)
        if kinds is not None and (message := wanted.misfit(value, kinds)):
            yield Fault(step=step.id, field=place, message=message)

    def _kinds(
        self, step: Step, place: str, value: Any, item: Any
    ) -> Generator[Fault, None, list[Any] | None]:
        """Check each reference; the generator's value is their types, None after a fault."""
        kinds: list[Any] | None = []
        try:
            found = list(references(value))
        except UsageError as error:
            yield Fault(step=step.id, field=place, message=str(error))
            return None
        for row in found:
            try:
                kind = self._bound_type(step, row, item)
                kinds = None if kinds is None else [*kinds, kind]
            except UsageError as error:
                yield Fault(step=step.id, field=place, message=str(error))
                kinds = None
        return kinds

    def _bound_type(self, step: Step, found: Reference, item: Any) -> Any:
        if found.step not in RESERVED:
            return self._type(found)
        if step.for_each is None:
            raise UsageError(f"${found.step} means something only in a step with for_each.")
        return types.follow(int if found.step == INDEX else item, found.path)

    def _type(self, found: Reference) -> Any:
        producer = self.steps.get(found.step)
        if producer is None:
            raise UsageError(f"There is no step {found.step!r}{_near(found.step, self.steps)}")
        agent = self.agents.get(producer.agent)
        if agent is None:
            return Any
        if producer.for_each is None:
            return types.follow(agent.output, found.path)
        kind = types.follow(list[agent.output], found.path)  # type: ignore[name-defined]
        self._check_places(found)
        return kind

    def _check_places(self, found: Reference) -> None:
        size = self.sizes.get(found.step)
        if size and not instances_of(found, self.sizes):
            raise UsageError(f"{found.step} has at most {size} elements, so {found} is none.")


def _garbage(value: Any) -> bool:
    try:
        list(references(value))
    except UsageError:
        return True
    return False
