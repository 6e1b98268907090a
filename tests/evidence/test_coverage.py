"""Coverage: every channel that the user named is cited, or the guide says why not."""

from typing import Any

import pytest

from cliptrail.evidence.coverage import (
    coverage,
    in_plan_order,
    read_as,
    transcripts_read,
    videos_found,
)
from cliptrail.state.base import Frozen
from cliptrail.state.errors import Failure
from cliptrail.state.evidence import Claim, Coverage, Guide
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.plan import Plan, Step
from cliptrail.state.steps import StepResult
from tests.nodes.spoken import said, talk

NAME = "Quiet Forge"
CLAIM = said("c", talk("heat the oil to 55 degrees", channel=NAME), 0)


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


def reason(*rows: StepResult) -> str:
    (entry,) = coverage([NAME], [], {}, {row.id: row for row in rows})
    assert (entry.channel, entry.cited) == (NAME, False)
    return entry.reason


@pytest.mark.parametrize(
    "named", [NAME, "quiet forge", "@QuietForge", " Quiet-Forge! ", "quiet_forge"]
)
def test_a_cited_channel_is_covered_however_it_is_spelled(named: str) -> None:
    assert coverage([named], [CLAIM], {"one": NAME}, {}) == (Coverage(channel=named, cited=True),)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "The search found no video of it."),
        ([found("Loud Forge")], "The search found no video of it."),
        ([failed()], "The search found no video of it. YouTube refuses this network."),
        ([found()], "Its videos were found but could not be read."),
        (
            [found(), failed()],
            "Its videos were found but could not be read. YouTube refuses this network.",
        ),
        ([found(), read()], "1 of its videos were read; none answers the request."),
        ([read(), failed()], "1 of its videos were read; none answers the request."),
    ],
)
def test_what_is_not_cited_has_a_reason(rows: list[StepResult], why: str) -> None:
    assert reason(*rows) == why


def test_each_name_has_one_entry_in_the_order_asked() -> None:
    rows = coverage(["B", NAME, "B"], [CLAIM], {"one": NAME}, {})
    assert [(row.channel, row.cited) for row in rows] == [("B", False), (NAME, True)]


def test_a_cited_video_of_no_known_channel_covers_none() -> None:
    (row,) = coverage([NAME], [CLAIM], {}, {})
    assert not row.cited


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
