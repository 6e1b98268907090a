"""The supervisor as a conversation: the founding request, follow-ups, and what they cost."""

from typing import Any

import pytest

from cliptrail.evals.repeat import FOUNDING
from cliptrail.nodes.common.retry import retry
from cliptrail.state.path import path_text
from cliptrail.state.research import ResearchState
from cliptrail.state.steps import StepResult
from tests.graphs.playing import BRISKET, UNANSWERABLE, Play


async def talk(*requests: str, **options: Any) -> tuple[Play, list[dict[str, Any]]]:
    """Ask one after the other on one thread; the state after each."""
    play = Play("supervisor", **options)
    states = []
    for request in requests:
        await play.ask(request)
        states.append(await play.state())
    return play, states


def read(state: dict[str, Any]) -> list[str]:
    """Videos whose transcripts the steps give, once for each step."""
    rows: list[StepResult] = [row for row in state["results"].values() if row.output]
    return [row.output["video_id"] for row in rows if row.output and "segments" in row.output]


def worked(state: dict[str, Any]) -> list[str]:
    """Steps that this run decided on."""
    return [name for move in state["path"] for name in move.to]


def cited(state: dict[str, Any]) -> set[str]:
    return {row.video_id for claim in state["guide"].claims for row in claim.citations}


async def test_the_founding_request_takes_six_calls_every_time() -> None:
    for _ in range(3):
        _, (state,) = await talk(FOUNDING)
        assert (state["status"], state["usage"].calls) == ("complete", 6)
        assert (state["usage"].coordination.calls, state["usage"].work.calls) == (4, 2)
        assert worked(state) == [
            "search_1",
            "search_2",
            "transcript_1",
            "transcript_2",
            "extract_1",
            "compose_1",
        ]
        assert path_text(state["path"]).endswith("supervisor(finish)")
        assert all(row.cited for row in state["guide"].coverage)
        assert len(state["guide"].coverage) == 2
        assert state["guide"].conflicts
        assert all(move.reason for move in state["path"])


async def test_what_cannot_be_answered_is_searched_read_and_given_up() -> None:
    _, (state,) = await talk(UNANSWERABLE)
    assert (state["status"], state["stop_reason"]) == ("failed", "no_evidence")
    assert state["path"][-1].turn == "finish"
    assert state["usage"].calls <= 5


async def test_who_asks_for_videos_gets_videos_after_one_look_at_them() -> None:
    _, (state,) = await talk("Find videos about brisket on a kamado.")
    assert (state["status"], state["usage"].calls) == ("complete", 2)
    assert "ct-brisketz" in {row.video_id for row in state["guide"].videos}


async def test_a_follow_up_on_what_is_there_fetches_nothing() -> None:
    _, (first, second) = await talk(FOUNDING, "What about timing?")
    assert worked(second) == ["extract_2", "compose_1"]
    assert second["usage"].calls == 4
    assert set(second["results"]) - set(first["results"]) == {"extract_2"}
    assert read(second) == read(first)
    assert second["notes"].question.startswith("How do I cook a pork loin on a kamado?")
    assert second["notes"].channels == ("Cinder Porch", "Smoke Ledger")
    assert second["notes"].facts_wanted == ("timing",)
    assert second["status"] == "complete"
    assert "timing" in {row.section for row in second["guide"].claims}


async def test_a_follow_up_on_something_else_fetches_only_what_is_missing() -> None:
    _, (first, second) = await talk(FOUNDING, "and for a gas grill?")
    assert "gas grill" in second["notes"].question
    assert "kamado" not in second["notes"].question
    assert second["notes"].facts_wanted == first["notes"].facts_wanted
    assert "ct-gasloinz" in cited(second)
    assert "ct-gasloinz" not in read(first)
    assert len(read(second)) == len(set(read(second)))
    assert len(set(read(second)) - set(read(first))) <= 3
    assert second["status"] == "complete"


async def test_a_new_topic_is_a_new_question_and_follow_ups_are_on_it() -> None:
    _, (_, second, third) = await talk(
        BRISKET, "How do I steam milk for a flat white?", "and what about the temperature?"
    )
    assert (second["notes"].question, second["notes"].topic) == ("", "steam milk for a flat white")
    assert "steam milk" in third["notes"].question
    assert third["status"] == "complete"
    assert "ct-brisketz" not in cited(third)
    assert [row.request for row in third["conversation"]] == [
        BRISKET,
        "How do I steam milk for a flat white?",
        "and what about the temperature?",
    ]


async def test_what_was_read_for_another_question_is_not_read_again() -> None:
    _, (first, second) = await talk(BRISKET, "How long does a brisket rest on a kamado?")
    assert second["notes"].question == ""
    assert second["status"] == "complete"
    assert len(read(second)) == len(set(read(second)))
    assert "ct-brisketz" in set(read(first)) & cited(second)


async def test_the_same_question_again_is_answered_from_what_was_read() -> None:
    _, (first, second) = await talk(BRISKET, BRISKET)
    assert (second["status"], second["stop_reason"]) == ("complete", "done")
    assert read(second) == read(first)
    assert cited(second) == cited(first)


@pytest.mark.parametrize("follow_up", ["what about timing?", "and for a gas grill?"])
async def test_a_follow_up_to_nothing_is_an_ordinary_question(follow_up: str) -> None:
    _, (state,) = await talk(follow_up)
    assert state["notes"].question == ""
    assert state["status"] in ("complete", "failed")


async def test_each_turn_has_its_own_budget_and_ledger() -> None:
    _, (first, second) = await talk(FOUNDING, "What about timing?", max_calls=6)
    assert (first["usage"].calls, second["usage"].calls) == (6, 4)
    assert not {row.id for row in first["ledger"]} & {row.id for row in second["ledger"]}


@pytest.mark.parametrize("most", range(7))
async def test_the_calls_that_are_left_go_to_the_guide(most: int) -> None:
    _, (state,) = await talk(BRISKET, max_calls=most)
    assert state["usage"].calls == most
    assert (state["guide"] is not None) == (most >= 3)
    assert state["status"] == ("complete" if most == 6 else "partial" if most > 2 else "failed")
    assert state["stop_reason"] == ("done" if most == 6 else "budget")


async def test_a_run_that_the_budget_ended_goes_on_to_its_end() -> None:
    play, (state,) = await talk(BRISKET, max_calls=3)
    assert state["stop_reason"] == "budget"
    play.context = play.context.model_copy(update={"max_calls": 20})
    output = await play.run(retry(ResearchState(**state), then="supervisor"))  # type: ignore[typeddict-item]
    assert (output["status"], output["stop_reason"]) == ("complete", "done")
    assert len(read(await play.state())) == len(set(read(await play.state())))


async def test_the_supervisor_sees_no_transcript_so_its_prompt_grows_little() -> None:
    _, (state,) = await talk(FOUNDING)
    sizes = [row.input_tokens for row in state["ledger"] if row.role == "supervisor"]
    work = [row.input_tokens for row in state["ledger"] if row.role == "extract"]
    assert sizes == sorted(sizes)
    assert 3 * max(sizes) < max(work)
