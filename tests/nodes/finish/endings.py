"""What steps leave behind, for tests of how a run ends."""

import re
from typing import Any

from cliptrail.agents.registry import declared_outputs
from cliptrail.state.errors import Failure, FailureKind
from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.media import TranscriptRef
from cliptrail.state.results import Results
from cliptrail.state.steps import Skip, StepResult
from tests.nodes.spoken import said, talk

ROW = talk("heat the oil to 55 degrees", "leave it for ten minutes")
GOOD = said("extract.1", ROW, 0)
BAD = Claim(id="extract.2", text="Heat it to 99.", reason="The cited words do not say 99.")
GUIDE = Guide(title="Oil", claims=(GOOD,))


def ended(name: str, **more: Any) -> StepResult:
    agent = re.sub(r"(_\d+)?(\[\d+\])?$", "", name)
    return StepResult(id=name, agent=agent, **{"status": "done", **more})


def extracted(*claims: Claim, silent: tuple[str, ...] = ()) -> StepResult:
    rows = [row.model_dump(mode="json") for row in claims]
    return ended("extract", output={"claims": rows, "unanswered": list(silent)})


def composed(guide: Guide = GUIDE) -> StepResult:
    return ended("compose", output=guide.model_dump(mode="json"))


def read() -> StepResult:
    ref = TranscriptRef(video_id="one", title="Oil", channel="Quiet Forge", segments=2, words=11)
    return ended("transcript", output=ref.model_dump(mode="json"))


def failed(name: str, kind: FailureKind = "unavailable", message: str = "It broke.") -> StepResult:
    failure = Failure(kind=kind, message=message, next_step="Mend it.")
    return ended(name, status="failed", failure=failure)


def skipped(name: str, kind: str = "upstream") -> StepResult:
    return ended(name, status="skipped", skip=Skip.model_validate({"kind": kind, "message": "So."}))


def by_step(*rows: StepResult) -> Results:
    return Results({row.id: row for row in rows}, declared_outputs())
