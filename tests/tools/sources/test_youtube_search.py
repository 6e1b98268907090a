"""Three ways to search YouTube, each by its real library against answers over the loopback."""

import importlib.util
import json
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.state.errors import Blocked, SourceError, SourceUnavailable, UsageError
from cliptrail.state.media import Video
from cliptrail.tools.settings import Settings
from cliptrail.tools.sources.youtube import YouTubeSource
from cliptrail.tools.sources.youtube_search import (
    CommunitySearch,
    DataApiSearch,
    SearchBackend,
    YtDlpSearch,
    channel_key,
    choose_search,
)
from tests.limits import brief
from tests.youtube_replies import REPLIES, VIDEO, api_error

SEARCH, RESOLVE, BROWSE = (
    "/youtubei/v1/search",
    "/youtubei/v1/navigation/resolve_url",
    "/youtubei/v1/browse",
)
API_SEARCH, API_VIDEOS, API_CHANNELS = (
    "/youtube/v3/search",
    "/youtube/v3/videos",
    "/youtube/v3/channels",
)
CHANNEL_ID = "UC_x5XG1OV2P6uZZ5FSM9Ttw"

Make = Callable[..., Settings]


@pytest.fixture
def ytdlp(replay: Any, make_settings: Make) -> SearchBackend:
    return YtDlpSearch(make_settings(youtube_host=replay.host))


