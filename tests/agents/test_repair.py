"""Failed claims: corrected in one call, where the budget allows, and never lost."""

from pathlib import Path
from typing import Any

import pytest

from cliptrail.agents.context import AgentContext
from cliptrail.agents.extract import ExtractInput, ExtractOutput, extract
from cliptrail.state.context import Context
from cliptrail.state.request import Notes
from cliptrail.tools.library.store import Library
from cliptrail.tools.models.budget import RunBudget
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.settings import settings
from cliptrail.tools.transcripts import reference
from cliptrail.tools.workspace import RunSources, open_workspace
from tests.nodes.scripted_model import fenced, scripted
from tests.nodes.spoken import talk

FACTS = ("oil temperature", "time in the oil")
TALK = talk(
    "heat the oil to 220 degrees",
    "and leave the blade in it",
    *(f"we speak of other things in line {n}" for n in range(100, 120)),
    "for ten minutes at the most",
)
GOOD = {"text": "Heat the oil to 220 °F.", "section": FACTS[0], "sentences": [1]}
WRONG = {"text": "Leave the blade in it for 99 hours.", "section": "time in oil", "sentences": [2]}
MENDED = {"claim": 1, "sentences": [2], "do": "correct", "text": "Leave it in for 98 hours."}


@pytest.fixture
def library(tmp_path: Path) -> str:
    file = tmp_path / "library.sqlite"
    with Library(file) as store:
        store.add_many([TALK])
    return str(file)


async def extracted(library: str, **limits: Any) -> tuple[ExtractOutput, AgentContext]:
    context = Context(library=library, **limits)
    own = settings().model_copy(update={"any_path": True})
    ctx = AgentContext(
        request="How hot and how long?",
        notes=Notes(topic="oil", facts_wanted=FACTS),
        step="read",
        brief="",
        tier=None,
        gateway=ModelGateway(context, own, RunBudget()),
        workspace=open_workspace(context, own, RunSources()),
    )
    ctx.gateway.on_incident = ctx.incident
    return await extract(ExtractInput(transcripts=(reference(TALK),)), ctx), ctx


def told(ctx: AgentContext) -> str:
    return " ".join(row.what for row in ctx.incidents)


async def test_where_nothing_failed_nothing_is_asked(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(monkeypatch, {"claims": [GOOD]}) as script:
        output, _ = await extracted(library)
    assert len(script.prompts) == 1
    assert [row.verified for row in output.claims] == [True]


async def test_failed_claims_are_shown_with_reason_and_surroundings_and_verified_again(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(monkeypatch, {"claims": [GOOD, WRONG]}, {"repairs": [MENDED]}) as script:
        output, ctx = await extracted(library)
    (failed,) = script.data("failed")
    assert failed == {
        "claim": 1,
        "text": WRONG["text"],
        "sentences": [2],
        "why": "The cited words do not say 99.",
    }
    (video,) = script.data("transcripts")
    assert [number for number, _ in video.sentences] == [1, 2, 3, 4, 5, 6]
    assert [row.verified for row in output.claims] == [True, False]
    assert "The correction did not hold either" in told(ctx)


async def test_a_correction_that_holds_takes_the_place_of_its_claim(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = {**MENDED, "sentences": [2], "text": "Leave the blade in it for ten minutes."}
    with scripted(monkeypatch, {"claims": [GOOD, WRONG]}, {"repairs": [near]}):
        output, ctx = await extracted(library)
    assert [(row.text, row.section) for row in output.claims if row.verified] == [
        (GOOD["text"], FACTS[0]),
        (near["text"], FACTS[1]),
    ]
    assert "read.2: The cited words do not say 99. The model corrected it." in told(ctx)
    assert [row.quote for row in output.claims[1].citations][1] == TALK.segments[-1].text


@pytest.mark.parametrize("answer", [{"repairs": []}, {"repairs": [{"claim": 1}]}, 503, {"x": 1}])
async def test_what_is_not_corrected_stays_unverified_with_its_reason(
    answer: Any, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rule(prompt: str) -> Any:
        return answer if fenced(prompt, "failed") else {"claims": [GOOD, WRONG]}

    with scripted(monkeypatch, rule=rule):
        output, ctx = await extracted(library)
    assert [row.reason for row in output.claims] == ["", "The cited words do not say 99."]
    assert "The cited words do not say 99." in told(ctx) or "could not be repaired" in told(ctx)


@pytest.mark.parametrize(
    ("limits", "calls"),
    [({"max_calls": 2}, 1), ({"max_calls": 3}, 2), ({"max_tokens": 7_000}, 1)],
)
async def test_there_is_no_repair_where_the_guide_could_not_be_composed_after_it(
    limits: dict[str, int], calls: int, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rule(prompt: str) -> Any:
        return {"repairs": []} if fenced(prompt, "failed") else {"claims": [GOOD, WRONG]}

    with scripted(monkeypatch, rule=rule) as script:
        _, ctx = await extracted(library, **limits)
    assert len(script.prompts) == calls
    assert ("the budget leaves no call" in told(ctx)) == (calls == 1)


async def test_one_long_field_does_not_spoil_an_answer(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = {**GOOD, "section": "oil temperature " * 40}
    with scripted(monkeypatch, {"claims": [GOOD, long]}) as script:
        output, ctx = await extracted(library)
    assert len(script.prompts) == 1
    assert [row.section for row in output.claims] == [FACTS[0], FACTS[0]]
    assert "In an answer that was too long: section cut from 640 characters to 200." in told(ctx)
