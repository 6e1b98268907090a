"""The person's say: nothing runs before it, and nothing is lost by a wrong answer."""

import re
from typing import Any

import pytest

from cliptrail.state.plan import Plan
from tests.graphs.playing import BRISKET, Play, steps, stored
from tests.nodes.scripted_model import as_answer, scripted

FIRST = Plan(goal="Brisket", steps=steps())
SECOND = Plan(goal="Brisket", steps=steps("brisket smoker"))


async def asked(**options: Any) -> Play:
    """A run of a stored plan that waits for its approval."""
    play = Play(approval="ask", **options)
    await play.ask(BRISKET, stored=stored())
    return play


def edited(**changes: Any) -> dict[str, Any]:
    """The stored plan with other inputs for its search."""
    plan = stored().plan.model_dump(mode="json")
    plan["steps"][0].update(changes)
    return plan


async def test_the_question_shows_everything_and_nothing_has_run() -> None:
    play = await asked()
    (payload,) = (await play.questions()).values()
    action, review = payload["action_requests"][0], payload["review_configs"][0]
    assert (action["name"], review["action_name"]) == ("run_plan", "run_plan")
    assert review["allowed_decisions"] == ["approve", "edit", "reject"]
    assert Plan.model_validate(action["args"]["plan"]) == stored().plan
    assert (action["args"]["revision"], action["args"]["changes"]) == (1, [])
    assert set(action["args"]["estimate"]["steps"]) == {"find", "fetch[0]", "read", "write"}
    assert all(name in action["description"] for name in ("find", "fetch", "read", "write"))
    state = await play.state()
    assert (state["results"], list(state["ledger"])) == ({}, [])


async def test_approve_runs_it() -> None:
    play = await asked()
    output = await play.decide("approve")
    assert output["status"] == "complete"
    assert len((await play.state())["revisions"]) == 1


async def test_auto_approval_asks_nobody() -> None:
    assert (await Play().ask(BRISKET, stored=stored()))["status"] == "complete"


async def test_an_edit_runs_instead_and_shows_its_differences() -> None:
    play = await asked()
    output = await play.edit(edited(inputs={"query": "brisket", "limit": 1}))
    state = await play.state()
    revision = state["revisions"][-1]
    assert (output["status"], revision.number, revision.by) == ("complete", 2, "person")
    assert [(row.field, row.before, row.after) for row in revision.changes] == [
        ("inputs.query", "brisket kamado overnight", "brisket"),
        ("inputs.limit", None, 1),
    ]
    assert state["plan"] == revision.plan
    assert len(state["results"]["find"].output["videos"]) == 1


async def test_options_that_come_with_an_answer_hold_from_then_on() -> None:
    play = await asked()
    play.context = play.context.model_copy(update={"max_calls": 7})
    play.context = type(play.context)(**play.context.model_dump())
    await play.decide("approve")
    assert (await play.state())["options"].max_calls == 7


async def test_an_edit_may_be_the_bare_plan() -> None:
    play = await asked()
    action = {"name": "run_plan", "args": edited(brief="Look it up.")}
    await play.decide("edit", edited_action=action)
    assert (await play.state())["plan"].steps[0].brief == "Look it up."


async def test_an_edit_with_faults_is_asked_again_with_all_of_them() -> None:
    play = await asked()
    await play.edit(edited(agent="nobody", for_each="$later.rows"))
    said = (await play.question())["description"]
    assert said.startswith("The edited plan has faults:\n")
    assert "there is no agent 'nobody'" in said
    assert "later" in said
    assert (await play.decide("approve"))["status"] == "complete"
    state = await play.state()
    assert (state["plan"], len(state["revisions"])) == (stored().plan, 1)


NONSENSE: list[Any] = [
    {},
    "yes",
    3,
    True,
    [],
    {"decisions": []},
    {"decisions": "approve"},
    {"decisions": [{"type": "maybe"}]},
    {"decisions": [{"type": "approve"}, {"type": "approve"}]},
    {"decisions": [{"type": "edit"}]},
    {"decisions": [{"type": "reject", "message": 3}]},
    {"decisions": [{"type": "edit", "edited_action": {"name": "x", "args": {"plan": "no"}}}]},
    {"decisions": [{"type": "edit", "edited_action": {"name": "x", "args": {"stps": []}}}]},
]


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
async def test_nonsense_is_explained_and_asked_again(value: Any) -> None:
    play = await asked()
    await play.answer(value)
    said = (await play.question())["description"]
    assert re.match("The (answer|edited plan) was not understood: ", said)
    state = await play.state()
    assert (state["results"], state["plan"]) == ({}, stored().plan)


async def test_many_wrong_answers_lose_nothing_and_each_complaint_is_the_last_ones() -> None:
    play = await asked()
    await play.answer("yes")
    await play.edit(edited(agent="nobody"))
    await play.answer("yes")
    assert "faults" not in (await play.question())["description"].split("\n\n")[0]
    assert (await play.decide("approve"))["status"] == "complete"


async def test_a_reason_brings_a_new_revision_and_a_new_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play = Play(approval="ask")
    with scripted(monkeypatch, as_answer(FIRST), as_answer(SECOND)) as script:
        await play.ask(BRISKET)
        await play.decide("reject", message="Not only kamados.")
    assert script.data("rejection") == "Not only kamados."
    assert Plan.model_validate(script.data("previous_plan")) == FIRST
    args = (await play.question())["args"]
    assert (args["revision"], [row["field"] for row in args["changes"]]) == (2, ["inputs.query"])
    state = await play.state()
    assert state["revisions"][-1].reason == "Not only kamados."
    assert (state["plan"], state["rejection"], state["results"]) == (SECOND, "", {})


async def test_the_same_plan_again_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play(approval="ask")
    with scripted(monkeypatch, as_answer(FIRST), as_answer(FIRST)):
        await play.ask(BRISKET)
        output = await play.decide("reject", message="Not only kamados.")
    assert (output["status"], output["stop_reason"]) == ("failed", "rejected")
    assert "made the same plan again after: Not only kamados." in output["message"]
    assert output["usage"].calls == 2


@pytest.mark.parametrize("message", ["", "  "])
async def test_a_rejection_without_a_reason_ends_the_run(message: str) -> None:
    play = await asked()
    output = await play.decide("reject", message=message)
    assert (output["status"], output["stop_reason"]) == ("failed", "rejected")
    assert (output["usage"].calls, (await play.state())["results"]) == (0, {})


async def test_rejections_go_back_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play(approval="ask", max_revisions=1)
    with scripted(monkeypatch, as_answer(FIRST), as_answer(SECOND)):
        await play.ask(BRISKET)
        await play.decide("reject", message="No.")
        output = await play.decide("reject", message="Still no.")
    assert (output["stop_reason"], output["usage"].calls) == ("rejected", 2)
    assert "Still no." in output["message"]
