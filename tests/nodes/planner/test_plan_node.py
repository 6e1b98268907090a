"""The planner: one call makes the plan; an invalid one goes back, with everything that is wrong."""

from typing import Any

import pytest

from cliptrail.nodes.common.run_scope import close_run_scope
from cliptrail.state.plan import Plan, Step, StoredPlan
from tests.graphs.playing import BRISKET, Play, steps, stored
from tests.nodes.scripted_model import as_answer, scripted

GOOD = as_answer(Plan(goal="Brisket", steps=steps()), topic="brisket", facts_wanted=["hours"])
FAULTY = as_answer(
    Plan(
        steps=(
            Step(id="a", agent="nobody"),
            Step(id="b", agent="search", inputs={"query": "$c.videos"}),
            Step(id="b", agent="search"),
            Step(id="c", agent="join"),
        )
    )
)


async def planned(patch: pytest.MonkeyPatch, *answers: Any, **options: Any) -> Any:
    """Plan with a scripted model, up to the question: the thread, and the script."""
    play = Play(approval="ask", **options)
    with scripted(patch, *answers) as script:
        output = await play.ask(BRISKET)
    return play, script, output


async def test_one_call_makes_notes_and_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    play, script, _ = await planned(monkeypatch, GOOD)
    state = await play.state()
    (revision,) = state["revisions"]
    assert (revision.number, revision.by, revision.changes) == (1, "planner", ())
    assert revision.plan == state["plan"]
    assert [(row.id, row.agent) for row in state["plan"].steps] == [
        (row.id, row.agent) for row in steps()
    ]
    assert (state["notes"].topic, state["notes"].facts_wanted) == ("brisket", ("hours",))
    assert [(call.role, call.kind, call.input_tokens) for call in state["ledger"]] == [
        ("planner", "coordination", 10)
    ]
    assert {row["name"] for row in script.data("agents")} >= {"search", "extract", "compose"}


async def test_an_invalid_plan_goes_back_with_all_its_faults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play, script, _ = await planned(monkeypatch, FAULTY, GOOD)
    faults = "\n".join(script.data("faults"))
    assert all(
        what in faults
        for what in ("nobody", "2 steps have this id", "inputs.query", "none of yours")
    )
    assert [row["id"] for row in script.data("previous_plan")["steps"]] == ["a", "b", "b", "c"]
    assert script.data("faults", 0) is None
    state = await play.state()
    assert [row.number for row in state["revisions"]] == [1]
    assert len(state["ledger"]) == 2
    assert "went back" in state["incidents"][-1].what


@pytest.mark.parametrize("most", [0, 1, 2])
async def test_after_the_last_revision_the_run_ends_and_says_why(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    play, script, output = await planned(monkeypatch, *[FAULTY] * (most + 1), max_revisions=most)
    assert len(script.prompts) == most + 1
    assert (output["status"], output["stop_reason"]) == ("failed", "invalid_plan")
    assert "there is no agent 'nobody'" in output["message"]
    assert output["usage"].calls == most + 1
    assert (await play.state())["results"] == {}


async def test_a_stored_plan_costs_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play(approval="ask")
    with scripted(monkeypatch) as script:
        await play.ask(BRISKET, stored=stored())
    (revision,) = (await play.state())["revisions"]
    assert (revision.by, revision.plan, script.prompts) == ("file", stored().plan, [])


async def test_an_invalid_stored_plan_goes_back_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    given = StoredPlan(plan=Plan(steps=(Step(id="a", agent="nobody"),)))
    with scripted(monkeypatch) as script:
        output = await Play().ask(BRISKET, stored=given)
    assert (output["stop_reason"], output["usage"].calls) == ("invalid_plan", 0)
    assert script.prompts == []


async def test_a_model_that_refuses_ends_the_run_and_is_in_the_ledger(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play, _, output = await planned(monkeypatch, 401)
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert "refuses the key" in output["message"]
    (call,) = (await play.state())["ledger"]
    assert (call.role, bool(call.error)) == ("planner", True)


async def test_without_a_budget_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    _, script, output = await planned(monkeypatch, max_calls=0)
    assert (output["stop_reason"], script.prompts) == ("budget", [])


async def test_a_new_process_still_knows_what_was_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play(approval="ask", max_calls=1)
    with scripted(monkeypatch, GOOD) as script:
        await play.ask(BRISKET)
        close_run_scope((await play.state())["run"])
        output = await play.decide("reject", message="Too short.")
    assert (output["stop_reason"], len(script.prompts)) == ("budget", 1)
