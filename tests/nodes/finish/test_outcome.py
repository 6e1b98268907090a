"""How a run ended, from what its steps left: status, typed reason, words, guide."""

from typing import Any

import pytest

from cliptrail.nodes.finish.outcome import Outcome, conclude
from cliptrail.state.evidence import Guide, LeftOut
from cliptrail.state.request import Notes, Stop
from cliptrail.state.steps import StepResult
from tests.nodes.finish.endings import (
    BAD,
    GOOD,
    GUIDE,
    by_step,
    composed,
    ended,
    extracted,
    failed,
    read,
    skipped,
)

CHANNELS = {"one": "Quiet Forge"}


def outcome(
    *rows: StepResult,
    stop: Stop | None = None,
    channels: tuple[str, ...] = (),
    planned: int | None = None,
) -> Outcome:
    count = len(rows) if planned is None else planned
    return conclude(by_step(*rows), stop, Notes(channels=channels), CHANNELS, planned=count)


def short(found: Outcome) -> tuple[str, str, str]:
    return found.status, found.reason, found.message


@pytest.mark.parametrize(
    ("rows", "end"),
    [
        ([extracted(GOOD), composed()], ("complete", "done", "")),
        ([skipped("transcript[1]", "absent"), composed()], ("complete", "done", "")),
        ([failed("search"), composed()], ("partial", "failure", "It broke. Mend it.")),
        (
            [failed("a"), failed("b"), composed()],
            ("partial", "failure", "It broke. Mend it. (and 1 more)"),
        ),
        ([skipped("late"), composed()], ("partial", "failure", "late: So.")),
        ([failed("a", "blocked"), composed()], ("partial", "blocked", "It broke. Mend it.")),
        ([failed("a"), failed("b", "budget")], ("failed", "budget", "It broke. Mend it.")),
        (
            [extracted(GOOD), failed("compose", "budget")],
            ("partial", "budget", "It broke. Mend it."),
        ),
        ([failed("search")], ("failed", "failure", "It broke. Mend it.")),
        ([failed("search", "blocked")], ("failed", "blocked", "It broke. Mend it.")),
        (
            [extracted(BAD)],
            ("failed", "no_evidence", "1 claims were found, but none could be verified."),
        ),
    ],
)
def test_how_it_ends(rows: list[StepResult], end: tuple[str, str, str]) -> None:
    assert short(outcome(*rows)) == end


@pytest.mark.parametrize("rows", [[], [extracted()], [composed(Guide(title="Empty"))]])
def test_without_evidence_there_is_no_guide_and_it_says_what_to_do(rows: list[StepResult]) -> None:
    found = outcome(*rows)
    assert (found.status, found.reason, found.guide) == ("failed", "no_evidence", None)
    assert found.message.startswith("No video says anything on this. Ask in other words")
    named = conclude(by_step(*rows), None, Notes(), CHANNELS, planned=0, where="mine (2 videos)")
    assert named.message.startswith("No video in mine (2 videos) says anything on this. Ask")


@pytest.mark.parametrize(
    "reason", ["rejected", "budget", "invalid_plan", "loop", "blocked", "failure"]
)
def test_a_run_that_was_stopped_says_why(reason: Any) -> None:
    stop = Stop(reason=reason, message="Stopped.", next_step="Go on.")
    assert short(outcome(stop=stop, planned=3)) == ("failed", reason, "Stopped. Go on.")
    kept = outcome(extracted(GOOD), failed("b", "blocked"), stop=stop, planned=3)
    assert short(kept) == ("partial", reason, "Stopped. Go on.")
    assert kept.guide
    assert kept.guide.claims == (GOOD,)


def test_steps_that_did_not_run_are_counted() -> None:
    assert short(outcome(composed(), planned=3)) == ("partial", "failure", "2 steps did not run.")


def test_a_named_channel_that_is_cited_completes_it() -> None:
    found = outcome(composed(), channels=("quiet forge",))
    assert short(found) == ("complete", "done", "")
    assert found.guide
    assert [row.cited for row in found.guide.coverage] == [True]


def test_a_named_channel_that_is_missing_makes_it_partial() -> None:
    found = outcome(composed(), read(), channels=("Loud Forge", "Quiet Forge"))
    assert short(found) == (
        "partial",
        "done",
        "Loud Forge is not cited: The search found no video of it.",
    )
    assert found.guide
    assert [row.cited for row in found.guide.coverage] == [False, True]