def list_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the results of an answer, to be changed."""
    column = answer["contents"]["twoColumnSearchResultsRenderer"]["primaryContents"]
    results: list[dict[str, Any]] = column["sectionListRenderer"]["contents"][0][
        "itemSectionRenderer"
    ]["contents"]
    return results


def ids(videos: list[Video]) -> list[str]:
    return [v.video_id for v in videos]


class TestYtDlp:
    def test_gives_videos_as_the_page_shows_them(self, ytdlp: SearchBackend, replay: Any) -> None:
        body = REPLIES["search"]
        replay.on(SEARCH, body)
        shown = [r["videoRenderer"] for r in list_of(json.loads(body)) if "videoRenderer" in r]
        found = ytdlp.search("test", limit=5)
        assert ids(found) == [v["videoId"] for v in shown[:5]]
        assert [v.title for v in found] == [v["title"]["runs"][0]["text"] for v in shown[:5]]
        assert [v.channel for v in found] == [v["ownerText"]["runs"][0]["text"] for v in shown[:5]]
        assert all(v.url == f"https://youtu.be/{v.video_id}" and v.duration_s > 0 for v in found)
        assert replay.asked[0].json["query"] == "test"

    def test_turns_pages_until_it_has_enough(self, ytdlp: SearchBackend, replay: Any) -> None:
        first, second = REPLIES["search"], REPLIES["search_next"]
        replay.on(SEARCH, lambda asking: second if "continuation" in asking.json else first)
        found = ytdlp.search("cirque du soleil", limit=30)
        assert len(set(ids(found))) == 30
        assert replay.paths == [SEARCH, SEARCH]

    @pytest.mark.parametrize("videos", [0, 1])
    def test_pages_without_an_end_are_not_followed_for_ever(
        self, ytdlp: SearchBackend, replay: Any, videos: int
    ) -> None:
        answer = json.loads(REPLIES["search"])
        shown = [row for row in list_of(answer) if "videoRenderer" in row]
        list_of(answer)[:] = shown[:videos]  # and beside them, as ever, where the next page is
        replay.on(SEARCH, json.dumps(answer))
        if videos:
            assert len(ytdlp.search("test")) == 1
        else:
            with pytest.raises(SourceUnavailable, match="was not understood"):
                ytdlp.search("test")
        assert len(replay.paths) == 30

    def test_a_video_that_is_shown_twice_is_given_once(
        self, ytdlp: SearchBackend, replay: Any
    ) -> None:
        answer = json.loads(REPLIES["search"])
        list_of(answer)[1] = list_of(answer)[0]
        replay.on(SEARCH, json.dumps(answer))
        found = ids(ytdlp.search("test", limit=5))
        assert len(found) == len(set(found)) == 5

    def test_channels_among_the_results_are_no_videos(
        self, ytdlp: SearchBackend, replay: Any
    ) -> None:
        replay.on(SEARCH, REPLIES["search_channels"])
        assert ytdlp.search("test", limit=5) == []
        assert len(replay.paths) < 5

    def test_nothing_found_is_an_empty_list(self, ytdlp: SearchBackend, replay: Any) -> None:
        replay.on(SEARCH, REPLIES["search_nothing"])
        assert ytdlp.search("qqqqqqq") == []

    def test_what_is_still_to_be_streamed_is_left_out(
        self, ytdlp: SearchBackend, replay: Any
    ) -> None:
        answer = json.loads(REPLIES["search"])
        first = list_of(answer)[0]["videoRenderer"]
        first["upcomingEventData"] = {"startTime": "1790000000"}
        replay.on(SEARCH, json.dumps(answer))
        assert first["videoId"] not in ids(ytdlp.search("test", limit=3))

    @pytest.mark.parametrize(
        ("channel", "page"),
        [
            ("@SeriousEats", "/@SeriousEats"),
            ("https://www.youtube.com/@SeriousEats/", "/@SeriousEats"),
            (CHANNEL_ID, f"/channel/{CHANNEL_ID}"),
        ],
    )
    def test_searches_in_a_channel_by_its_own_search(
        self, ytdlp: SearchBackend, replay: Any, channel: str, page: str
    ) -> None:
        videos = list_of(json.loads(REPLIES["search"]))[:4]
        browse = {"browseId": CHANNEL_ID, "params": "EgZzZWFyY2g"}
        replay.on(RESOLVE, json.dumps({"endpoint": {"browseEndpoint": browse}}))
        replay.on(BROWSE, json.dumps(channel_search(videos)))
        found = ytdlp.search("salt & fire", channel=channel, limit=3)
        assert ids(found) == [v["videoRenderer"]["videoId"] for v in videos[:3]]
        asked = replay.asked[0].json["url"]
        assert asked == f"https://www.youtube.com{page}/search?query=salt+%26+fire"
        assert replay.asked[1].json["browseId"] == CHANNEL_ID

    def test_follows_a_channel_that_sends_on_to_another(
        self, ytdlp: SearchBackend, replay: Any
    ) -> None:
        videos = list_of(json.loads(REPLIES["search"]))[:1]
        there = {"webCommandMetadata": {"url": f"/channel/{CHANNEL_ID}"}}
        go = {"navigateAction": {"endpoint": {"commandMetadata": there}}}
        pages = {
            "first": {"onResponseReceivedActions": [go]},
            CHANNEL_ID: channel_search(videos),
        }

        def resolve(asking: Any) -> str:
            browse = CHANNEL_ID if CHANNEL_ID in asking.json["url"] else "first"
            return json.dumps({"endpoint": {"browseEndpoint": {"browseId": browse}}})

        replay.on(RESOLVE, resolve)
        replay.on(BROWSE, lambda asking: json.dumps(pages[asking.json["browseId"]]))
        assert len(ytdlp.search("salt", channel="@here", limit=3)) == 1
        assert replay.asked[2].json["url"].endswith(f"/channel/{CHANNEL_ID}/search?query=salt")

    def test_searches_in_a_channel_by_name_among_all(
        self, ytdlp: SearchBackend, replay: Any
    ) -> None:
        body = REPLIES["search"]
        shown = [r["videoRenderer"] for r in list_of(json.loads(body)) if "videoRenderer" in r]
        name = shown[7]["ownerText"]["runs"][0]["text"]
        replay.on(SEARCH, body)
        found = ytdlp.search("test", channel=f"{name.upper()}!", limit=2)
        assert {v.channel for v in found} == {name}
        assert shown[7]["videoId"] in ids(found)
        assert replay.asked[0].json["query"] == f"test {name.upper()}!"

    @pytest.mark.parametrize(
        ("body", "status", "kind", "message"),
        [
            ("<html>captcha</html>", 429, Blocked, "blocks this network"),
            ("<html>no</html>", 403, SourceUnavailable, "answered 403"),
            ("<html>no</html>", 503, SourceUnavailable, "answered 503"),
            ("<html>no JSON</html>", 200, SourceUnavailable, "was not understood"),
            ("", 200, SourceUnavailable, "was not understood"),
            ("{}", 200, SourceUnavailable, "was not understood"),
            ("[]", 200, SourceUnavailable, "was not understood"),
        ],
    )
    def test_trouble(
        self,
        ytdlp: SearchBackend,
        replay: Any,
        body: str,
        status: int,
        kind: type[SourceError],
        message: str,
    ) -> None:
        replay.on(SEARCH, body, status=status)
        self.fails(ytdlp, kind, message, query="captcha farms, not a bot")

    def test_a_bot_check_is_a_block(self, ytdlp: SearchBackend, replay: Any) -> None:
        alert = {"type": "ERROR", "text": {"simpleText": "Confirm you’re not a bot"}}
        replay.on(SEARCH, json.dumps({"contents": {}, "alerts": [{"alertRenderer": alert}]}))
        self.fails(ytdlp, Blocked, "blocks this network")

    def test_a_channel_that_does_not_exist(self, ytdlp: SearchBackend, replay: Any) -> None:
        with pytest.raises(SourceError, match="has no channel @nobody") as caught:
            ytdlp.search("x", channel="@nobody")
        assert type(caught.value) is SourceError
        assert caught.value.next_step

    def test_a_server_that_never_answers(self, replay: Any, make_settings: Make) -> None:
        replay.on(SEARCH, manner="stall")
        settings = make_settings(youtube_host=replay.host, youtube_timeout_s=brief(0.2))
        self.fails(YtDlpSearch(settings), SourceUnavailable, "did not answer in time")

    def test_a_line_that_is_cut(self, ytdlp: SearchBackend, replay: Any) -> None:
        replay.on(SEARCH, manner="reset")
        self.fails(ytdlp, SourceUnavailable, "could not be reached")

    def test_goes_by_the_proxy_of_the_settings(
        self, proxy: Any, make_settings: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        proxy.on("www.youtube.com:443", "no", status=403)
        settings = make_settings(proxy=f"http://user:secret@{proxy.host}")
        self.fails(YtDlpSearch(settings), SourceUnavailable, "proxy did not let")
        assert set(proxy.paths) == {"www.youtube.com:443"}

    @staticmethod
    def fails(
        search: SearchBackend, kind: type[SourceError], message: str, query: str = "grill"
    ) -> None:
        with pytest.raises(SourceError) as caught:
            search.search(query)
        assert type(caught.value) is kind
        assert message in caught.value.message
        assert query in caught.value.message
        assert caught.value.next_step
        assert not re.search(r"github|yt-dlp/|\[youtube|secret|caused by", str(caught.value))

    def test_says_nothing_and_writes_nothing(
        self,
        replay: Any,
        make_settings: Make,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        for variable in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
            monkeypatch.setenv(variable, str(tmp_path))
        search = YtDlpSearch(make_settings(youtube_host=replay.host))
        replay.on(SEARCH, REPLIES["search"])
        search.search("test")
        replay.on(SEARCH, "", status=500)
        for channel in ("", "@nobody"):
            with pytest.raises(SourceError):
                search.search("test", channel=channel)
        assert capfd.readouterr() == ("", "")
        assert list(tmp_path.rglob("*")) == []


def channel_search(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Return an answer in the shape of a channel's own search."""
    sections = [{"itemSectionRenderer": {"contents": [result]}} for result in results]
    tab = {
        "title": "Search",
        "selected": True,
        "tabIdentifier": "search",
        "content": {"sectionListRenderer": {"contents": sections}},
    }
    return {
        "metadata": {"channelMetadataRenderer": {"title": "A", "externalId": CHANNEL_ID}},
        "contents": {"twoColumnBrowseResultsRenderer": {"tabs": [{"expandableTabRenderer": tab}]}},
    }


