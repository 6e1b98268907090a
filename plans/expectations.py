"""Whether the result of a step holds what its plan expects of it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from cliptrail.plans import types
from cliptrail.plans.references import Attr
from cliptrail.state.errors import UsageError
from cliptrail.state.evidence import Claim
from cliptrail.state.plan import Expectation
from cliptrail.state.request import Notes
from cliptrail.tools.sources.names import belongs, named_sources
from cliptrail.tools.text.facts import facts_of


def shortfall(
    expected: Iterable[Expectation], output: Mapping[str, Any], notes: Notes | None = None
) -> str:
    """Say what an output lacks; empty if it holds all that is expected.

    Args:
        expected: of the step.
        output: of its agent, as JSON.
        notes: what the request wants, for expectations of each wanted fact or named source.
    """
    return "; ".join(filter(None, (_lacks(row, output, notes or Notes()) for row in expected)))


def _lacks(expected: Expectation, output: Mapping[str, Any], notes: Notes) -> str:
    if expected.each:
        claims = [row for row in _claims(output.get(expected.field)) if row.verified]
        return _open_facts(claims, notes) if expected.each == "fact" else _uncited(claims, notes)
    found = _count(expected, output)
    return f"{found} of {expected}" if found < expected.at_least else ""


def _open_facts(claims: Iterable[Claim], notes: Notes) -> str:
    facts = notes.facts_wanted
    answered = {fact for row in claims for fact in facts_of(row.section, facts)}
    missing = [fact for fact in facts if fact not in answered]
    return f"no verified claim on {', '.join(missing)}" if missing else ""


def _uncited(claims: Iterable[Claim], notes: Notes) -> str:
    cited = {(quote.video_id, quote.channel) for row in claims for quote in row.citations}
    missing = [
        row.name for row in named_sources(notes) if not any(belongs(row, *place) for place in cited)
    ]
    return f"nothing verified from {', '.join(missing)}" if missing else ""


def _claims(rows: Any) -> list[Claim]:
    found = []
    for row in rows if isinstance(rows, list) else []:
        with suppress(ValidationError):
            found.append(Claim.model_validate(row))
    return found


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
    if expected.each and element not in (Claim, Any):
        yield f"{expected.field} is no list of claims, as one for each {expected.each} needs."
    for name in filter(None, (expected.only, expected.distinct)):
        try:
            types.follow(element, (Attr(name),))
        except UsageError as error:
            yield str(error)