def test_the_composed_guide_is_taken_the_last_of_several() -> None:
    again = ended("compose_2", output=Guide(title="Newer", claims=(GOOD,)).model_dump(mode="json"))
    found = outcome(extracted(GOOD, BAD), composed(), again)
    assert found.guide
    assert found.guide.title == "Newer"
    assert found.note == "2 guides were composed; the plan's last one is shown."


def test_without_a_composed_guide_the_claims_make_one_and_that_is_told() -> None:
    found = outcome(extracted(GOOD, BAD), failed("compose"))
    assert found.guide
    assert (found.guide.claims, found.guide.unverified) == ((GOOD,), (BAD,))
    assert found.note == "No guide was composed; it shows the claims as they were found."


def test_a_claim_that_two_steps_hand_on_counts_once() -> None:
    again = ended("critic", output={"claims": [GOOD.model_dump(mode="json")]})
    assert by_step(extracted(GOOD), again).claims() == [GOOD]


@pytest.mark.parametrize(
    "output",
    [
        {"claims": 3},
        {"claims": ["words"]},
        {"claims": [{"id": "x"}]},
        {"claims": [{**GOOD.model_dump(), "citations": "none"}]},
        dict.fromkeys(Guide.model_fields),
    ],
)
def test_an_agent_of_the_users_own_may_mean_something_else(output: dict[str, Any]) -> None:
    found = outcome(ended("own", output=output), extracted(GOOD), composed())
    assert short(found) == ("complete", "done", "")
    assert found.guide
    assert found.guide.claims == GUIDE.claims


def test_what_the_composer_left_out_is_told_and_what_it_joined_is_not() -> None:
    names = ("extract.3", "extract.4", "extract.5")
    other, third, fourth = (GOOD.model_copy(update={"id": name}) for name in names)
    shown = GOOD.model_copy(update={"joined": ("extract.3",)})
    told = LeftOut(claim=third, reason="Off the topic.")
    guide = Guide(title="Oil", claims=(shown,), left_out=(told,))
    found = outcome(extracted(GOOD, BAD, other, third, fourth), composed(guide))
    first, second = found.left_out
    assert first == told
    assert second.claim == fourth
    assert "the guide uses it nowhere" in second.reason
    assert found.guide
    assert found.guide.left_out == ()
    assert outcome(extracted(GOOD, third)).left_out == ()


def asked(*rows: StepResult, facts: tuple[str, ...], stop: Stop | None = None) -> Outcome:
    notes = Notes(facts_wanted=facts)
    return conclude(by_step(*rows), stop, notes, CHANNELS, planned=len(rows))


HEAT = GOOD.model_copy(update={"section": "temperature"})
LATE = BAD.model_copy(update={"section": "time"})


@pytest.mark.parametrize(
    ("rows", "facts", "end"),
    [
        (
            [extracted(HEAT)],
            ("temperature", "time"),
            ("partial", "done", "Nothing was found on “time”."),
        ),
        (
            [extracted(HEAT, LATE)],
            ("temperature", "time"),
            ("partial", "done", "What was found could not be verified on “time”."),
        ),
        (
            [read(), extracted(HEAT, silent=("time",))],
            ("Temperature", "time"),
            ("complete", "done", ""),
        ),
        ([extracted(HEAT)], ("temperature",), ("complete", "done", "")),
    ],
    ids=["not found", "not verified", "not said", "answered"],
)
def test_a_wanted_fact_without_a_claim_is_a_gap_unless_the_videos_do_not_say_it(
    rows: list[StepResult], facts: tuple[str, ...], end: tuple[str, str, str]
) -> None:
    found = asked(*rows, facts=facts)
    assert short(found) == end
    assert found.guide
    assert found.guide.unanswered == facts[1:]
    assert [row.fact for row in found.guide.facts] == list(facts)


def test_without_wanted_facts_the_request_is_what_must_be_answered() -> None:
    found = conclude(
        by_step(extracted(GOOD)), None, Notes(), CHANNELS, planned=1, request="How hot?"
    )
    assert found.guide
    assert [(row.fact, row.standing) for row in found.guide.facts] == [("How hot?", "answered")]
