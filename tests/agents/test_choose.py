"""The choice between search and reading: by relevance where it is clear, else by one cheap call."""

from pathlib import Path
from typing import Any

import pytest

from cliptrail.agents.choose import distinct
from cliptrail.state.media import Video
from cliptrail.state.plan import Plan, Step, StoredPlan
from cliptrail.state.request import Notes
from cliptrail.tools.library.store import Library
from tests.graphs.playing import Play
from tests.nodes.scripted_model import Answer, Script, scripted
from tests.nodes.spoken import talk

QUESTION = "How hot must the oil for the fish be?"


@pytest.fixture
def library(tmp_path: Path) -> str:
    file = tmp_path / "data/library.sqlite"
    file.parent.mkdir()
    with Library(file) as store:
        store.add(
            talk("heat the oil", "the oil for fish must reach 220 degrees", video_id="frying")
        )
        store.add(talk("we oil the chain of the bike", "and ride to the sea", video_id="bikes"))
    return str(file)


def video(name: str, score: float) -> dict[str, Any]:
    return {"video_id": name, "title": f"About {name}", "channel": "Quiet Forge", "score": score}


async def chosen(
    library: str,
    monkeypatch: pytest.MonkeyPatch,
    *answers: Answer,
    scores: dict[str, float],
    told: list[str] | None = None,
    **n: Any,
) -> tuple[Any, Script]:
    """Run a plan of one choice among videos of these relevances; its result, and the script."""
    inputs = {"videos": [video(*row) for row in scores.items()], **n}
    given = StoredPlan(
        plan=Plan(steps=(Step(id="pick", agent="choose", inputs=inputs),)),
        notes=Notes(topic="oil", facts_wanted=("temperature of the oil",)),
    )
    with scripted(monkeypatch, *answers) as script:
        play = Play(library=library, max_replans=0)
        await play.run({"request": QUESTION, "stored": given})
        state = await play.state()
    if told is not None:
        told += [row.what for row in state["incidents"]]
    return state["results"]["pick"], script


def names(result: Any) -> list[str]:
    return [row["video_id"] for row in result.output["videos"]]


async def test_clear_relevance_needs_no_model(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = {"bikes": 0.1, "frying": 0.9}
    result, script = await chosen(library, monkeypatch, scores=scores)
    assert (names(result), script.prompts) == (["frying"], [])
    assert result.output["passed_over"] == ["About bikes"]


async def test_in_doubt_a_model_sees_title_length_relevance_and_best_passage(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = {"bikes": 0.6, "frying": 0.5}
    answer = {"reason": "Only the second is about frying.", "read": ["c2", "c7", "c2"]}
    result, script = await chosen(library, monkeypatch, answer, scores=scores)
    assert names(result) == ["frying"]
    shown = script.data("candidates")
    assert [row["title"] for row in shown] == ["About bikes", "About frying"]
    assert "220 degrees" in shown[1]["passage"]
    assert shown[0]["relevance"] == 0.6


def test_a_video_that_several_searches_found_keeps_its_best_score() -> None:
    rows = [Video(**video(*row)) for row in (("a", 1.0), ("b", 0.4), ("a", 0.38))]
    assert [(row.video_id, row.score) for row in distinct(rows)] == [("a", 1.0), ("b", 0.4)]


async def test_none_may_be_worth_reading(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"reason": "Neither is about it.", "read": []}
    scores = {"bikes": 0.5, "frying": 0.5}
    result, _ = await chosen(library, monkeypatch, answer, scores=scores)
    assert (result.status, names(result)) == ("done", [])


async def test_never_more_than_the_limit(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"reason": "Both.", "read": ["c1", "c2"]}
    scores = {"bikes": 0.5, "frying": 0.5}
    result, script = await chosen(library, monkeypatch, answer, scores=scores, limit=1)
    assert names(result) == ["bikes"]
    assert script.data("limit") == 1


async def test_a_model_that_fails_is_replaced_by_relevance_and_the_trail_says_so(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = {"bikes": 0.5, "frying": 0.6}
    told: list[str] = []
    result, _ = await chosen(library, monkeypatch, 500, scores=scores, told=told)
    assert names(result) == ["frying", "bikes"]
    assert any("most relevant videos are read" in row for row in told)