class TestDataApi:
    @pytest.fixture
    def api(self, replay: Any, make_settings: Make) -> SearchBackend:
        pytest.importorskip("httplib2")
        replay.on(API_SEARCH, REPLIES["api_search"])
        replay.on(API_VIDEOS, '{"items": []}')
        return DataApiSearch(make_settings(youtube_host=replay.host, youtube_api_key="the-key"))

    def test_gives_date_and_length_and_readable_titles(
        self, api: SearchBackend, replay: Any
    ) -> None:
        lengths = [{"id": "found__0001", "contentDetails": {"duration": "PT1H2M3S"}}]
        replay.on(API_VIDEOS, json.dumps({"items": lengths}))
        found = api.search("surfing", limit=25)
        assert len(found) == 25
        assert found[0] == Video(
            video_id="found__0000",
            title="Don't boil it dry & other advice, part 0",
            channel="Copper Spout",
            url="https://youtu.be/found__0000",
            published="2019-12-01",
        )
        assert found[1].duration_s == 3723
        assert not any("&#39;" in v.title or "&amp;" in v.title for v in found)

    def test_asks_for_videos_with_the_key(self, api: SearchBackend, replay: Any) -> None:
        api.search("surfing", limit=25)
        query = replay.asked[0].query
        assert query["q"] == ["surfing"]
        assert query["type"] == ["video"]
        assert query["maxResults"] == ["25"]
        assert query["key"] == ["the-key"]
        assert len(replay.asked[1].query["id"][0].split(",")) == 25

    def test_in_a_channel_by_id(self, api: SearchBackend, replay: Any) -> None:
        replay.on(API_SEARCH, REPLIES["api_search_channel"])
        found = api.search("flutter", channel=CHANNEL_ID)
        assert {v.channel for v in found} == {"Copper Spout"}
        assert replay.asked[0].query["channelId"] == [CHANNEL_ID]

    def test_in_a_channel_by_handle(self, api: SearchBackend, replay: Any) -> None:
        replay.on(API_CHANNELS, json.dumps({"items": [{"id": CHANNEL_ID}]}))
        api.search("flutter", channel="@GoogleDevelopers")
        assert replay.asked[0].query["forHandle"] == ["@GoogleDevelopers"]
        assert replay.asked[1].query["channelId"] == [CHANNEL_ID]

    def test_an_unknown_handle(self, api: SearchBackend, replay: Any) -> None:
        replay.on(API_CHANNELS, "{}")
        with pytest.raises(SourceError, match="has no channel @nobody"):
            api.search("flutter", channel="@nobody")

    def test_in_a_channel_by_name(self, api: SearchBackend, replay: Any) -> None:
        found = api.search("surfing", channel="copper spout", limit=3)
        assert [v.channel for v in found] == ["Copper Spout"] * 3
        assert replay.asked[0].query["q"] == ["surfing copper spout"]

    def test_nothing_found(self, api: SearchBackend, replay: Any) -> None:
        replay.on(API_SEARCH, '{"items": []}')
        assert api.search("qqqqqq") == []
        assert replay.paths == [API_SEARCH]

    def test_channels_and_live_streams_are_left_out(self, api: SearchBackend, replay: Any) -> None:
        replay.on(API_SEARCH, REPLIES["api_search_channels"])
        assert api.search("x") == []
        events = REPLIES["api_search_live"]
        replay.on(API_SEARCH, events)
        live = [i["snippet"]["liveBroadcastContent"] for i in json.loads(events)["items"]]
        assert len(api.search("x", limit=50)) == live.count("none") < len(live)

    @pytest.mark.parametrize(
        ("body", "status", "kind", "message"),
        [
            (REPLIES["api_error"], 400, SourceError, "refused .*: keyInvalid"),
            (REPLIES["api_error_simple"], 401, SourceError, "refused .*status 401"),
            (REPLIES["api_error_permission"], 403, SourceError, "refused .*SERVICE_UNAVAILABLE"),
            (api_error(403, "quotaExceeded"), 403, SourceUnavailable, "quota"),
            ("", 429, SourceUnavailable, "quota"),
            ("<html>", 503, SourceUnavailable, "answered 503"),
            ("<html>", 200, SourceUnavailable, "not understood"),
            ("", 200, SourceUnavailable, "not understood"),
            ("{}", 200, SourceUnavailable, "not understood"),
            ('{"items": [{}]}', 200, SourceUnavailable, "not understood"),
        ],
    )
    def test_trouble(
        self,
        api: SearchBackend,
        replay: Any,
        body: str,
        status: int,
        kind: type[SourceError],
        message: str,
    ) -> None:
        replay.on(API_SEARCH, body, status=status)
        with pytest.raises(SourceError, match=message) as caught:
            api.search("surfing")
        assert type(caught.value) is kind
        assert caught.value.next_step
        assert "the-key" not in f"{caught.value} {caught.value.__cause__}"

    def test_a_server_that_never_answers(
        self, api: SearchBackend, replay: Any, make_settings: Make
    ) -> None:
        replay.on(API_SEARCH, manner="stall")
        settings = make_settings(
            youtube_host=replay.host, youtube_api_key="k", youtube_timeout_s=brief(0.2)
        )
        with pytest.raises(SourceUnavailable, match="did not answer in time"):
            DataApiSearch(settings).search("surfing")

    def test_a_line_that_is_cut(self, api: SearchBackend, replay: Any) -> None:
        replay.on(API_SEARCH, manner="reset")
        with pytest.raises(SourceUnavailable, match="could not be reached"):
            api.search("surfing")


