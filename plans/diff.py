"""The difference of two plans, field by field."""

import json
from collections.abc import Iterator
from typing import Any

from cliptrail.state.plan import Change, Expectation, Plan, Step

FIELDS = tuple(name for name in Step.model_fields if name not in ("id", "inputs"))


def diff(old: Plan, new: Plan) -> tuple[Change, ...]:
    """Return what changed from `old` to `new`; nothing if they are the same but for order."""
    return tuple(_changes(old, new))


def _changes(old: Plan, new: Plan) -> Iterator[Change]:
    if old.goal != new.goal:
        yield Change(kind="changed", step="", field="goal", before=old.goal, after=new.goal)
    before = {step.id: step for step in old.steps}
    after = {step.id: step for step in new.steps}
    for name, step in before.items():
        if name not in after:
            yield Change(kind="removed", step=name, before=step.model_dump(mode="json"))
    for name, step in after.items():
        if name not in before:
            yield Change(kind="added", step=name, after=step.model_dump(mode="json"))
        else:
            yield from _step_changes(before[name], step)


def _step_changes(old: Step, new: Step) -> Iterator[Change]:
    for name in FIELDS:
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            before, after = _plain(was), _plain(now)
            yield Change(kind="changed", step=new.id, field=name, before=before, after=after)
    for name in dict.fromkeys([*old.inputs, *new.inputs]):
        was, now = old.inputs.get(name), new.inputs.get(name)
        if (name in old.inputs) != (name in new.inputs) or _written(was) != _written(now):
            place = f"inputs.{name}"
            yield Change(kind="changed", step=new.id, field=place, before=was, after=now)


def _plain(value: Any) -> Any:
    """A field as people read it: expectations in words."""
    if isinstance(value, tuple) and any(isinstance(row, Expectation) for row in value):
        return tuple(map(str, value))
    return value


def _written(value: Any) -> str:
    """A value as a file holds it: 1 and true are equal in Python, but not in a plan."""
    return json.dumps(value, sort_keys=True, default=repr)
