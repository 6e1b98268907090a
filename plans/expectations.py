"""Whether the result of a step holds what its plan expects of it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cliptrail.plans import types
from cliptrail.plans.references import Attr
from cliptrail.state.errors import UsageError
from cliptrail.state.plan import Expectation


def shortfall(expected: Iterable[Expectation], output: Mapping[str, Any]) -> str:
    """Say what an output lacks; empty if it holds all that is expected.

    Args:
        expected: of the step.
        output: of its agent, as JSON.
    """
    lacking = [
        f"{found} of {row}" for row in expected if (found := _count(row, output)) < row.at_least
    ]
    return "; ".join(lacking)


def _count(expected: Expectation, output: Mapping[str, Any]) -> int:
    rows = output.get(expected.field)
    counted = [row for row in rows if _counts(expected.only, row)] if isinstance(rows, list) else []
    if not expected.distinct:
        return len(counted)
    values = (row.get(expected.distinct) for row in counted if isinstance(row, dict))
    return len({json.dumps(value, sort_keys=True) for value in values if value})


def _counts(only: str, row: Any) -> bool:
    return not only or (isinstance(row, dict) and bool(row.get(only)))


def problems(expected: Expectation, output: type[Any]) -> Iterator[str]:
    """Return what is wrong with an expectation, given the agent's output type.

    Args:
        expected: as the plan states it.
        output: the agent's output model.
    """
    try:
        element = types.element_type(types.follow(output, (Attr(expected.field),)))
    except UsageError as error:
        yield str(error)
        return
    if element is None:
        yield f"{expected.field} is no list, so its elements cannot be counted."
        return
    for name in filter(None, (expected.only, expected.distinct)):
        try:
            types.follow(element, (Attr(name),))
        except UsageError as error:
            yield str(error)
