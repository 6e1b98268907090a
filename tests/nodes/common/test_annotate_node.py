"""The annotator: one more call if the options want it, and a run that goes on without it."""

from typing import Any

import pytest

from cliptrail.nodes.common.annotate import to_notes
from cliptrail.state.drafts import NotesDraft
from cliptrail.state.plan import Plan, StoredPlan
from cliptrail.state.request import NamedSource, Notes
from tests.graphs.playing import BRISKET, Play, steps, stored
from tests.nodes.scripted_model import as_answer, scripted

NOTES = {"topic": " brisket ", "channels": ["Tallow & Tin", " Tallow & Tin", ""]}
PLAN = as_answer(Plan(steps=steps()), topic="not this")


def roles(state: dict[str, Any]) -> list[str]:
    return [call.role for call in state["ledger"]]


@pytest.mark.parametrize(
    ("option", "calls"), [(True, ["annotator", "planner"]), (False, ["planner"])]
)
async def test_the_option_costs_one_call(option: bool, calls: list[str]) -> None:
    play = Play(approval="ask", annotate=option)
    await play.ask(BRISKET)
    assert roles(await play.state()) == calls


async def test_the_planner_gets_the_notes_and_does_not_change_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play = Play(approval="ask", annotate=True)
    with scripted(monkeypatch, NOTES, PLAN) as script:
        await play.ask(BRISKET)
    named = NamedSource(name="Tallow & Tin", kind="channel", channel="Tallow & Tin")
    notes = Notes(topic="brisket", channels=("Tallow & Tin",), sources=(named,))
    assert (await play.state())["notes"] == notes
    assert script.data("notes") == notes.model_dump(mode="json")
    assert "Tallow & Tin" in script.data("channels", 0)


async def test_without_an_answer_the_planner_reads_the_request_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play = Play(approval="ask", annotate=True)
    with scripted(monkeypatch, 401, PLAN) as script:
        await play.ask(BRISKET)
    state = await play.state()
    assert (roles(state), script.data("notes")) == (["annotator", "planner"], None)
    assert state["notes"].topic == "not this"
    assert state["incidents"][-1].what.endswith("The planner reads the request itself.")


async def test_without_a_budget_it_is_left_out_and_the_run_ends_at_the_planner() -> None:
    output = await Play(annotate=True, max_calls=0).ask(BRISKET)
    assert (output["status"], output["stop_reason"]) == ("failed", "budget")
    assert output["usage"].calls == 0


async def test_notes_that_are_there_already_are_kept() -> None:
    play = Play(approval="ask", annotate=True)
    await play.ask(BRISKET, stored=StoredPlan(plan=stored().plan, notes=Notes(topic="mine")))
    state = await play.state()
    assert (roles(state), state["notes"]) == ([], Notes(topic="mine"))


def test_notes_are_stripped_and_named_once() -> None:
    draft = NotesDraft(topic=" a ", facts_wanted=["x", " x ", " ", "y"], output_file=" o.md ")
    assert to_notes(draft) == Notes(topic="a", facts_wanted=("x", "y"), output_file="o.md")