class TestCommunity:
    """The tool itself is real; the package under it, which takes no other address, is not."""

    @pytest.fixture
    def queries(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
        if not importlib.util.find_spec("langchain_community"):
            pytest.skip("langchain-community is not installed")
        # Imported anew, for it warns of its end when imported.
        monkeypatch.delitem(sys.modules, "langchain_community", raising=False)
        asked: list[tuple[str, int]] = []

        class YoutubeSearch:
            def __init__(self, query: str, max_results: int) -> None:
                asked.append((query, max_results))

            def to_json(self) -> str:
                suffixes = ["/watch?v=found__0000&pp=ygU", "/shorts/found__0001?x", "/watch?v=no"]
                return json.dumps({"videos": [{"url_suffix": s} for s in suffixes]})

        module = types.ModuleType("youtube_search")
        module.YoutubeSearch = YoutubeSearch  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "youtube_search", module)
        return asked

    def test_gives_bare_videos_and_survives_a_comma(
        self, queries: list[tuple[str, int]], make_settings: Make
    ) -> None:
        found = CommunitySearch(make_settings()).search("salt, fire, 3", limit=4)
        assert ids(found) == ["found__0000", "found__0001"]
        assert {v.title for v in found} == {""}
        assert queries == [("salt  fire  3", 4)]

    def test_cannot_search_in_a_channel(
        self, queries: list[tuple[str, int]], make_settings: Make
    ) -> None:
        with pytest.raises(SourceError, match="cannot search in one channel"):
            CommunitySearch(make_settings()).search("salt", channel="@a")


