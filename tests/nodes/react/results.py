"""Results of steps for tests of the ReAct agent."""

from cliptrail.state.errors import Failure
from cliptrail.state.media import Video
from cliptrail.state.steps import StepResult


def found(*names: str, step: str = "search_1") -> StepResult:
    videos = [Video(video_id=name, title=name).model_dump(mode="json") for name in names]
    return StepResult(id=step, agent="search", status="done", output={"videos": videos})


def failed(step: str, agent: str = "transcript") -> StepResult:
    failure = Failure(kind="no_captions", message="It has no captions.")
    return StepResult(id=step, agent=agent, status="failed", failure=failure)
