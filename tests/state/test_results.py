"""Results by declared types: found wherever a type says so, and nowhere because of a name."""

from typing import Any

import pytest
from pydantic import BaseModel, Field

from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.results import Results
from cliptrail.state.steps import StepResult

CLAIM = Claim(id="a.1", text="Heat it.", verified=True)
VIDEO = Video(video_id="one", title="One")
REF = TranscriptRef(video_id="one", title="One", segments=2, words=9)
GUIDE = Guide(title="Oil", claims=(CLAIM,))


class Rated(Claim):
    """A claim with more to it."""

    stars: int = 0


class Findings(BaseModel):
    """What a user's own agent gives: claims under a name of its own, one of them deeper."""

    insights: tuple[Rated, ...] = ()
    by_topic: dict[str, list[Claim]] = Field(default_factory=dict)
    best: Claim | None = None


class Loose(BaseModel):
    """What looks like ours, and is declared as something else."""

    claims: list[dict[str, Any]] = Field(default_factory=list)
    videos: list[str] = Field(default_factory=list)


DECLARED = {"own": Findings, "loose": Loose, "fetch": TranscriptRef, "compose": Guide}


def done(name: str, output: BaseModel, agent: str = "") -> StepResult:
    data = output.model_dump(mode="json")
    return StepResult(id=name, agent=agent or name, status="done", output=data)


def results(*rows: StepResult) -> Results:
    return Results({row.id: row for row in rows}, DECLARED)


def test_claims_of_a_users_own_agent_are_found_by_its_declared_types() -> None:
    rated, deep, best = Rated(id="1", text="a", stars=3), Claim(id="2", text="b"), CLAIM
    own = Findings(insights=(rated,), by_topic={"heat": [deep]}, best=best)
    assert results(done("own", own)).claims() == [rated, deep, best]


def test_what_has_the_name_of_ours_and_another_type_is_not_taken_for_it() -> None:
    loose = Loose(claims=[CLAIM.model_dump(mode="json")], videos=["one"])
    found = results(done("loose", loose))
    assert (found.claims(), found.videos()) == ([], [])


def test_each_claim_and_transcript_counts_once() -> None:
    own = Findings(insights=(Rated(**CLAIM.model_dump()),))
    found = results(done("own", own), done("compose", GUIDE), done("fetch[0]", REF, "fetch"))
    again = results(*found.values(), done("fetch[1]", REF, "fetch"))
    assert [row.id for row in again.claims()] == ["a.1"]
    assert again.transcripts() == [REF]
    assert again.guides() == [GUIDE]


@pytest.mark.parametrize(
    "row",
    [
        done("gone", GUIDE),
        done("compose", VIDEO),
        StepResult(id="compose", agent="compose", status="failed"),
    ],
    ids=["an agent that is not there", "a type that has changed", "failed"],
)
def test_what_does_not_fit_a_declared_type_is_left_out(row: StepResult) -> None:
    assert results(row).outputs() == {}
    assert results(row).guides() == []


def test_results_of_steps_and_their_order() -> None:
    ended = ["early", "each[10]", "each[2]", "other", "late"]
    rows = results(*(done(name, REF, "fetch") for name in ended))
    ordered = rows.in_order_of(("late", "each", "early"))
    assert list(ordered) == ["late", "each[2]", "each[10]", "early", "other"]
    assert list(rows.of_steps(["each"])) == ["each[10]", "each[2]"]
    assert list(rows.without_steps(["each"])) == ["early", "other", "late"]
    assert rows["each[2]"].id.position == 2
    newer = results(done("late", GUIDE, "compose")).after(rows)
    assert (len(newer), newer.guides()) == (5, [GUIDE])
