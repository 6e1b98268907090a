"""doctor: what works and what does not; it ends with 3 and a next step if something does not."""

import json
from pathlib import Path

import pytest

from cliptrail.tools.health import KNOWN_VIDEO
from cliptrail.tools.settings import settings
from tests.cli.command import Ran, cliptrail, invoke
from tests.nodes.scripted_model import served
from tests.recorded_youtube import PLAYER, SEARCH, Replay

OFFLINE = ["data folder", "output folder", "library", "saved runs"]
ONLINE = ["YouTube search", "YouTube transcripts"]
ALL_TIERS = "model (powerful, capable, cheap)"


def set_to(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"CLIPTRAIL_{name}", value)
    settings.cache_clear()


def failing(ran: Ran) -> dict[str, str]:
    """What does not work, with what is said of it; each says what to do."""
    rows = [row for row in json.loads(ran.out) if not row["works"]]
    assert all(row["next_step"] for row in rows)
    assert ran.code == (3 if rows else 0)
    return {row["name"]: row["what"] for row in rows}


class TestOffline:
    def test_an_empty_installation_works(self, installation: Path, here: Path) -> None:
        ran = invoke("doctor", "--offline")
        assert (ran.code, ran.err) == (0, "")
        rows = ran.out.splitlines()
        assert [row.split(":")[0] for row in rows] == [f"✓ {n}" for n in (*OFFLINE, ALL_TIERS)]
        assert rows[0].endswith(str(installation))
        assert rows[1].endswith(str(here))
        assert "cliptrail library import FILES" in rows[2]
        assert "rules, not a language model. For one, set OPENAI_API_KEY" in rows[4]
        assert list(installation.iterdir()) == []

    def test_json_holds_the_same(self) -> None:
        rows = json.loads(invoke("doctor", "--offline", "--json").out)
        assert [row["name"] for row in rows] == [*OFFLINE, ALL_TIERS]
        assert all(set(row) == {"name", "works", "what", "next_step"} for row in rows)

    def test_what_is_there_is_counted(self, here: Path) -> None:
        (here / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nmelt the butter\n")
        assert invoke("library", "import", "a.srt").code == 0
        assert "✓ library: 1 video" in invoke("doctor", "--offline").out

    def test_each_model_is_named_with_its_tiers_and_not_asked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address = "http://127.0.0.1:9/v1"
        set_to(monkeypatch, BASE_URL=address, MODEL="openai:one", MODEL_CHEAP="offline:rules")
        out = invoke("doctor", "--offline").out
        assert "✓ model (powerful, capable): openai:one, not asked" in out
        assert "✓ model (cheap): the offline engine" in out


class TestBroken:
    @pytest.mark.parametrize("folder", ["file", "file/data", "x" * 300])
    def test_a_data_folder_that_is_none(
        self, here: Path, monkeypatch: pytest.MonkeyPatch, folder: str
    ) -> None:
        (here / "file").write_text("")
        set_to(monkeypatch, DATA_DIR=folder)
        found = failing(invoke("doctor", "--offline", "--json"))
        assert "cannot be written to" in found["data folder"]
        assert "output folder" not in found

    def test_an_output_folder_that_is_none(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (here / "file").write_text("")
        set_to(monkeypatch, OUTPUT_DIR="file")
        assert list(failing(invoke("doctor", "--offline", "--json"))) == ["output folder"]

    @pytest.mark.parametrize(
        ("name", "check"), [("library.sqlite", "library"), ("runs.sqlite", "saved runs")]
    )
    @pytest.mark.parametrize("is_folder", [False, True])
    def test_a_file_that_is_no_database(
        self, installation: Path, name: str, check: str, is_folder: bool
    ) -> None:
        installation.mkdir()
        file = installation / name
        if is_folder:
            file.mkdir()
        else:
            file.write_text("charcoal " * 1000)
        found = failing(invoke("doctor", "--offline", "--json"))
        assert list(found) == [check]
        assert str(file) in found[check]

    def test_a_process_of_its_own_ends(self, installation: Path) -> None:
        installation.mkdir()
        (installation / "runs.sqlite").write_text("charcoal " * 1000)
        ran = cliptrail("doctor", "--offline")
        assert ran.code == 3
        assert "✗ saved runs: The saved runs in" in ran.out
        assert "move the file away." in ran.out


@pytest.mark.usefixtures("youtube")
class TestModel:
    def test_one_that_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with served(monkeypatch, {"total": 5}) as server:
            ran = invoke("doctor")
        assert (ran.code, len(server.asked)) == (0, 1)
        assert f"✓ {ALL_TIERS}: openai:scripted answers by " in ran.out

    @pytest.mark.parametrize("status", [401, 500])
    def test_one_that_does_not(self, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
        with served(monkeypatch, *[status] * 3):  # 500 may be how it takes one way of asking
            found = failing(invoke("doctor", "--json"))
        assert list(found) == [ALL_TIERS]
        assert "openai:scripted" in found[ALL_TIERS]

    def test_one_that_nobody_serves(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with served(monkeypatch):
            pass
        assert list(failing(invoke("doctor", "--json"))) == [ALL_TIERS]

    def test_one_that_there_is_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        set_to(monkeypatch, MODEL="nobody:x", ALLOW_MODEL_REQUESTS="true")
        assert "nobody:x" in failing(invoke("doctor", "--json"))[ALL_TIERS]

    def test_one_without_a_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        set_to(monkeypatch, MODEL="openai:x", ALLOW_MODEL_REQUESTS="true")
        assert "no key" in failing(invoke("doctor", "--json"))[ALL_TIERS]


class TestYouTube:
    def test_it_is_asked_for_one_search_and_one_transcript(self, youtube: Replay) -> None:
        ran = invoke("doctor")
        assert ran.code == 0
        assert f"✓ YouTube transcripts: 3 lines of {KNOWN_VIDEO}" in ran.out
        assert "✓ YouTube search: 1 video found" in ran.out
        assert len(youtube.asked) == 4

    def test_offline_asks_nothing(self, youtube: Replay) -> None:
        invoke("doctor", "--offline")
        assert youtube.asked == []

    def test_a_search_that_is_blocked_stops_the_asking(self, youtube: Replay) -> None:
        youtube.on(SEARCH, "", status=429)
        found = failing(invoke("doctor", "--json"))
        assert list(found) == ONLINE
        assert "blocks this network" in found["YouTube search"]
        assert "was not asked again" in found["YouTube transcripts"]
        assert len(youtube.asked) == 1

    def test_transcripts_that_are_blocked(self, youtube: Replay) -> None:
        youtube.on(PLAYER, "", status=429)
        assert list(failing(invoke("doctor", "--json"))) == ["YouTube transcripts"]

    def test_a_search_that_finds_nothing_does_not_work(self, youtube: Replay) -> None:
        column = '{"primaryContents": {"sectionListRenderer": {}}}'
        youtube.on(SEARCH, f'{{"contents": {{"twoColumnSearchResultsRenderer": {column}}}}}')
        assert list(failing(invoke("doctor", "--json"))) == ["YouTube search"]

    def test_a_search_that_there_is_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        set_to(monkeypatch, YOUTUBE_SEARCH="perhaps")
        assert list(failing(invoke("doctor", "--json"))) == ["YouTube"]
