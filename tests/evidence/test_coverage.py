"""What the steps of a run found and read, by whatever version and agent it was left."""

from typing import Any

from cliptrail.agents.registry import declared_outputs
from cliptrail.evidence.coverage import searched
from cliptrail.evidence.matrix import Searched
from cliptrail.state.errors import Failure
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.results import Results
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


def results(*rows: StepResult) -> Results:
    return Results({row.id: row for row in rows}, declared_outputs())


def test_what_was_found_and_read_and_on_what_there_is_nothing() -> None:
    rows = [found(), read(), done("extract", {"claims": [], "unanswered": ["price"]}), failed()]
    assert searched(results(*rows)) == Searched(
        channel_of={"one": NAME},
        found={"one": NAME},
        silent=("price",),
        trouble="YouTube refuses this network.",
    )
    assert searched(results()) == Searched()
