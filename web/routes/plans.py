"""A plan that somebody edits: its faults, what it would cost, how it differs."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ValidationError

from cliptrail.agents.registry import agents
from cliptrail.nodes.common.revisions import priced
from cliptrail.plans.diff import diff
from cliptrail.plans.expansion import expand
from cliptrail.plans.validation import validate
from cliptrail.state.base import Frozen
from cliptrail.state.context import Context
from cliptrail.state.plan import Change, Estimate, Fault, Instance, Plan
from cliptrail.web.access import Called

router = APIRouter()


class Draft(BaseModel):
    """A plan as it stands in the editor."""

    plan: dict[str, Any]
    before: dict[str, Any] | None = None
    """The plan that it began as."""
    options: dict[str, Any] = {}
    """The run's, as far as they are known."""
    finished: tuple[str, ...] = ()
    """Instances that are done already."""


class Checked(Frozen):
    """What there is to say of a draft."""

    faults: tuple[Fault, ...] = ()
    """All of them at once; none means that it can run."""
    changes: tuple[Change, ...] = ()
    instances: tuple[Instance, ...] = ()
    """The steps as they will run; none while there are faults."""
    estimate: Estimate | None = None


@router.post("/plans/check")
def check(draft: Draft, _: Called) -> Checked:
    """Check a plan, compare it, and say what it would cost."""
    try:
        plan = Plan.model_validate(draft.plan)
        before = Plan.model_validate(draft.before) if draft.before is not None else plan
        options = Context.model_validate(_known(draft.options))
    except ValidationError as error:
        return Checked(faults=tuple(_faults(error, draft.plan)))
    changes = diff(before, plan)
    faults = validate(plan, agents(), max_steps=options.max_steps)
    if faults:
        return Checked(faults=faults, changes=changes)
    return Checked(
        changes=changes,
        instances=expand(plan, agents()),
        estimate=priced(plan, options, draft.finished),
    )


def _known(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name in Context.model_fields}


def _faults(error: ValidationError, plan: dict[str, Any]) -> list[Fault]:
    """What is wrong with a plan's shape, by step."""
    rows = []
    for row in error.errors():
        place = [str(part) for part in row["loc"]]
        step = ""
        if place[:1] == ["steps"] and len(place) > 1:
            step, place = _step_id(plan, int(place[1])), place[2:]
        rows.append(Fault(step=step, field=".".join(place), message=f"{row['msg']}."))
    return rows


def _step_id(plan: dict[str, Any], index: int) -> str:
    steps = plan["steps"]
    found = steps[index].get("id") if isinstance(steps[index], dict) else None
    return str(found or f"step {index + 1}")
