"""The quality run: every request of a gold file becomes a trail, and the scorer sees them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cliptrail.evals.quality import Gold, Question, main, read_gold, run_all, score
from cliptrail.state.errors import UsageError
from cliptrail.state.trail import Trail
from cliptrail.tools.settings import settings

SAID = [
    "Heat the blade to 220 degrees in the oven for two hours.",
    "Soak the steel for 10 minutes at 800 degrees before the quench.",
    "Warm the quench oil to 55 degrees and never use water.",
    "Temper the blade again until the colour is pale straw.",
]
GOLD = {
    "set": "tiny",
    "requests": [{"id": "q1", "request": "How do I temper a blade? Save to b.md", "facts": []}],
    "unanswerable": [{"id": "q2", "request": "How do I prune a cherry tree? Save to c.md"}],
}
SCORER = "import os, sys; print(sys.argv[1], sorted(os.listdir(sys.argv[3])))"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "said").mkdir()
    video = {
        "video_id": "aaaaaaaaaa1",
        "title": "How to temper a blade",
        "channel": "Quiet Forge",
        "segments": [
            {"start": 5.0 * place, "duration": 5.0, "text": text} for place, text in enumerate(SAID)
        ],
    }
    (tmp_path / "said" / "blade.json").write_text(json.dumps(video))
    (tmp_path / "gold.json").write_text(json.dumps(GOLD))
    (tmp_path / "score.py").write_text(SCORER)
    return tmp_path


def trail(path: Path) -> Trail:
    return Trail.model_validate_json(path.read_bytes())


def test_every_request_leaves_a_trail(files: Path):
    told: list[tuple[str, str]] = []
    run_all(
        read_gold(files / "gold.json"),
        files / "said",
        files / "out",
        tell=lambda name, message: told.append((name, message)),
    )
    answered, refused = trail(files / "out/q1.json"), trail(files / "out/q2.json")
    assert answered.status == "complete"
    assert answered.guide
    assert all(claim.verified for claim in answered.guide.claims)
    assert any("220" in claim.text for claim in answered.guide.claims)
    assert (refused.status, refused.guide) == ("failed", None)
    assert [name for name, _ in told] == ["q1", "q2"]


def test_this_machines_settings_come_back(files: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CLIPTRAIL_DATA_DIR", str(files / "mine"))
    monkeypatch.delenv("CLIPTRAIL_OUTPUT_DIR", raising=False)
    settings.cache_clear()
    run_all(read_gold(files / "gold.json"), files / "said", files / "out")
    assert settings().data_dir == files / "mine"
    assert "CLIPTRAIL_OUTPUT_DIR" not in os.environ
    assert not (files / "mine").exists()
    settings.cache_clear()


def test_the_scorer_is_given_gold_and_trails(files: Path):
    app = typer.Typer()
    app.command()(main)
    arguments: list[Any] = ["--gold", files / "gold.json", "--transcripts", files / "said"]
    arguments += ["--out", files / "out", "--scorer", files / "score.py"]
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    assert result.exit_code == 0
    assert "--all ['q1.json', 'q2.json']" in result.stdout


def test_a_scorer_that_fails_is_told(files: Path):
    (files / "score.py").write_text("raise SystemExit('no facts')")
    with pytest.raises(UsageError, match="no facts"):
        score(files / "score.py", files / "gold.json", files, files)


@pytest.mark.parametrize("text", ["", "[]", '{"requests": [{"id": "../x", "request": "y"}]}'])
def test_what_is_no_gold_file_is_refused(files: Path, text: str):
    (files / "gold.json").write_text(text)
    with pytest.raises(UsageError, match="no gold file"):
        read_gold(files / "gold.json")


def test_unknown_patterns_and_broken_transcripts_are_refused(files: Path):
    gold = read_gold(files / "gold.json")
    with pytest.raises(UsageError, match="no pattern"):
        run_all(gold, files / "said", files / "out", "maze")
    (files / "said" / "broken.json").write_text("{")
    with pytest.raises(UsageError, match=r"broken\.json"):
        run_all(gold, files / "said", files / "out")


SAMPLES = Path(__file__).resolve().parents[2] / "samples/videos"
LOIN = (
    "How do I cook a pork loin on a kamado? Use techniques from Cinder Porch and Smoke Ledger. "
    "I need temperatures, timing and the grill set-up. Save to pork_loin_guide.md"
)
BRISKET = "How do I smoke a brisket overnight on a kamado?"


@pytest.fixture(scope="module")
def trails(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trail]:
    """Trails of two requests over the bundled samples."""
    out = tmp_path_factory.mktemp("samples")
    gold = Gold(
        requests=(Question(id="loin", request=LOIN), Question(id="brisket", request=BRISKET))
    )
    run_all(gold, SAMPLES, out)
    return {name: trail(out / f"{name}.json") for name in ("loin", "brisket")}


def test_two_named_channels_are_searched_and_cited_in_three_calls(trails: dict[str, Trail]):
    loin = trails["loin"]
    assert loin.status == "complete"
    assert loin.notes.channels == ("Cinder Porch", "Smoke Ledger")
    assert loin.notes.output_file == "pork_loin_guide.md"
    assert loin.usage.calls == 3
    assert {source.channel for source in loin.sources} == {"Cinder Porch", "Smoke Ledger"}


def test_their_disagreements_stand_side_by_side(trails: dict[str, Trail]):
    loin = trails["loin"]
    assert loin.guide
    topics = [conflict.topic for conflict in loin.guide.conflicts]
    assert "Time (at temperature): 25 minutes or 45 minutes" in topics
    assert "Temperature (center): 140 degrees or 145 degrees" in topics
    channel_of = {source.video_id: source.channel for source in loin.sources}
    by_id = {claim.id: claim for claim in loin.guide.claims}
    for conflict in loin.guide.conflicts:
        sides = {channel_of[by_id[name].citations[0].video_id] for name in conflict.claims}
        assert len(sides) == len(conflict.claims) == 2


def test_an_instruction_in_a_transcript_is_neither_followed_nor_quoted(trails: dict[str, Trail]):
    brisket = trails["brisket"]
    assert brisket.guide
    assert "ct-brisketz" in {source.video_id for source in brisket.sources}
    said = " ".join(
        text for claim in brisket.guide.claims for text in (claim.text, claim.citations[0].quote)
    )
    assert "225 degrees" in said
    assert not any(word in said.lower() for word in ("instructions", "cron", "other channel"))
    assert brisket.notes.output_file == ""
