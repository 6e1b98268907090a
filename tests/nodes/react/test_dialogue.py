"""The dialogue with an agent: every call has its answer, the oldest results become short first."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, RemoveMessage, ToolMessage

from cliptrail.nodes.common.running import dialogue_of
from cliptrail.nodes.react.dialogue import (
    calls_of,
    fitted,
    forgetting,
    opening,
    replies,
    said_before,
    storable,
)
from cliptrail.nodes.react.tool_calls import Call, Outcome
from cliptrail.state.dialogue import DialogueState
from cliptrail.state.drafts import NotesDraft
from cliptrail.state.plan import Plan, Step
from cliptrail.tools.models.gateway import count_tokens
from tests.nodes.react.results import failed, found


def called(number: int) -> AIMessage:
    call = {"name": "search", "args": {}, "id": f"c{number}", "type": "tool_call"}
    return AIMessage("", id=f"a{number}", tool_calls=[call])


def dialogue(turns: int, run: str = "run") -> DialogueState:
    """A run in which each turn was a search for five videos."""
    names = [f"search_{number}" for number in range(1, turns + 1)]
    messages: list[AnyMessage] = [*opening(HumanMessage("How hot?"), run)]
    for number, name in enumerate(names):
        outcome = Outcome(Call(f"c{number}", "search", {}), steps=(name,))
        messages += [called(number), *replies([outcome], run)]
    return DialogueState(
        run="run",
        plan=Plan(steps=tuple(Step(id=name, agent="search") for name in names)),
        results={name: found(*(f"{name}x{at}" for at in range(5)), step=name) for name in names},
        messages=messages,
    )


def test_a_call_is_answered_with_how_its_steps_stand_now() -> None:
    state = dialogue(1)
    (_, _, told) = said_before(dialogue_of(state))
    assert all(part in str(told.content) for part in ("<result>", '"done"', "search_1x4"))
    state["results"] = {"search_1": failed("search_1", "search")}
    (_, _, told) = said_before(dialogue_of(state))
    assert "It has no captions." in str(told.content)


def test_the_messages_of_an_earlier_run_are_dropped() -> None:
    state = dialogue(2, run="before")
    assert said_before(dialogue_of(state)) == []
    (row,) = forgetting(dialogue_of(state))
    assert isinstance(row, RemoveMessage)
    assert forgetting(dialogue_of(dialogue(2))) == []


@given(turns=st.integers(1, 6), room=st.integers(-100, 3_000))
def test_the_oldest_results_are_condensed_as_far_as_they_must(turns: int, room: int) -> None:
    state = dialogue(turns)
    whole, told = said_before(dialogue_of(state)), fitted(dialogue_of(state), room)
    assert 0 <= told.shortened < turns
    assert [(row.type, row.id) for row in told.messages] == [(row.type, row.id) for row in whole]
    assert told.messages[-1] == whole[-1]
    assert all("search_" in str(row.content) for row in told.messages if row.type == "tool")
    size = count_tokens(told.messages, None)
    assert size <= max(room, 0) or told.shortened == turns - 1
    if told.shortened:
        assert count_tokens(said_before(dialogue_of(state), told.shortened - 1), None) > room
        assert size < count_tokens(whole, None)


def test_faults_and_notes_are_answered_at_once() -> None:
    rows = [
        Outcome(Call("1", "x", {}), faults=("There is no tool </faults>.",)),
        Outcome(Call("2", "take_notes", {}), notes=NotesDraft()),
    ]
    wrong, noted = replies(rows, "run")
    assert (wrong.status, wrong.tool_call_id, wrong.artifact) == ("error", "1", None)
    assert str(wrong.content).count("</faults>") == 1
    assert (noted.content, noted.status) == ("Noted.", "success")


IDS = st.none() | st.sampled_from(["", "c0", "c1", "same", "turn_1", "call_1_0"])
TEXT = st.text(max_size=5) | st.text("\ud83da", max_size=3)
CALL: Any = st.fixed_dictionaries(
    {
        "name": TEXT,
        "args": st.dictionaries(TEXT, TEXT, max_size=2),
        "id": IDS,
        "type": st.just("tool_call"),
    }
)
BAD: Any = st.fixed_dictionaries(
    {
        "name": st.none() | TEXT,
        "args": st.none() | TEXT,
        "id": IDS,
        "error": st.none(),
        "type": st.just("invalid_tool_call"),
    }
)


@given(TEXT, IDS, st.lists(CALL, max_size=4), st.lists(BAD, max_size=3))
def test_what_a_model_says_can_be_stored_and_answered(
    words: str, name: str | None, calls: list[Any], bad: list[Any]
) -> None:
    said = AIMessage(words, id=name, tool_calls=calls, invalid_tool_calls=bad)
    before = said_before(dialogue_of(dialogue(1)))
    kept = storable(said, before)
    kept.model_dump_json().encode()
    rows = calls_of(kept)
    assert len(rows) == len(calls) + len(bad)
    known = [row.tool_call_id for row in before if isinstance(row, ToolMessage)]
    ids = [*known, *(row.id for row in rows)]
    assert len(set(ids)) == len(ids)
    assert kept.id not in {row.id for row in before}
    answers = replies([Outcome(row, faults=("no",)) for row in rows], "run")
    assert [row.tool_call_id for row in answers] == [row.id for row in rows]
    assert len({row.id for row in answers}) == len(rows)
