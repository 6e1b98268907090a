"""A run whose plan grows step by step, for tests of what coordinators share."""

from typing import Any

from cliptrail.state.media import Video
from cliptrail.state.plan import Plan, Step
from cliptrail.state.research import ResearchState
from cliptrail.state.steps import StepResult
from tests.nodes.finish.endings import GOOD, by_step, composed, extracted, read

SEARCH = Step(id="search_1", agent="search", inputs={"query": "oil"})
FETCH = Step(
    id="transcript",
    agent="transcript",
    inputs={"video_id": "$search_1.videos[0].video_id"},
)
EXTRACT = Step(id="extract", agent="extract", inputs={"transcripts": ["$transcript"]})
COMPOSE = Step(id="compose", agent="compose", inputs={"claims": "$extract.claims"})
ALL = (SEARCH, FETCH, EXTRACT, COMPOSE)


def found(*names: str) -> StepResult:
    rows = [Video(video_id=name, title=f"All of {name}").model_dump(mode="json") for name in names]
    return StepResult(id="search_1", agent="search", status="done", output={"videos": rows})


RESULTS = by_step(found("one"), read(), extracted(GOOD), composed())


def state(*steps: Step, results: int = 0, **more: Any) -> ResearchState:
    """A run of which the first `results` steps have ended."""
    ended = {step.id: RESULTS[step.id] for step in steps[:results]}
    given: dict[str, Any] = {"plan": Plan(steps=steps), "results": ended, **more}
    return ResearchState(**given)
