"""More than one prompt holds: parts that fit, merged by rule, and nothing lost in silence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from cliptrail.agents.compose import ComposeInput, compose
from cliptrail.agents.context import AgentContext
from cliptrail.agents.critic import CriticInput, critic
from cliptrail.agents.extract import ExtractInput, extract
from cliptrail.state.context import Context
from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.media import Transcript
from cliptrail.state.request import Notes
from cliptrail.tools.library.store import Library
from cliptrail.tools.models.budget import RunBudget
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.settings import settings
from cliptrail.tools.text.length import most_tokens
from cliptrail.tools.text.numbered import NumberedVideo
from cliptrail.tools.transcripts import reference
from cliptrail.tools.workspace import RunSources, open_workspace
from tests.nodes.guides import listing, sentence
from tests.nodes.scripted_model import Answer, fenced, scripted
from tests.nodes.spoken import said, talk

FACTS = ("heat", "time")
LINES = [
    f"in place {n} {'heat it slowly 把猪里脊放在炉子上 ' * (n % 4)}to {n} degrees"
    for n in range(40)
]
ONE = talk(*LINES)
OTHER = talk(*(f"others {line} instead" for line in LINES), video_id="two", channel="Loud Anvil")
CLAIMS = [
    said(f"read.{n}", (ONE, OTHER)[n % 2], n // 2, ("time", "heat", "", "more")[n % 4])
    for n in range(80)
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("long") / "library.sqlite"
    with Library(file) as store:
        store.add_many([ONE, OTHER])
    return str(file)


@dataclass
class Sitting:
    """One agent's desk, and the model at the far end of its wire."""

    ctx: AgentContext
    prompts: list[str]

    @property
    def noted(self) -> str:
        return " ".join(row.what for row in self.ctx.incidents)

    def shown(self, fence: str) -> list[Any]:
        return [fenced(prompt, fence) for prompt in self.prompts]


def answer(prompt: str) -> Answer:
    """Answer any role: say every segment, join claims on one thing, object to the first claim."""
    claims = fenced(prompt, "claims") or []
    transcripts = fenced(prompt, "transcripts") or []
    rows = [number for each in transcripts for number, _ in each.sentences]
    if transcripts and claims:
        against = {"claim": claims[0]["id"], "text": "It is said.", "sentences": [rows[0]]}
        return {"objections": [against]}
    if transcripts:
        found = [
            {"text": "It is said.", "section": FACTS[n % 2], "sentences": [row]}
            for n, row in enumerate(rows)
        ]
        return {"claims": found, "unanswered": ["time"]}
    if written := fenced(prompt, "guide"):
        ids = [name for row in written for name in row["claims"]]
        against = [{"topic": "heat", "claims": [ids[0], ids[-1]]}]
        return {"title": "Oil", "conflicts": against, "answer": [sentence(ids[0], text="Heat it.")]}
    kept = [row["id"] for n, row in enumerate(claims) if n % 7 != 3]  # it may leave some out
    pairs = [kept[n : n + 2] for n in range(0, len(kept), 2)]
    conflict = {"topic": "heat", "claims": [pairs[0][0], pairs[-1][-1]]}
    return listing(*(tuple(pair) for pair in pairs), conflicts=[conflict])


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    with scripted(monkeypatch, rule=answer) as script:
        yield script.prompts


def sit(library: str, prompts: list[str], tokens: int) -> Sitting:
    """Sit down at a desk whose model reads prompts of so many tokens."""
    prompts.clear()
    context = Context(library=library, max_calls=1_000)
    own = settings().model_copy(update={"context_tokens": tokens, "any_path": True})
    ctx = AgentContext(
        request="How hot?",
        notes=Notes(topic="oil", facts_wanted=FACTS, channels=("Loud Anvil",)),
        step="write",
        brief="",
        tier=None,
        gateway=ModelGateway(context, own, RunBudget()),
        workspace=open_workspace(context, own, RunSources()),
    )
    return Sitting(ctx, prompts)


async def composed(sitting: Sitting, claims: Sequence[Claim]) -> Guide:
    return await compose(ComposeInput(claims=tuple(claims)), sitting.ctx)


