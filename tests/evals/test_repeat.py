"""The founding request: the same few model calls in every run, fewer from its stored plan."""

import pytest

from cliptrail.evals.repeat import FOUNDING, repeat, row
from cliptrail.state.trail import Trail


@pytest.fixture(scope="module")
def runs() -> tuple[list[Trail], list[Trail]]:
    return repeat(FOUNDING, 3, "samples", "planner")


def test_at_most_three_calls_and_two_from_a_stored_plan(
    runs: tuple[list[Trail], list[Trail]],
) -> None:
    planned, stored = runs
    assert len(planned) == len(stored) == 3
    assert {trail.usage.calls for trail in planned} == {3}
    assert {trail.usage.calls for trail in stored} == {2}
    assert {trail.usage.coordination.calls for trail in stored} == {0}


def test_both_channels_are_cited_and_disagree_on_temperatures(
    runs: tuple[list[Trail], list[Trail]],
) -> None:
    for trail in (*runs[0], *runs[1]):
        assert trail.status == "complete"
        assert trail.guide is not None
        channels = {source.channel for source in trail.sources}
        assert {"Cinder Porch", "Smoke Ledger"} <= channels
        assert any("temperature" in row.topic.lower() for row in trail.guide.conflicts)


def test_the_table_says_so(runs: tuple[list[Trail], list[Trail]]) -> None:
    cells = [cell.strip() for cell in row("the request", runs[0]).split("|")]
    assert cells[1:4] == ["the request", "3", "3"]
    assert "Cinder Porch, Smoke Ledger" in cells
