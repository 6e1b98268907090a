"""Steps of which a part failed: what there is is kept, and the run is not called complete."""

from pathlib import Path
from typing import Any

import pytest

from cliptrail.state.plan import Plan, Step, StoredPlan
from cliptrail.state.request import Notes
from cliptrail.tools.library.store import Library
from cliptrail.tools.settings import settings
from tests.graphs.playing import Play
from tests.nodes.guides import listing
from tests.nodes.scripted_model import scripted
from tests.nodes.spoken import talk

PLAN = Plan(
    steps=(
        Step(id="fetch", agent="transcript", inputs={"video_id": "one"}),
        Step(id="read", agent="extract", inputs={"transcripts": ["$fetch"]}),
        Step(id="write", agent="compose", inputs={"claims": "$read.claims"}),
    )
)
CLAIMS = {"claims": [{"text": "Heat the oil slowly.", "sentences": [1]}]}
GUIDE = listing("read.1")


@pytest.fixture
def library(tmp_path: Path) -> str:
    file = tmp_path / "data/library.sqlite"
    file.parent.mkdir()
    with Library(file) as store:
        store.add(talk("heat the oil slowly", *["and so on for a very long time"] * 300))
    return str(file)


async def run(library: str) -> dict[str, Any]:
    play = Play(library=library, max_replans=0)
    given = StoredPlan(plan=PLAN, notes=Notes(topic="oil", facts_wanted=("heat",)))
    return await play.run({"request": "How hot must the oil be?", "stored": given})


async def test_a_guide_that_nobody_composed_is_not_complete(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(monkeypatch, CLAIMS, 503):
        output = await run(library)
    assert (output["status"], output["stop_reason"]) == ("partial", "inadequate")
    assert "write fell short" in output["message"]
    assert [claim.text for claim in output["guide"].claims] == ["Heat the oil slowly."]


async def test_what_the_first_parts_said_is_kept_where_a_later_one_fails(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIPTRAIL_CONTEXT_TOKENS", "4000")
    settings.cache_clear()
    with scripted(monkeypatch, CLAIMS, 503, GUIDE) as script:
        output = await run(library)
    assert len(script.prompts) == 3
    assert (output["status"], output["stop_reason"]) == ("partial", "inadequate")
    assert "parts were not read" in output["message"]
    assert [claim.text for claim in output["guide"].claims] == ["Heat the oil slowly."]
    assert output["guide"].unanswered == ()  # nobody can say so who did not read all
