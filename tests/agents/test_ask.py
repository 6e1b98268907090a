"""Steps that ask the person: typed answers, in any order, and dependants that wait for them."""

from typing import Any

import pytest
from langgraph.types import Command

from cliptrail.state.plan import Plan, Step, StoredPlan
from tests.graphs.playing import Play, steps

COLOUR = Step(
    id="colour", agent="ask", inputs={"question": "Which wood?", "choices": ["oak", "cherry"]}
)
CUT = Step(id="cut", agent="ask", inputs={"question": "Which cut?"})
AFTER = Step(id="after", agent="search", inputs={"query": "${colour.answer} ${cut.answer} smoke"})


def respond(text: str) -> dict[str, Any]:
    return {"decisions": [{"type": "respond", "message": text}]}


async def asked(*more: Step) -> Play:
    play = Play()
    plan = Plan(goal="Brisket", steps=(*steps(), COLOUR, *more))
    await play.run({"request": "Brisket?", "stored": StoredPlan(plan=plan)})
    return play


async def ids(play: Play) -> dict[str, str]:
    """The interrupts by the step that asks."""
    questions = await play.questions()
    return {row["action_requests"][0]["args"]["step"]: name for name, row in questions.items()}


async def test_a_question_waits_in_the_shape_that_clients_know() -> None:
    play = await asked()
    (payload,) = (await play.questions()).values()
    assert payload["action_requests"][0]["description"] == "Which wood?"
    assert payload["review_configs"][0]["allowed_decisions"] == ["respond", "reject"]
    output = await play.answer(respond("oak"))
    assert output["status"] == "complete"
    assert (await play.state())["results"]["colour"].output == {"answer": "oak"}


@pytest.mark.parametrize("first", ["colour", "cut"])
async def test_two_questions_at_once_are_answered_in_any_order(first: str) -> None:
    play = await asked(CUT, AFTER)
    answers = {"colour": "cherry", "cut": "brisket"}
    open_now = await ids(play)
    assert set(open_now) == {"colour", "cut"}
    await play.run(Command(resume={open_now[first]: respond(answers.pop(first))}))
    left = await ids(play)
    assert set(left) == set(answers)
    ((second, said),) = answers.items()
    output = await play.run(Command(resume={left[second]: respond(said)}))
    results = (await play.state())["results"]
    assert output["status"] == "complete"
    assert results["after"].status == "done"
    assert results["after"].started >= max(results["colour"].started, results["cut"].started)


async def test_finished_steps_do_not_run_again_while_a_question_waits() -> None:
    play = await asked(AFTER.model_copy(update={"inputs": {"query": "${colour.answer} smoke"}}))
    calls = len((await play.state()).get("ledger", ()))
    output = await play.answer(respond("oak"))
    assert output["usage"].calls == 2
    assert calls in (0, 2)


@pytest.mark.parametrize("wrong", [{}, "oak", respond("plastic"), respond("  ")])
async def test_an_answer_that_does_not_fit_is_asked_for_again(wrong: object) -> None:
    play = await asked()
    await play.answer(wrong)
    assert (await play.question())["description"].endswith("Which wood?")
    assert (await play.question())["description"] != "Which wood?"
    output = await play.answer(respond("oak"))
    assert output["status"] == "complete"


async def test_who_does_not_answer_fails_the_step_and_keeps_the_rest() -> None:
    play = await asked(AFTER.model_copy(update={"inputs": {"query": "${colour.answer} smoke"}}))
    output = await play.decide("reject", message="no idea")
    results = (await play.state())["results"]
    assert results["colour"].failure.kind == "input_missing"
    assert "no idea" in results["colour"].reason
    assert results["after"].status == "skipped"
    assert (output["status"], bool(output["guide"])) == ("partial", True)
