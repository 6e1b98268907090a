"""A plan that grows: what is added, what stays, what is known, and how it is brought to an end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.nodes.common.growing_plan import (
    grown,
    guide_steps,
    knowledge,
    numbered,
    remembered,
)
from cliptrail.nodes.common.result_summaries import LONGEST_TEXT, MOST_ROWS, result_summaries
from cliptrail.nodes.common.running import run_of
from cliptrail.state.context import Context
from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.media import Video
from cliptrail.state.plan import InstanceId, Plan, Revision, Step
from cliptrail.state.research import ResearchState
from cliptrail.state.steps import StepResult
from tests.nodes.common.growing import ALL, COMPOSE, EXTRACT, FETCH, RESULTS, SEARCH, found, state
from tests.nodes.finish.endings import BAD, GOOD, GUIDE, by_step, composed, extracted, failed, read


def test_a_step_is_named_by_its_agent_and_number() -> None:
    assert [numbered(name, (SEARCH,)) for name in ("search", "extract")] == [
        "search_2",
        "extract_1",
    ]


def test_what_is_added_is_a_revision_that_keeps_what_was_before() -> None:
    made = grown(run_of(state(SEARCH, results=1)), [FETCH], "supervisor", "read it", Context())
    assert isinstance(made, Revision)
    assert (made.number, made.by, made.reason) == (1, "supervisor", "read it")
    assert made.plan.steps == (SEARCH, FETCH)
    assert [(row.kind, row.step) for row in made.changes] == [("added", "transcript")]
    assert made.estimate.steps["search_1"].seconds == 0


def test_what_does_not_fit_comes_back_with_all_faults() -> None:
    wrong = [
        Step(id="search_1", agent="search", inputs={"query": "again"}),
        Step(id="read", agent="transcript", inputs={"video": "$nowhere.videos[0]"}),
    ]
    faults = grown(run_of(state(SEARCH, results=1)), wrong, "router", "", Context())
    assert isinstance(faults, tuple)
    assert {row.step for row in faults} == {"search_1", "read"}


def test_steps_of_earlier_runs_do_not_count_against_the_most() -> None:
    before = Revision(number=1, by="earlier", plan=Plan(steps=(SEARCH, FETCH)))
    now = state(SEARCH, FETCH, results=2, revisions=(before,))
    assert isinstance(grown(run_of(now), [EXTRACT], "agent", "", Context(max_steps=1)), Revision)
    assert isinstance(
        grown(run_of(now), [EXTRACT, COMPOSE], "agent", "", Context(max_steps=1)), tuple
    )


def test_a_thread_leaves_what_it_found_and_no_guide() -> None:
    left = remembered(run_of(state(*ALL, results=4)))
    assert left is not None
    revision, results = left
    assert (revision.number, revision.by) == (1, "earlier")
    assert revision.plan.steps == ALL[:3]
    assert set(results) == {"search_1", "transcript", "extract"}


@pytest.mark.parametrize("ended", [0, 1, 2])
def test_steps_that_never_ran_are_not_left(ended: int) -> None:
    left = remembered(run_of(state(*ALL, results=ended)))
    assert (left[0].plan.steps if left else ()) == ALL[:ended]


def test_a_thread_without_a_plan_leaves_nothing() -> None:
    assert remembered(run_of(ResearchState())) is None
    assert remembered(run_of(state(Step(id="a", agent="gone"), results=0))) is None


def test_what_earlier_runs_left_is_not_of_this_run() -> None:
    before = Revision(number=1, by="earlier", plan=Plan(steps=(SEARCH, FETCH)))
    now = state(*ALL[:3], results=3, revisions=(before,))
    assert set(run_of(now).own_results) == {"extract"}
    assert set(run_of(state(*ALL, results=3)).own_results) == {"search_1", "transcript", "extract"}


def test_only_what_is_verified_is_known() -> None:
    known = knowledge(by_step(extracted(GOOD, BAD)))
    assert len(known) == 1
    assert knowledge(RESULTS) > knowledge(by_step(found("one"), read()))


@given(st.lists(st.sampled_from(["one", "two", "three"]), max_size=5), st.text(max_size=3))
def test_knowledge_grows_with_what_is_found_and_not_by_finding_it_again(
    names: list[str], other: str
) -> None:
    again = found(*names).model_copy(update={"id": InstanceId(f"search_2{other}")})
    assert knowledge(by_step(found(*names))) == knowledge(by_step(found(*names), again))
    assert len(knowledge(by_step(found(*names, "four")))) == len(set(names)) + 1


@pytest.mark.parametrize(
    ("ended", "expected"),
    [(0, []), (1, []), (2, ["extract_1", "compose_1"]), (3, ["compose_1"]), (4, [])],
)
def test_a_run_is_finished_by_what_is_missing_for_a_guide(ended: int, expected: list[str]) -> None:
    now = state(*(step.model_copy(update={"id": step.id}) for step in ALL[:ended]), results=ended)
    made = guide_steps(run_of(now))
    assert [step.agent for step in made] == [name.partition("_")[0] for name in expected]
    if made:
        assert isinstance(grown(run_of(now), made, "limit", "", Context()), Revision)


def test_of_a_mapped_step_the_claims_of_each_of_its_parts_are_composed() -> None:
    several = FETCH.model_copy(
        update={"for_each": "$search_1.videos[:3]", "inputs": {"video": "$item"}}
    )
    mapped = EXTRACT.model_copy(
        update={"for_each": "$transcript", "inputs": {"transcripts": ["$item"]}}
    )
    now = state(SEARCH, several, mapped, results=1)
    now["results"] |= {
        f"{row.id}[{place}]": row.model_copy(update={"id": InstanceId(row.id, place)})
        for row in (read(), extracted(GOOD))
        for place in (0, 2)
    }
    now["results"]["extract[1]"] = failed("extract[1]")
    made = guide_steps(run_of(now))
    assert [step.inputs for step in made] == [
        {"claims": ["$extract[0].claims", "$extract[2].claims"]}
    ]
    assert isinstance(grown(run_of(now), made, "limit", "", Context()), Revision)


def test_whose_agent_has_only_failed_it_is_not_asked_to_finish() -> None:
    now = state(*ALL[:2], results=2)
    now["results"]["extract"] = failed("extract").model_copy(update={"agent": "extract"})
    assert guide_steps(run_of(now)) == []


def test_what_closes_a_run_does_not_count_against_its_most_steps() -> None:
    now = state(*ALL[:2], results=2)
    made = guide_steps(run_of(now))
    assert isinstance(grown(run_of(now), made, "limit", "", Context(max_steps=2)), Revision)
    assert isinstance(grown(run_of(now), made, "supervisor", "", Context(max_steps=2)), tuple)


def test_what_failed_is_not_finished_with() -> None:
    now = state(SEARCH, FETCH, results=1)
    now["results"]["transcript"] = failed("transcript")
    assert guide_steps(run_of(now)) == []


# --- what a coordinator sees ---------------------------------------------------------------------


def test_results_are_told_in_short_and_by_step() -> None:
    rows = {row["step"]: row for row in result_summaries(ALL, RESULTS)}
    assert rows["search_1"]["gave"]["videos"][0]["title"] == "All of one"
    assert rows["transcript"]["gave"]["transcripts"][0]["words"] == 11
    assert rows["extract"]["gave"]["claims"]["verified"] == 1
    assert rows["compose"]["gave"]["statements"] == len(GUIDE.claims)
    assert "citations" not in str(rows["extract"])


def test_a_failure_is_told_with_its_reason() -> None:
    (row,) = result_summaries([SEARCH], by_step(failed("search_1", message="No network.")))
    assert (row["status"], row["why"]) == ("failed", "No network. Mend it.")


@given(st.integers(0, 60), st.integers(1, 500))
def test_however_much_was_found_little_is_shown(count: int, length: int) -> None:
    videos = [Video(video_id=f"v{n}", title="t" * length) for n in range(count)]
    claims = [Claim(id=f"c{n}", text="x" * length, verified=True) for n in range(count)]
    rows = by_step(
        StepResult(
            id="search_1",
            agent="search",
            status="done",
            output={"videos": [row.model_dump(mode="json") for row in videos]},
        ),
        extracted(*claims),
        composed(Guide(title="g" * length, claims=tuple(claims))),
    )
    shown = str(result_summaries(ALL, rows))
    assert len(shown) < 30 * LONGEST_TEXT + MOST_ROWS * (LONGEST_TEXT + 100)
