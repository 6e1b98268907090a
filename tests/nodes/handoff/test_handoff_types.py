"""Handoffs as types: there are four ways for work to end, and an invalid one cannot be built."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from cliptrail.state.errors import Failure
from cliptrail.state.handoffs import (
    Complete,
    FanOut,
    Group,
    Handoff,
    HandoffResult,
    Intent,
    PartialResult,
)

RESULT: TypeAdapter[Any] = TypeAdapter(HandoffResult)
READ = Intent(words="Read them.", capability="read_transcript")
FAILURE = Failure(kind="blocked", message="No.")
GOOD = (
    Complete(result=("search_1",)),
    Handoff(intent=READ, state=("search_1",)),
    FanOut(intents=(READ, READ), join_intent=READ),
    PartialResult(error=FAILURE),
)


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row.kind)
def test_a_result_reads_back_as_what_it_is(row: Any) -> None:
    assert RESULT.validate_json(RESULT.dump_json(row)) == row


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "fan_out", "intents": [], "join_intent": {"words": "x"}},
        {"kind": "fan_out", "intents": [{"words": "x"}], "join_intent": {"words": "x"}},
        {"kind": "fan_out", "intents": [{"words": "x"}] * 2},
        {"kind": "handoff", "state": ["search_1"]},
        {"kind": "handoff", "intent": {"words": ""}},
        {"kind": "handoff", "intent": {"words": "x"}, "state": ["all that is said in the video"]},
        {"kind": "partial"},
        {"kind": "complete", "result": ["search_1"], "intent": {"words": "x"}},
        {"kind": "maybe"},
        {"result": ["search_1"]},
    ],
    ids=str,
)
def test_what_is_none_cannot_be_built(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RESULT.validate_python(given)


def test_a_group_has_two_branches_at_least() -> None:
    with pytest.raises(ValidationError):
        Group(id="group_1", branches=("task_1",), join_intent=READ)


def test_a_result_is_a_value() -> None:
    with pytest.raises(ValidationError):
        GOOD[0].result = ()  # type: ignore[misc, union-attr]
