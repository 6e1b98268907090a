"""What the steps of a run found and read, by whatever version and agent it was left."""

from typing import Any

import pytest

from cliptrail.evidence.coverage import (
    in_plan_order,
    read_as,
    searched,
    transcripts_read,
    videos_found,
)
from cliptrail.evidence.matrix import Searched
from cliptrail.state.base import Frozen
from cliptrail.state.errors import Failure
from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.plan import Plan, Step
from cliptrail.state.steps import StepResult

NAME = "Quiet Forge"


def done(name: str, output: dict[str, Any]) -> StepResult:
    return StepResult(id=name, agent=name, status="done", output=output)


def found(channel: str = NAME) -> StepResult:
    video = Video(video_id="one", title="One", channel=channel)
    return done("search", {"videos": [video.model_dump(mode="json")]})


def read(channel: str = NAME) -> StepResult:
    row = TranscriptRef(video_id="one", title="One", channel=channel, segments=3, words=9)
    return done("transcript", row.model_dump(mode="json"))


def failed(message: str = "YouTube refuses this network.") -> StepResult:
    failure = Failure(kind="blocked", message=message)
    return StepResult(id="f", agent="transcript", status="failed", failure=failure)


def test_what_was_found_and_read_and_on_what_there_is_nothing() -> None:
    rows = [found(), read(), done("extract", {"claims": [], "unanswered": ["price", 3]}), failed()]
    assert searched({row.id: row for row in rows}) == Searched(
        channel_of={"one": NAME},
        found=(NAME,),
        silent=("price",),
        trouble="YouTube refuses this network.",
    )
    assert searched({}) == Searched()


STORED = {
    Claim: {
        "id": "extract.1",
        "text": "Heat it.",
        "section": "",
        "citations": [{"video_id": "one", "start": 0.0, "end": 5.0, "quote": "heat it"}],
        "verified": True,
        "reason": "",
    },
    Guide: {
        "title": "Oil",
        "claims": [],
        "conflicts": [],
        "unanswered": [],
        "coverage": [],
        "unverified": [],
    },
    TranscriptRef: read().output,
    Video: found().output["videos"][0],  # type: ignore[index]
}
"""Values as the first version stored them. Do not add fields here: mark new ones as `Later`."""


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.__name__)
def test_what_an_earlier_version_stored_is_read(kind: type[Frozen]) -> None:
    stored = STORED[kind]
    assert stored is not None
    assert len(read_as(kind, [stored])) == 1
    assert read_as(kind, [{**stored, "more": 1}]) == []
    for name in stored:
        assert read_as(kind, [{key: row for key, row in stored.items() if key != name}]) == []


def test_results_come_in_the_order_of_the_plan() -> None:
    plan = Plan(steps=tuple(Step(id=name, agent="a") for name in ("late", "each", "early")))
    ended = ["early", "each[10]", "each[2]", "other", "late"]
    rows = {name: done(name, {}) for name in ended}
    assert list(in_plan_order(rows, plan)) == ["late", "each[2]", "each[10]", "early", "other"]
    assert list(in_plan_order({}, None)) == []


@pytest.mark.parametrize(
    "output",
    [
        {"videos": 3},
        {"videos": ["not a video"]},
        {"videos": [{"video_id": "one"}]},
        {"videos": [{**found().output["videos"][0], "video_id": "no id!"}]},  # type: ignore[index]
        {"video_id": "one", "title": "One"},
    ],
)
def test_an_agent_of_the_users_own_may_mean_something_else(output: dict[str, Any]) -> None:
    rows = {"own": done("own", output), "search": found(), "transcript": read()}
    assert [row.video_id for row in videos_found(rows)] == ["one"]
    assert [row.video_id for row in transcripts_read(rows)] == ["one"]
