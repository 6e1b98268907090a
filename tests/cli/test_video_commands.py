"""search, transcript and library import, against a server that plays YouTube."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import SAMPLES, invoke, is_one_error
from tests.recorded_youtube import PLAYER, SEARCH, TIMEDTEXT, WATCH, Asking, Replay
from tests.youtube_replies import REPLIES, VIDEO

RESOLVE, BROWSE = "/youtubei/v1/navigation/resolve_url", "/youtubei/v1/browse"
IDS = [f"video_{number:05}" for number in range(5)]
LIST = "PLabcdefghijklmnopqrstuvwxyz012345"
WORDS = [
    "0:00\tFill the kettle no further than the line",
    "0:01\tit whistles only when the lid is shut",
    "0:05\tand that is all there is to a whistle",
]


def with_playlist(youtube: Replay, ids: list[str]) -> None:
    """Let a YouTube have a playlist."""
    endpoint = {"browseEndpoint": {"browseId": f"VL{LIST}"}}
    youtube.on(RESOLVE, json.dumps({"endpoint": endpoint}))
    youtube.on(BROWSE, json.dumps(listing(ids)))


def listing(ids: list[str]) -> dict[str, Any]:
    """A playlist as YouTube lists it."""
    rows = [
        {"playlistVideoRenderer": {"videoId": name, "title": {"runs": [{"text": f"Part {name}"}]}}}
        for name in ids
    ]
    contents: Any = [{"playlistVideoListRenderer": {"contents": rows}}]
    for wrapper in ("itemSectionRenderer", "sectionListRenderer"):
        contents = [{wrapper: {"contents": contents}}]
    tab = {"tabRenderer": {"selected": True, "content": contents[0]}}
    metadata = {"playlistMetadataRenderer": {"title": "All parts"}}
    contents = {"twoColumnBrowseResultsRenderer": {"tabs": [tab]}}
    return {"contents": contents, "metadata": metadata}


def stored() -> list[str]:
    return sorted(row["video_id"] for row in json.loads(invoke("library", "list", "--json").out))


class TestSearch:
    def test_youtube_is_asked_by_default(self, youtube: Replay) -> None:
        ran = invoke("search", "test", "--limit", "3")
        assert (ran.code, ran.err) == (0, "")
        rows = [line.split("\t") for line in ran.out.splitlines()]
        assert len(rows) == 3
        assert all(len(row) == 4 and len(row[0]) == 11 and ":" in row[3] for row in rows)
        assert youtube.asked[0].json["query"] == "test"

    def test_json_gives_every_field(self, youtube: Replay) -> None:
        found = json.loads(invoke("search", "test", "--limit", "3", "--json").out)
        assert [row["url"] for row in found] == [f"https://youtu.be/{r['video_id']}" for r in found]

    def test_the_library_is_searched_without_youtube(self) -> None:
        options = (*SAMPLES, "--channel", "Cinder Porch")
        ran = invoke("search", "pork loin", *options)
        assert ran.code == 0
        rows = [line.split("\t") for line in ran.out.splitlines()]
        assert rows
        assert {row[2] for row in rows} == {"Cinder Porch"}

    def test_nothing_found_is_no_error(self) -> None:
        ran = invoke("search", "xyzzy", *SAMPLES)
        assert (ran.code, ran.out) == (0, "")
        assert ran.err.startswith("Nothing found in the bundled samples (")
        assert ran.err.endswith("see what it has: cliptrail library list --library samples\n")

    def test_what_youtube_gives_cannot_be_kept_in_the_samples(self, youtube: Replay) -> None:
        for command in ("search", "transcript", "research", "plan"):
            ran = invoke(command, VIDEO, "--source", "youtube", *SAMPLES)
            is_one_error(ran, 2, "samples cannot be changed.", "Leave out the source youtube")
        assert youtube.asked == []

    def test_a_block_is_told(self, youtube: Replay) -> None:
        youtube.on(SEARCH, "<html>no</html>", status=429)
        is_one_error(invoke("search", "test"), 4, "YouTube blocks this network", "CLIPTRAIL_PROXY")


class TestTranscript:
    @pytest.mark.parametrize(
        "address",
        [
            VIDEO,
            f"https://youtu.be/{VIDEO}?t=754",
            f"https://www.youtube.com/watch?v={VIDEO}&list={LIST}",
            f"youtube.com/shorts/{VIDEO}",
        ],
    )
    def test_a_video_by_each_form_of_its_address(self, youtube: Replay, address: str) -> None:
        ran = invoke("transcript", address)
        assert (ran.code, ran.out.splitlines(), ran.err) == (0, WORDS, "")
        assert stored() == [VIDEO]

    def test_it_is_asked_for_once_and_again_if_fresh(self, youtube: Replay) -> None:
        outs = {invoke("transcript", VIDEO).out for _ in range(2)}
        assert youtube.paths == [WATCH, PLAYER, TIMEDTEXT]
        outs.add(invoke("transcript", VIDEO, "--fresh").out)
        assert youtube.paths == [WATCH, PLAYER, TIMEDTEXT] * 2
        assert len(outs) == 1

    def test_fresh_twice_in_one_process_asks_twice(self, youtube: Replay) -> None:
        for _ in range(2):
            assert invoke("transcript", VIDEO, "--fresh").code == 0
        assert youtube.paths.count(WATCH) == 2

    def test_json_is_what_import_reads(self, youtube: Replay, here: Path) -> None:
        (here / "x.json").write_text(invoke("transcript", VIDEO, "--json").out)
        (here / "empty").mkdir()
        assert invoke("library", "import", "x.json", "--library", "empty/x.sqlite").code == 0
        read = invoke("transcript", VIDEO, "--source", "library", "--library", "empty/x.sqlite")
        assert read.out.splitlines() == WORDS

    @pytest.mark.parametrize("wrong", ["https://example.org/x", LIST, "short", "", "../x"])
    def test_what_is_no_video_is_told(self, youtube: Replay, wrong: str) -> None:
        is_one_error(invoke("transcript", wrong), 2, f"{wrong!r} is no video of YouTube.")
        assert youtube.asked == []

    def test_a_video_of_the_library(self) -> None:
        found = json.loads(invoke("search", "pork", "--source", "library", *SAMPLES, "--json").out)
        ran = invoke("transcript", found[0]["video_id"], *SAMPLES)
        assert ran.code == 0
        assert ran.out.startswith("0:00\t")

    def test_a_video_of_the_library_without_captions_is_told(self) -> None:
        ran = invoke("transcript", "ct-sundayqz", *SAMPLES)
        is_one_error(ran, 4, "(Live: Sunday Kamado Questions) has no captions.", "Choose another")

    def test_a_video_that_the_library_lacks_is_told(self) -> None:
        ran = invoke("transcript", "nobody", *SAMPLES)
        is_one_error(ran, 4, "The library has no video nobody.", "library list")


def refused_from(youtube: Replay, number: int) -> None:
    """Let YouTube block this network when it is asked for one more video than that."""
    answers = youtube.replies[PLAYER].body
    assert callable(answers)
    blocked = {"playabilityStatus": {"status": "LOGIN_REQUIRED", "reason": BOT}}

    def answer(asking: Asking) -> str:
        return answers(asking) if youtube.paths.count(PLAYER) <= number else json.dumps(blocked)

    youtube.on(PLAYER, answer)


BOT = "Sign in to confirm you’re not a bot"


class TestImport:
    def test_videos_by_address_and_id(self, youtube: Replay) -> None:
        ran = invoke("library", "import", f"https://youtu.be/{IDS[0]}", IDS[1])
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith("Imported 2 videos into ")
        assert stored() == IDS[:2]

    def test_what_is_there_is_asked_for_only_if_fresh(self, youtube: Replay) -> None:
        for options, asked in [((), 1), ((), 1), (("--fresh",), 2)]:
            assert invoke("library", "import", VIDEO, *options).code == 0
            assert youtube.paths.count(WATCH) == asked

    def test_a_playlist(self, youtube: Replay) -> None:
        with_playlist(youtube, IDS)
        ran = invoke("library", "import", f"https://www.youtube.com/playlist?list={LIST}")
        assert (ran.code, ran.err) == (0, "")
        assert stored() == IDS

    def test_a_block_in_the_middle_stops_at_once_and_keeps_what_came(self, youtube: Replay) -> None:
        refused_from(youtube, 2)
        ran = invoke("library", "import", *IDS)
        assert ran.code == 3
        assert ran.out.startswith("Imported 2 videos into ")
        assert ran.err.count("\n") == 1
        assert ran.err.startswith(f"Not imported: {IDS[2]}: YouTube blocks this network")
        assert "import transcript files" in ran.err
        assert stored() == IDS[:2]
        assert youtube.paths.count(WATCH) == 3

    def test_a_block_in_a_playlist_stops_at_once(self, youtube: Replay) -> None:
        with_playlist(youtube, IDS)
        refused_from(youtube, 1)
        ran = invoke("library", "import", LIST, VIDEO)
        assert ran.code == 3
        assert ran.err.startswith(f"Not imported: {LIST}: YouTube blocks this network")
        assert stored() == IDS[:1]
        assert youtube.paths.count(WATCH) == 2

    def test_after_a_block_it_goes_on_where_it_stopped(self, youtube: Replay) -> None:
        answers = youtube.replies[PLAYER]
        refused_from(youtube, 2)
        invoke("library", "import", *IDS)
        youtube.replies[PLAYER] = answers
        assert invoke("library", "import", *IDS).code == 0
        assert stored() == IDS
        assert youtube.paths.count(WATCH) == 3 + 3

    def test_a_video_without_captions_is_no_reason_to_stop(self, youtube: Replay) -> None:
        answers, silent = youtube.replies[PLAYER].body, REPLIES["player_no_captions"]
        assert callable(answers)
        youtube.on(PLAYER, lambda row: silent if row.json["videoId"] == IDS[0] else answers(row))
        ran = invoke("library", "import", *IDS[:2])
        assert ran.code == 3
        assert f"Not imported: {IDS[0]}: Video {IDS[0]} has no captions" in ran.err
        assert stored() == [IDS[1]]

    def test_none_of_them_ends_with_4(self, youtube: Replay) -> None:
        refused_from(youtube, 0)
        assert invoke("library", "import", *IDS).code == 4
        assert youtube.paths.count(WATCH) == 1
