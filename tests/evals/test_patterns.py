"""The patterns side by side: the same few model calls in every run, and both channels cited."""

import pytest

from cliptrail.evals.patterns import HEAD, VARIANTS, Compared, compare
from cliptrail.evals.repeat import FOUNDING

MOST_CALLS = {
    "planner": 3,
    "react": 7,
    "supervisor": 6,
    "handoff": 8,
    "handoff, validation by a model": 16,
}
"""Model calls that each may make for the founding request."""


@pytest.fixture(scope="module")
def compared() -> dict[str, Compared]:
    return {row.name: row for row in compare(FOUNDING, 2, "samples", list(VARIANTS))}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_few_calls_in_every_run(name: str, compared: dict[str, Compared]) -> None:
    (calls,) = compared[name].calls
    assert calls <= MOST_CALLS[name]


@pytest.mark.parametrize("name", VARIANTS)
def test_both_channels_are_cited_and_disagree(name: str, compared: dict[str, Compared]) -> None:
    for trail in compared[name].trails:
        assert trail.status == "complete"
        assert trail.guide is not None
        assert {row.channel for row in trail.guide.coverage if row.cited} == {
            "Cinder Porch",
            "Smoke Ledger",
        }
        assert any("temperature" in row.topic.lower() for row in trail.guide.conflicts)


def test_a_row_has_a_cell_for_each_heading(compared: dict[str, Compared]) -> None:
    for row in compared.values():
        assert len(row.cells()) == len(HEAD)
        assert row.seconds() > 0
