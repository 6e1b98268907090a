"""The first node: a clean slate, whatever the thread held and whatever the caller gives."""

from pathlib import Path
from typing import Any

import pytest

from cliptrail.nodes.common.begin import LONGEST_REQUEST
from cliptrail.state.plan import Plan
from tests.graphs.playing import BRISKET, UNANSWERABLE, Play, stored


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("", "There is no request."),
        (" \n\t ", "There is no request."),
        ("x" * (LONGEST_REQUEST + 1), "The request has 8001 characters; 8000 are allowed."),
    ],
)
async def test_what_is_no_request_ends_at_once_with_the_reason(request_: str, said: str) -> None:
    output = await Play().ask(request_)
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert said in output["message"]
    assert output["usage"].calls == 0
    assert [Path(path).suffix for path in output["files"]] == [".json"]


async def test_spaces_around_a_request_do_not_count() -> None:
    play = Play(approval="ask")
    await play.ask(f"  {BRISKET}\n")
    assert (await play.state())["request"] == BRISKET


async def test_a_second_run_on_a_thread_starts_with_a_clean_slate() -> None:
    play = Play()
    first = await play.ask(BRISKET, output="mine.md", stored=stored())
    before = await play.state()
    second = await play.ask(UNANSWERABLE)
    after = await play.state()
    assert (first["status"], second["status"]) == ("complete", "failed")
    assert after["run"] != before["run"]
    assert not {row.id for row in before["ledger"]} & {row.id for row in after["ledger"]}
    assert all(row.started > after["started"] for row in after["results"].values())
    assert second["guide"] is None
    assert [row.by for row in after["revisions"]] == ["planner"]
    assert not [path for path in second["files"] if "mine" in path]


async def test_an_empty_request_after_a_run_shows_nothing_of_it() -> None:
    play = Play()
    await play.ask(BRISKET, stored=stored())
    output = await play.ask("")
    state = await play.state()
    assert (output["status"], output["guide"], output["usage"].calls) == ("failed", None, 0)
    assert (state["results"], state["plan"], list(state["revisions"])) == ({}, Plan(), [])


async def test_a_stored_plan_may_come_as_json() -> None:
    play = Play(approval="ask")
    await play.ask(BRISKET, stored=stored().model_dump(mode="json"))
    state = await play.state()
    assert (state["plan"], state["stored"]) == (stored().plan, None)


@pytest.mark.parametrize(
    ("given", "place"), [({"plan": {"steps": [{}]}}, "plan.steps.0.id"), ("plan", "the top")]
)
async def test_a_stored_plan_that_is_none_is_told(given: Any, place: str) -> None:
    output = await Play().ask(BRISKET, stored=given)
    assert (output["status"], output["usage"].calls) == ("failed", 0)
    assert f"The stored plan is wrong at {place}: " in output["message"]


async def test_a_library_that_cannot_be_opened_is_told(installation: Path) -> None:
    output = await Play(library=str(installation / "none.sqlite")).ask(BRISKET)
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert [Path(name).suffix for name in output["files"]] == [".json"]
    assert output["message"].count("none.sqlite") == 1
    assert output["usage"].calls == 0


async def test_samples_that_answer_for_an_empty_library_are_told() -> None:
    play = Play(library="")
    await play.ask(UNANSWERABLE)
    incidents = (await play.state())["incidents"]
    assert incidents[0].what.startswith("Your library is empty, so the bundled samples answer")
