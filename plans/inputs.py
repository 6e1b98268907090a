"""What a step gets when what it needs has ended: its inputs, or the reason to skip it."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from cliptrail.plans.agents import AgentSpec
from cliptrail.plans.expansion import instances_of
from cliptrail.plans.references import (
    AbsentError,
    Index,
    Reference,
    parse_reference,
    prose,
    resolve,
    walk,
)
from cliptrail.state.plan import Instance
from cliptrail.state.steps import Skip, StepResult

Read = Callable[[Reference], Any]


class _FailedError(LookupError):
    """The producer of a value failed, or was skipped for a failure."""


def ready_inputs(
    instance: Instance,
    agent: AgentSpec,
    results: Mapping[str, StepResult],
    sizes: Mapping[str, int | None],
) -> BaseModel | Skip:
    """Resolve an instance's inputs from the results of everything that it needs.

    A value that does not exist (the second hit of a search with one) skips the step without
    blame; so does a list of which nothing is left. A failed producer skips it too, unless it
    accepts partial input: then what failed is left out.

    Args:
        instance: that is to run.
        agent: who does it.
        results: by instance id; holds all of `instance.needs`.
        sizes: number of instances by step, None for steps that are not mapped.

    Returns:
        The agent's input model, or the reason to skip the step.
    """

    def read(found: Reference) -> Any:
        return _read(found, results, sizes, partial=instance.accept_partial)

    try:
        _check_order_only(instance, results)
        if instance.element:
            read(parse_reference(instance.element))
        values = {
            name: _value(value, read, partial=instance.accept_partial)
            for name, value in instance.inputs.items()
        }
        ready_brief(instance, results, sizes)
    except AbsentError as error:
        return Skip(kind="absent", message=f"Not needed: {error}.")
    except _FailedError as error:
        return Skip(kind="upstream", message=f"Cannot run: {error}.")
    try:
        return agent.input.model_validate(values)
    except ValidationError as error:
        return _misfit(error, values)


def ready_brief(
    instance: Instance, results: Mapping[str, StepResult], sizes: Mapping[str, int | None]
) -> str:
    """Return an instance's brief with the values that it refers to.

    Args:
        instance: for which `ready_inputs` gave inputs.
        results: by instance id; holds all of `instance.needs`.
        sizes: number of instances by step, None for steps that are not mapped.

    Raises:
        LookupError: a value does not exist; then `ready_inputs` gives the reason to skip.
    """

    def read(found: Reference) -> Any:
        return _read(found, results, sizes, partial=instance.accept_partial)

    return str(resolve(prose(instance.brief), read))


def _misfit(error: ValidationError, values: Mapping[str, Any]) -> Skip:
    """Why resolved inputs do not fit: an input that turned out to be empty is no failure."""
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    if len(first["loc"]) == 1 and values.get(place) in (None, []):
        return Skip(kind="absent", message=f"Not needed: there is nothing for its input {place}.")
    where = f"Its input {place} does" if place else "Its inputs do"
    return Skip(kind="upstream", message=f"{where} not fit: {first['msg']}.")


def _check_order_only(instance: Instance, results: Mapping[str, StepResult]) -> None:
    for need in instance.needs:
        if not instance.accept_partial and _blocked(results[need]):
            raise _FailedError(f"{need} {_story(results[need])}")


def _blocked(result: StepResult) -> bool:
    return result.status == "failed" or (result.skip is not None and result.skip.kind == "upstream")


def _story(result: StepResult) -> str:
    return "failed" if result.status == "failed" else "was skipped"


def _value(value: Any, read: Read, *, partial: bool) -> Any:
    """Resolve one input; of a list, what is absent (or failed, if partial) is left out."""
    if not isinstance(value, list):
        return resolve(value, read)
    kept: list[Any] = []
    left_out: list[LookupError] = []
    for element in value:
        try:
            kept += resolve([element], read)
        except AbsentError as error:
            left_out.append(error)
        except _FailedError as error:
            if not partial:
                raise
            left_out.append(error)
    if left_out and not kept:
        # A failure is reported before an absence, which would look as if nothing had failed.
        raise next((error for error in left_out if isinstance(error, _FailedError)), left_out[0])
    return kept


def _read(
    found: Reference,
    results: Mapping[str, StepResult],
    sizes: Mapping[str, int | None],
    *,
    partial: bool,
) -> Any:
    names = instances_of(found, sizes)
    if sizes.get(found.step) is None:
        return walk(_output(results[found.step]), found.path)
    if found.path and isinstance(found.path[0], Index):
        if not names:
            raise AbsentError(f"{found.step} has no element {found.path[0].at}")
        return walk(_output(results[names[0]]), found.path[1:])
    rows = _collect([results[name] for name in names], found, partial=partial)
    return walk(rows, found.path[1:])


def _collect(rows: list[StepResult], found: Reference, *, partial: bool) -> list[Any]:
    done = [row.output for row in rows if row.status == "done"]
    failed = [row for row in rows if _blocked(row)]
    if failed and (not partial or not done):
        raise _FailedError(f"{failed[0].id} {_story(failed[0])}")
    if not done:
        raise AbsentError(f"{found.step} gave nothing")
    return done


def _output(result: StepResult) -> Any:
    if result.status == "done":
        return result.output
    if _blocked(result):
        raise _FailedError(f"{result.id} {_story(result)}")
    raise AbsentError(f"{result.id} was not needed")
