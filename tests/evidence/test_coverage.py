"""Coverage: every channel that the user named is cited, or the guide says why not."""

from typing import Any

import pytest

from cliptrail.agents.registry import declared_outputs
from cliptrail.evidence.coverage import coverage
from cliptrail.state.errors import Failure
from cliptrail.state.evidence import Coverage
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.results import Results
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


def results(*rows: StepResult) -> Results:
    return Results({row.id: row for row in rows}, declared_outputs())


def reason(*rows: StepResult) -> str:
    (entry,) = coverage([NAME], [], {}, results(*rows))
    assert (entry.channel, entry.cited) == (NAME, False)
    return entry.reason


@pytest.mark.parametrize(
    "named", [NAME, "quiet forge", "@QuietForge", " Quiet-Forge! ", "quiet_forge"]
)
def test_a_cited_channel_is_covered_however_it_is_spelled(named: str) -> None:
    assert coverage([named], [CLAIM], {"one": NAME}, results()) == (
        Coverage(channel=named, cited=True),
    )


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
    rows = coverage(["B", NAME, "B"], [CLAIM], {"one": NAME}, results())
    assert [(row.channel, row.cited) for row in rows] == [("B", False), (NAME, True)]


def test_a_cited_video_of_no_known_channel_covers_none() -> None:
    (row,) = coverage([NAME], [CLAIM], {}, results())
    assert not row.cited
