"""The critic: claims held against their transcripts, and what others say against them."""

from pathlib import Path
from typing import Any

import pytest

from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.plan import Plan, Step, StoredPlan
from cliptrail.state.request import Notes
from cliptrail.tools.library.store import Library
from tests.graphs.playing import Play
from tests.nodes.guides import listing
from tests.nodes.scripted_model import scripted
from tests.nodes.spoken import talk

ONE = talk("heat the oil slowly", "the oil must reach 220 degrees before the fish")
OTHER = talk(
    "many people say otherwise",
    "the oil must reach 180 degrees before the fish",
    video_id="two",
    channel="Loud Anvil",
)
PLAN = Plan(
    steps=(
        Step(id="fetch", agent="transcript", inputs={"video_id": "one"}),
        Step(id="read", agent="extract", inputs={"transcripts": ["$fetch"]}),
        Step(id="doubt", agent="critic", inputs={"claims": "$read.claims"}),
        Step(id="write", agent="compose", inputs={"claims": "$doubt.claims"}),
    )
)
SAID = {"text": "The oil must reach 220 degrees.", "section": "heat", "sentences": [2]}
AGAINST = {"text": "The oil must reach 180 degrees.", "sentences": [4]}


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    file = tmp_path / "data/library.sqlite"
    file.parent.mkdir()
    with Library(file) as store:
        store.add_many([ONE, OTHER])
    return str(file)


async def doubted(library: str) -> tuple[dict[str, Any], Guide | None, list[Claim]]:
    """Run the plan; give the state, the guide and the claims that the critic gave."""
    play = Play(library=library, source="library")
    given = StoredPlan(plan=PLAN, notes=Notes(topic="oil for fish", facts_wanted=("heat",)))
    output = await play.run({"request": "How hot must the oil be?", "stored": given})
    state = await play.state()
    claims = state["results"]["doubt"].output["claims"]
    return state, output["guide"], [Claim.model_validate(row) for row in claims]


async def test_what_another_channel_says_instead_stands_beside_the_claim() -> None:
    query = {"query": "tubeless sealant", "channel": "Lane Nine Cycles", "limit": 1}
    find = Step(id="find", agent="search", inputs=query)
    fetch = Step(
        id="fetch", agent="transcript", for_each="$find.videos[:1]", inputs={"video": "$item"}
    )
    read = Step(id="read", agent="extract", inputs={"transcripts": "$fetch"})
    plan = Plan(steps=(find, fetch, read, *PLAN.steps[2:]))
    given = StoredPlan(plan=plan, notes=Notes(topic="tubeless sealant"))
    play = Play()
    output = await play.run({"request": "How much sealant goes in a 40 mm tyre?", "stored": given})
    results = (await play.state())["results"]
    before = {row["id"] for row in results["read"].output["claims"]}
    after = [Claim.model_validate(row) for row in results["doubt"].output["claims"]]
    added = [row for row in after if row.id not in before]
    assert added
    assert all(row.verified for row in added)
    of_guide = {row.id for row in added} & {
        name for conflict in output["guide"].conflicts for name in conflict.claims
    }
    assert of_guide


@pytest.mark.parametrize(
    ("objection", "noted"),
    [
        ({"claim": "read.1", **AGAINST, "text": "It must reach 190 degrees."}, "did not hold"),
        ({"claim": "read.1", **AGAINST, "sentences": [99]}, "did not hold"),
        ({"claim": "read.7", **AGAINST}, ""),
    ],
)
async def test_an_objection_that_does_not_hold_itself_is_left_out(
    objection: dict[str, Any], noted: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(
        monkeypatch,
        {"claims": [SAID]},
        {"objections": [objection]},
        listing("read.1"),
    ) as script:
        state, guide, claims = await doubted(library)
    assert [row.text for row in claims] == [SAID["text"]]
    assert guide is not None
    assert script.data("claims", 1)[0]["channel"] == "Quiet Forge"
    assert noted in " ".join(row.what for row in state["incidents"])


async def test_claims_that_do_not_hold_are_not_argued_about(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {**SAID, "text": "The oil must reach 900 degrees."}
    with scripted(monkeypatch, {"claims": [wrong]}, {"repairs": []}) as script:
        _, guide, claims = await doubted(library)
    assert (guide, len(script.prompts)) == (None, 2)
    assert [row.verified for row in claims] == [False]


@pytest.mark.parametrize(
    ("objection", "text", "verified", "reason"),
    [
        ({**AGAINST, "reason": "Another heat."}, AGAINST["text"], True, ""),
        (
            {"objection": "misread", "reason": "It is a joke."},
            "It is a joke.",
            False,
            "It is a joke.",
        ),
        (
            {"objection": "not_supported", "reason": "It names no oil.", "sentences": [3]},
            "It names no oil.",
            False,
            "It names no oil.",
        ),
    ],
)
async def test_an_objection_keeps_the_claim_that_it_objects_to(
    objection: dict[str, Any],
    text: str,
    verified: bool,
    reason: str,
    library: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with scripted(
        monkeypatch,
        {"claims": [SAID]},
        {"objections": [{"claim": "read.1", **objection}]},
        {"title": "Oil", "statements": [{"claims": ["read.1"]}]},
    ) as script:
        _, _, (claim, against) = await doubted(library)
    assert claim.verified
    assert (against.text, against.verified, against.reason) == (text, verified, reason)
    assert against.objects_to == claim.id
    assert against.objection == objection.get("objection", "contradicts")
    assert script.data("claims", 1)[0]["quotes"] == [ONE.segments[1].text]
