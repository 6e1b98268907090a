"""What YouTube really answered: our own replies have its form, and its form is understood."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cliptrail.tools.settings import Settings
from cliptrail.tools.sources.youtube import YouTubeSource
from cliptrail.tools.sources.youtube_search import YtDlpSearch
from tests.recorded.shared_data import REPLIES
from tests.recorded_youtube import PLAYER, SEARCH, TIMEDTEXT, WATCH, Replay
from tests.youtube_replies import REPLIES as OURS

CAPTIONS, API = "youtube-transcript-api/youtube", "python-youtube/apidata/search/search"


def real(name: str) -> str:
    return (REPLIES / name).read_text(encoding="utf-8")


def search(name: str) -> str:
    """A recorded answer to a search; that to the first question of all stands in a page."""
    body: str = json.loads(real(f"newpipe-extractor/search_{name}.json"))["response"][
        "responseBody"
    ]
    page = re.search(r"var ytInitialData = (\{.*?\});</script>", body)
    return page[1] if page else body


def player(name: str) -> str:
    return real(f"{CAPTIONS}{name}.innertube.json.static")


SAME_FORM: dict[str, Callable[[], str]] = {
    "search": lambda: search("videos__generated_mock_2"),
    "search_next": lambda: search("paging_paging__generated_mock_3"),
    "search_channels": lambda: search("channel__generated_mock_2"),
    "search_nothing": lambda: search("videos__generated_mock_1"),
    "search_no_more": lambda: search("randomquerynomorepages__generated_mock_3"),
    "player": lambda: player(""),
    "player_other_video": lambda: player("_ww1_nl_en"),
    "player_po_token_required": lambda: player("_po_token_required"),
    "player_no_captions": lambda: player("_transcripts_disabled"),
    "player_unavailable": lambda: player("_video_unavailable"),
    "player_unplayable": lambda: player("_unplayable"),
    "player_request_blocked": lambda: player("_request_blocked"),
    "api_search": lambda: real(f"{API}_by_keywords_p1.json"),
    "api_search_channel": lambda: real(f"{API}_videos_by_channel.json"),
    "api_search_channels": lambda: real(f"{API}_channels.json"),
    "api_search_live": lambda: real(f"{API}_by_event.json"),
    "api_error": lambda: real("python-youtube/error_response.json"),
    "api_error_simple": lambda: real("python-youtube/error_response_simple.json"),
    "api_error_permission": lambda: real("python-youtube/apidata/error_permission_resp.json"),
}


def fields(value: Any, place: str = "") -> Iterator[str]:
    """Every field of an answer, by its path and the kind of its value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from fields(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner, f"{place}[]")
    else:
        yield f"{place}: {type(value).__name__}"


@pytest.mark.parametrize("name", SAME_FORM)
def test_every_field_of_our_replies_is_one_of_theirs(name: str) -> None:
    theirs = set(fields(json.loads(SAME_FORM[name]())))
    assert set(fields(json.loads(OURS[name]))) - theirs == set()


@pytest.mark.parametrize("name", ["", "_altered_user_agent"])
def test_a_real_video_and_its_captions_are_read(replay: Replay, name: str) -> None:
    answer = player(name)
    video = json.loads(answer)["videoDetails"]
    replay.on(WATCH, real(f"{CAPTIONS}.html.static"))
    replay.on(PLAYER, answer)
    replay.on(TIMEDTEXT, real("youtube-transcript-api/transcript.xml.static"))
    source = YouTubeSource(Settings(_env_file=None, youtube_host=replay.host, youtube_pause_s=0))
    found = source.transcript(video["videoId"])
    assert (found.video.title, found.video.channel) == (video["title"], video["author"])
    assert found.video.published
    assert len(found.segments) == 3


@pytest.mark.parametrize("name", ["videos__generated_mock_2", "videodescription__generated_mock_2"])
def test_a_real_search_is_read(replay: Replay, name: str) -> None:
    replay.on(SEARCH, search(name))
    found = YtDlpSearch(Settings(_env_file=None, youtube_host=replay.host)).search("x", limit=5)
    shown = re.findall(r'"videoRenderer":\{"videoId":"([\w-]{11})"', search(name))
    assert [row.video_id for row in found] == list(dict.fromkeys(shown))[:5]
    assert all(row.title and row.channel and row.duration_s for row in found)


def test_real_pages_of_results_are_turned(replay: Replay) -> None:
    first, second = (search(f"paging_paging__generated_mock_{number}") for number in (2, 3))
    replay.on(SEARCH, lambda asking: second if "continuation" in asking.json else first)
    found = YtDlpSearch(Settings(_env_file=None, youtube_host=replay.host)).search("x", limit=30)
    assert len({row.video_id for row in found}) == 30
    assert replay.paths == [SEARCH, SEARCH]