@given(
    st.lists(st.sampled_from(CLAIMS), min_size=1, unique_by=lambda row: row.id),
    st.integers(3_300, 8_000),
)
@tried(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_composed_fits_and_is_shown_joined_or_known_as_left_out(
    library: str, model: list[str], claims: list[Claim], tokens: int
) -> None:
    sitting = sit(library, model, tokens)
    guide = await composed(sitting, claims)
    assert all(most_tokens(prompt) <= tokens for prompt in model)
    asked = list(model)
    shown = [name for row in guide.claims for name in (row.id, *row.joined)]
    left = [name for row in guide.left_out for name in (row.claim.id, *row.claim.joined)]
    assert sorted([*shown, *left]) == sorted(row.id for row in claims)
    told = {row["id"] for rows in sitting.shown("claims") for row in rows or ()}
    assert told | {name for name in shown if f"{name} is too long" in sitting.noted} == {
        row.id for row in claims
    }
    ids = {row.id for row in guide.claims}
    assert all(set(row.claims) <= ids for row in guide.conflicts)
    assert {*guide.unanswered} == {*FACTS} - {row.section for row in guide.claims}
    assert await composed(sit(library, model, tokens), claims) == guide
    assert model == asked


async def test_what_fits_is_composed_in_one_call(library: str, model: list[str]) -> None:
    guide = await composed(sit(library, model, 100_000), CLAIMS)
    assert len(model) == 1
    assert [row["id"] for row in fenced(model[0], "claims")] == [row.id for row in CLAIMS]
    assert guide.claims[0].joined == ("read.1",)
    assert guide.answer == ()


async def test_parts_are_sorted_by_what_was_asked_and_get_one_answer(
    library: str, model: list[str]
) -> None:
    sitting = sit(library, model, 6_000)
    guide = await composed(sitting, CLAIMS)
    *parts, last = sitting.shown("claims")
    sections = [row["section"] for part in parts for row in part]
    assert len(parts) > 1
    assert last is None
    assert len(sections) == len(CLAIMS)
    first = [FACTS.index(name) if name in FACTS else len(FACTS) for name in sections]
    assert first == sorted(first)
    assert [row.text for row in guide.answer] == ["Heat it."]
    assert guide.conflicts[0].claims[0] == guide.claims[0].id
    assert "were composed in" in sitting.noted


@pytest.mark.parametrize("at", [0, 1, -1], ids=["first", "second", "answer"])
async def test_a_part_that_fails_stays_as_it_was_found(
    at: int, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(monkeypatch, rule=answer) as script:
        whole = await composed(sit(library, script.prompts, 6_000), CLAIMS)
        broken = script.prompts[at]
        script.rule = lambda prompt: 503 if prompt == broken else answer(prompt)
        sitting = sit(library, script.prompts, 6_000)
        guide = await composed(sitting, CLAIMS)
    shown = {name for row in guide.claims for name in (row.id, *row.joined)}
    assert "503" in sitting.noted
    assert "503" in " ".join(sitting.ctx.lacks)
    if at >= 0:
        assert {row["id"] for row in fenced(broken, "claims")} <= shown
    else:
        assert (guide.answer, guide.sections) == ((), whole.sections)


async def extracted(sitting: Sitting, limit: int) -> tuple[list[Claim], tuple[str, ...]]:
    refs = (reference(ONE), reference(OTHER))
    given = ExtractInput(transcripts=refs, limit=limit)
    output = await extract(given, sitting.ctx)
    return list(output.claims), output.unanswered


@pytest.mark.parametrize("tokens", [2_600, 4_000, 100_000])
@pytest.mark.parametrize("limit", [1, 40])
async def test_every_claim_of_every_part_goes_on_and_the_model_knows_its_limit(
    limit: int, tokens: int, library: str, model: list[str]
) -> None:
    sitting = sit(library, model, tokens)
    claims, unanswered = await extracted(sitting, limit)
    assert all(most_tokens(prompt) <= tokens for prompt in model)
    assert (len(model) == 1) == (tokens == 100_000)
    assert sitting.shown("limit") == [limit] * len(model)
    given = sum(len(video.sentences) for part in _parts(sitting) for video in part)
    assert len(claims) == given == len(ONE.segments) + len(OTHER.segments)
    assert [row.id for row in claims] == [f"write.{n}" for n in range(1, len(claims) + 1)]
    assert unanswered == ("time",)


def _parts(sitting: Sitting) -> list[list[NumberedVideo]]:
    return sitting.shown("transcripts")


async def test_claims_of_parts_come_in_the_order_of_facts_and_of_speech(
    library: str, model: list[str]
) -> None:
    claims, _ = await extracted(sit(library, model, 3_000), 40)
    places = [
        (FACTS.index(c.section), c.citations[0].video_id, c.citations[0].start) for c in claims
    ]
    assert places == sorted(places)


async def doubted(sitting: Sitting, claims: Sequence[Claim], where: Transcript) -> list[Claim]:
    """What the critic gives beside the claims that it was given."""
    given = CriticInput(claims=tuple(claims), transcripts=(reference(where),))
    return list((await critic(given, sitting.ctx)).claims[len(claims) :])


@pytest.mark.parametrize("tokens", [2_900, 4_000, 100_000])
async def test_every_claim_meets_every_segment(tokens: int, library: str, model: list[str]) -> None:
    sitting = sit(library, model, tokens)
    await doubted(sitting, CLAIMS, OTHER)
    assert all(most_tokens(prompt) <= tokens for prompt in model)
    assert (len(model) == 1) == (tokens == 100_000)
    met = {
        (claim["id"], number)
        for claims, videos in zip(sitting.shown("claims"), _parts(sitting), strict=True)
        for claim in claims
        for video in videos
        for number, _ in video.sentences
    }
    long = {row.id for row in CLAIMS if f"{row.id} is too long" in sitting.noted}
    wanted = {row.id for row in CLAIMS} - long
    assert met == {(name, n + 1) for name in wanted for n in range(len(OTHER.segments))}