class TestChoice:
    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({}, "yt-dlp"),
            ({"youtube_api_key": "k"}, "data-api"),
            ({"youtube_api_key": "k", "youtube_search": "yt-dlp"}, "yt-dlp"),
        ],
    )
    def test_by_setting_then_by_key(
        self, make_settings: Make, changes: dict[str, Any], name: str
    ) -> None:
        assert choose_search(make_settings(**changes)).name == name

    def test_an_unknown_name_lists_the_known(self, make_settings: Make) -> None:
        with pytest.raises(UsageError, match="yt-dlp, data-api, community"):
            choose_search(make_settings(youtube_search="bing"))

    def test_the_data_api_without_a_key(self, make_settings: Make) -> None:
        with pytest.raises(UsageError, match="CLIPTRAIL_YOUTUBE_API_KEY"):
            choose_search(make_settings(youtube_search="data-api"))

    @pytest.mark.parametrize(
        ("extra", "module", "note"),
        [
            ("data-api", "googleapiclient.discovery", ""),
            ("community", "langchain_community.tools.youtube.search", "sunset"),
            ("community", "youtube_search", "sunset"),
        ],
    )
    def test_a_missing_extra_names_the_command(
        self,
        make_settings: Make,
        monkeypatch: pytest.MonkeyPatch,
        extra: str,
        module: str,
        note: str,
    ) -> None:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(UsageError) as caught:
            choose_search(make_settings(youtube_search=extra, youtube_api_key="k"))
        assert f'pip install "cliptrail[{extra}]"' in caught.value.next_step
        assert note in caught.value.next_step


