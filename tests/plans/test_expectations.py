"""Expectations: what a result lacks, and what a plan may expect at all."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.plans.expectations import problems, shortfall
from cliptrail.plans.validation import validate
from cliptrail.state.evidence import Citation, Claim
from cliptrail.state.plan import Expectation, Plan, Step
from cliptrail.state.request import Notes
from tests.plans.sample_agents import AGENTS, Found

ROWS = [
    {"channel": "a", "verified": True},
    {"channel": "a", "verified": False},
    {"channel": "", "verified": True},
]


@pytest.mark.parametrize(
    ("expected", "lacks"),
    [
        (Expectation(field="rows", at_least=3), ""),
        (Expectation(field="rows", at_least=4), "3 of at least 4 rows"),
        (
            Expectation(field="rows", at_least=3, only="verified"),
            "2 of at least 3 rows with verified",
        ),
        (
            Expectation(field="rows", at_least=2, distinct="channel"),
            "1 of at least 2 different channel in rows",
        ),
        (Expectation(field="none"), "0 of at least 1 none"),
    ],
    ids=str,
)
def test_what_a_result_lacks_is_said(expected: Expectation, lacks: str) -> None:
    assert shortfall((expected,), {"rows": ROWS}) == lacks


def claim(section: str, channel: str, *, verified: bool = True) -> dict[str, object]:
    cited = Citation(video_id="one", start=0, end=9, quote="so it is", channel=channel)
    row = Claim(id=section, text="So.", section=section, citations=(cited,), verified=verified)
    return row.model_dump(mode="json")


@pytest.mark.parametrize(
    ("each", "rows", "lacks"),
    [
        ("fact", [claim("Heat", "A"), claim("time", "A")], ""),
        (
            "fact",
            [claim("heat", "A"), claim("time", "A", verified=False)],
            "no verified claim on time",
        ),
        ("fact", ["words", {"id": 3}], "no verified claim on heat, time"),
        ("source", [claim("heat", "quiet forge"), claim("heat", "B")], ""),
        (
            "source",
            [claim("heat", "B"), claim("x", "Quiet Forge", verified=False)],
            "nothing verified from Quiet Forge",
        ),
    ],
)
def test_each_wanted_fact_and_each_named_source_can_be_expected(
    each: Literal["fact", "source"], rows: list[object], lacks: str
) -> None:
    notes = Notes(facts_wanted=("heat", "time"), channels=("Quiet Forge", "@b"))
    expected = (Expectation(field="claims", each=each),)
    assert shortfall(expected, {"claims": rows}, notes) == lacks
    assert shortfall(expected, {"claims": rows}, Notes()) == ""
    assert str(expected[0]).startswith("each ")


@given(st.lists(st.integers()), st.integers(1, 9))
def test_a_list_is_long_enough_or_the_difference_is_told(rows: list[int], wanted: int) -> None:
    lacks = shortfall((Expectation(field="rows", at_least=wanted),), {"rows": rows})
    assert (lacks == "") == (len(rows) >= wanted)
    assert not lacks or lacks.startswith(f"{len(rows)} of at least {wanted}")


@pytest.mark.parametrize(
    ("expected", "problem"),
    [
        (Expectation(field="items"), ""),
        (Expectation(field="items", only="size", distinct="label"), ""),
        (Expectation(field="loose", only="anything"), ""),
        (Expectation(field="claims"), "has no field 'claims'"),
        (Expectation(field="total"), "total is no list"),
        (Expectation(field="items", distinct="channel"), "has no field 'channel'"),
        (Expectation(field="names", only="verified"), "has no field 'verified'"),
        (Expectation(field="items", each="fact"), "is no list of claims"),
        (Expectation(field="loose", each="source"), ""),
    ],
    ids=str,
)
def test_what_cannot_be_expected_is_a_fault_of_the_plan(
    expected: Expectation, problem: str
) -> None:
    assert problem in " ".join(problems(expected, Found))
    step = Step(id="find", agent="find", inputs={"query": "q"}, expect=(expected,))
    faults = validate(Plan(steps=(step,)), AGENTS)
    assert [(row.step, row.field) for row in faults] == ([("find", "expect")] if problem else [])
