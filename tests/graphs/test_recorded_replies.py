"""From a strong model's answers to the guide, offline: what was found arrives, or is accounted for.

The answers in tests/replies were written by hand by a careful reader who saw the prompts alone.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from cliptrail.evidence.matrix import gaps
from cliptrail.state.plan import Plan, Step, StoredPlan
from cliptrail.state.request import Notes
from cliptrail.state.trail import Trail
from cliptrail.testing import ScriptedModel
from tests.graphs.playing import Play

REPLIES = sorted((Path(__file__).parents[1] / "replies").glob("*.json"))


def stored(row: dict[str, Any]) -> StoredPlan:
    """The plan that reads the videos of a recording in its order."""
    fetches = [
        Step(id=f"fetch_{n}", agent="transcript", inputs={"video_id": name})
        for n, name in enumerate(row["videos"])
    ]
    read = Step(
        id="extract", agent="extract", inputs={"transcripts": [f"${row.id}" for row in fetches]}
    )
    claims = {"claims": "$extract.claims", "unanswered": "$extract.unanswered"}
    write = Step(id="compose", agent="compose", inputs=claims)
    return StoredPlan(plan=Plan(steps=(*fetches, read, write)), notes=Notes(**row["notes"]))


@pytest.fixture(scope="module", params=REPLIES, ids=lambda file: file.stem)
def row(request: pytest.FixtureRequest) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return content


async def trail_of(row: dict[str, Any]) -> Trail:
    model = ScriptedModel([row["extract"], row["compose"]])
    play = Play(model=str(model.name), max_replans=0)
    output = await play.run({"request": row["request"], "stored": stored(row)})
    written = next(Path(file) for file in output["files"] if file.endswith(".json"))
    return Trail.model_validate_json(written.read_text(encoding="utf-8"))


async def test_no_claim_of_a_strong_model_is_lost(row: dict[str, Any]) -> None:
    trail = await trail_of(row)
    guide = trail.guide
    assert guide is not None
    given = {f"extract.{number}" for number, _ in enumerate(row["extract"]["claims"], 1)}
    shown = {name for claim in guide.claims for name in (claim.id, *claim.joined)}
    set_apart = {claim.id for claim in guide.unverified}
    left_out = {entry.claim.id for entry in trail.left_out}
    assert given == (shown | set_apart | left_out) & given
    assert not set_apart
    assert all(entry.reason for entry in trail.left_out)


async def test_two_calls_make_a_complete_guide_that_answers_every_wanted_fact(
    row: dict[str, Any],
) -> None:
    trail = await trail_of(row)
    assert trail.guide is not None
    assert (trail.status, trail.usage.calls) == ("complete", 2)
    assert gaps(trail.guide.facts) == ()
    assert all(entry.cited for entry in trail.guide.coverage)
    assert trail.guide.answer
    assert len(trail.guide.sections) == len(row["compose"]["sections"])
    assert len(trail.guide.conflicts) == len(row["compose"]["conflicts"])