class TestChannelNames:
    @pytest.mark.parametrize(
        ("channel", "key"),
        [
            ("@SeriousEats", ("@SeriousEats", "")),
            (" https://youtube.com/@日本.ch ", ("@日本.ch", "")),
            (f"youtube.com/channel/{CHANNEL_ID}/", ("", CHANNEL_ID)),
            (CHANNEL_ID, ("", CHANNEL_ID)),
            ("Serious Eats", ("", "")),
            ("@a/../watch?v=x", ("", "")),
            ("@a b", ("", "")),
            ("", ("", "")),
        ],
    )
    def test_key(self, channel: str, key: tuple[str, str]) -> None:
        assert channel_key(channel) == key

    @given(st.text())
    def test_a_handle_is_never_more_than_one_step_of_a_path(self, channel: str) -> None:
        assert not set("/?#& ") & set("".join(channel_key(f"@{channel}")))


class TestProxyThatCannotBeUsed:
    """With or without the library for SOCKS the user reads what to check, never the password."""

    @pytest.mark.parametrize("search", [YtDlpSearch, DataApiSearch])
    def test_search(self, make_settings: Make, search: Callable[[Settings], SearchBackend]) -> None:
        settings = make_settings(proxy="socks5://u:secret@127.0.0.1:1", youtube_api_key="k")
        self.fails(lambda: search(settings).search("grill"))

    def test_transcript(self, make_settings: Make) -> None:
        source = YouTubeSource(make_settings(proxy="socks5://u:secret@127.0.0.1:1"))
        self.fails(lambda: source.transcript(VIDEO))

    @staticmethod
    def fails(request: Callable[[], object]) -> None:
        with pytest.raises(SourceUnavailable) as caught:
            request()
        assert "CLIPTRAIL_PROXY" in caught.value.next_step
        assert "secret" not in str(caught.value)


class TestThroughTheSource:
    def test_words_are_cleaned_and_the_limit_kept_in_bounds(self, make_settings: Make) -> None:
        asked: list[tuple[str, str, int]] = []

        class Recorder:
            name = "recorder"

            def search(self, query: str, *, channel: str = "", limit: int = 10) -> list[Video]:
                asked.append((query, channel, limit))
                return []

        source = YouTubeSource(make_settings(), Recorder())
        source.search(" a\n b ", channel=" c ", limit=500)
        assert asked == [("a b", "c", 50)]
        assert source.search("a", limit=0) == source.search("  ") == []
        assert len(asked) == 1
        assert source.channels() == []
