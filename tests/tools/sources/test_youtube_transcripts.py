"""Transcripts from YouTube: the real library against answers over the loopback."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests.exceptions
import youtube_transcript_api as yta
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.state.errors import (
    Blocked,
    NoCaptions,
    SourceError,
    SourceUnavailable,
    VideoNotFound,
)
from cliptrail.state.media import Segment, Video
from cliptrail.tools.settings import Settings
from cliptrail.tools.sources import VideoSource, youtube_errors
from cliptrail.tools.sources.youtube import YouTubeSource
from cliptrail.tools.sources.youtube_errors import TRANSCRIPT_TABLE, Asked, Row, from_transcripts
from tests.limits import brief
from tests.youtube_replies import CHANNEL, PUBLISHED, REPLIES, SECONDS, TITLE, VIDEO

WATCH, PLAYER, TIMEDTEXT = "/watch", "/youtubei/v1/player", "/api/timedtext"
ADVERTS = ("github", "webshare", "http", "open an issue", "cookie auth", "{", "referral")

Make = Callable[..., Settings]


@pytest.fixture
def player() -> dict[str, Any]:
    """The answer of the player, to be changed by a test."""
    answer: dict[str, Any] = json.loads(REPLIES["player"])
    return answer


@pytest.fixture
def youtube(replay: Any) -> Any:
    """A YouTube that gives the captions of one video."""
    replay.on(WATCH, REPLIES["watch"])
    replay.on(PLAYER, REPLIES["player"])
    replay.on(TIMEDTEXT, REPLIES["captions"])
    return replay


@pytest.fixture
def source(youtube: Any, make_settings: Make) -> VideoSource:
    return YouTubeSource(make_settings(youtube_host=youtube.host))


def tracks(player: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = player["captions"]["playerCaptionsTracklistRenderer"][
        "captionTracks"
    ]
    return found


class TestWhatIsThere:
    def test_gives_the_video_and_its_lines(self, source: VideoSource) -> None:
        found = source.transcript(VIDEO)
        assert found.video == Video(
            video_id=VIDEO,
            title=TITLE,
            channel=CHANNEL,
            url=f"https://youtu.be/{VIDEO}",
            published=PUBLISHED,
            duration_s=SECONDS,
            language="en",
            captions="manual",
        )
        assert found.segments == (
            Segment(start=0, duration=1.54, text="Fill the kettle no further than the line"),
            Segment(start=1.54, duration=4.16, text="it whistles only when the lid is shut"),
            Segment(start=5.7, duration=3.239, text="and that is all there is to a whistle"),
        )
        assert found.provenance == "youtube"

    def test_asks_youtube_thrice_and_no_more(self, source: VideoSource, youtube: Any) -> None:
        source.transcript(VIDEO)
        assert youtube.paths == [WATCH, PLAYER, TIMEDTEXT]

    @pytest.mark.parametrize(
        ("languages", "given_language"),
        [(("fr", "de", "en"), "de"), ("de", "de"), (("EN",), "en")],
        ids=["first that there is", "a bare string is one language", "whatever the case"],
    )
    def test_language(
        self, source: VideoSource, youtube: Any, languages: Any, given_language: str
    ) -> None:
        assert source.transcript(VIDEO, languages=languages).video.language == given_language
        assert youtube.asked[-1].query["lang"] == [given_language]

    def test_says_when_captions_are_automatic(
        self, source: VideoSource, youtube: Any, player: dict[str, Any]
    ) -> None:
        tracks(player)[:] = [t for t in tracks(player) if t.get("kind") == "asr"]
        youtube.on(PLAYER, json.dumps(player))
        assert source.transcript(VIDEO).video.captions == "auto"
        assert youtube.asked[-1].query["kind"] == ["asr"]

    def test_a_region_serves_the_language_and_people_come_before_machines(
        self, source: VideoSource, youtube: Any, player: dict[str, Any]
    ) -> None:
        for track in tracks(player):
            if track["languageCode"] == "en" and track.get("kind") != "asr":
                track["languageCode"] = "en-GB"
        youtube.on(PLAYER, json.dumps(player))
        found = source.transcript(VIDEO).video
        assert (found.language, found.captions) == ("en-GB", "manual")

    def test_a_language_is_not_a_prefix_of_another(
        self, source: VideoSource, youtube: Any, player: dict[str, Any]
    ) -> None:
        tracks(player)[:] = [tracks(player)[0] | {"languageCode": "eng"}]
        youtube.on(PLAYER, json.dumps(player))
        with pytest.raises(NoCaptions, match="in en; there are eng"):
            source.transcript(VIDEO)

    def test_a_consent_page_is_passed_with_its_cookie(
        self, source: VideoSource, youtube: Any
    ) -> None:
        consent, page = REPLIES["watch_consent"], REPLIES["watch"]

        youtube.on(
            WATCH,
            lambda asking: page if "CONSENT=YES+" in asking.headers.get("cookie", "") else consent,
        )
        assert len(source.transcript(VIDEO).segments) == 3
        assert youtube.paths == [WATCH, WATCH, PLAYER, TIMEDTEXT]


PLAYER_SAYS = {
    "player_no_captions": (NoCaptions, "has no captions; skipped"),
    "player_unavailable": (VideoNotFound, "is deleted or private"),
    "player_unplayable": (VideoNotFound, "YouTube says: Custom Reason"),
    "player_age_restricted": (NoCaptions, "age-restricted"),
    "player_request_blocked": (Blocked, "YouTube blocks this network"),
    "player_po_token_required": (NoCaptions, "refuses the captions of video"),
}
PAGE_SAYS = {
    "watch_too_many_requests": (Blocked, "YouTube blocks this network"),
    "watch_consent": (SourceUnavailable, "asks for consent"),
    "watch_consent_invalid": (SourceUnavailable, "asks for consent"),
}
SRV3 = '<timedtext format="3"><body><p t="0" d="1500">Hi</p></body></timedtext>'


class TestWhatGoesWrong:
    """Each trouble as our own error, naming the video; nothing of the library shines through."""

    @staticmethod
    def trouble(source: VideoSource, kind: type[SourceError], message: str) -> SourceError:
        with pytest.raises(SourceError) as caught:
            source.transcript(VIDEO)
        assert type(caught.value) is kind
        assert message in caught.value.message
        assert VIDEO in caught.value.message
        return caught.value

    @pytest.mark.parametrize("reply", PLAYER_SAYS)
    def test_the_player_refuses(self, source: VideoSource, youtube: Any, reply: str) -> None:
        youtube.on(PLAYER, REPLIES[reply])
        self.trouble(source, *PLAYER_SAYS[reply])

    @pytest.mark.parametrize("reply", PAGE_SAYS)
    def test_the_page_is_not_the_video(self, source: VideoSource, youtube: Any, reply: str) -> None:
        youtube.on(WATCH, REPLIES[reply])
        self.trouble(source, *PAGE_SAYS[reply])

    @pytest.mark.parametrize("path", [WATCH, PLAYER, TIMEDTEXT])
    @pytest.mark.parametrize(
        ("status", "kind", "message"),
        [
            (429, Blocked, "blocks this network"),
            (403, SourceUnavailable, "answered 403"),
            (503, SourceUnavailable, "answered 503"),
        ],
    )
    def test_status(
        self, source: VideoSource, youtube: Any, path: str, status: int, kind: Any, message: str
    ) -> None:
        youtube.on(path, "<html>no</html>", status=status)
        self.trouble(source, kind, message)

    @pytest.mark.parametrize(
        ("path", "body", "message"),
        [
            (TIMEDTEXT, "", "no readable captions"),
            (TIMEDTEXT, "<html><p>unclosed</html>", "no readable captions"),
            (TIMEDTEXT, SRV3, "format that is not understood"),
            (TIMEDTEXT, SRV3.replace("><", ">\n<"), "was not understood"),
            (TIMEDTEXT, '<t><text start="x">a</text></t>', "was not understood"),
            (TIMEDTEXT, '<t><text start="-1">a</text></t>', "was not understood"),
            (TIMEDTEXT, '<!DOCTYPE t [<!ENTITY e "x">]><t>&e;</t>', "was not understood"),
            (PLAYER, "<html>no JSON</html>", "was not understood"),
            (PLAYER, "{}", "was not understood"),
            (PLAYER, "[]", "was not understood"),
            (WATCH, "<html>another page</html>", "was not understood"),
        ],
        ids=[
            "empty captions",
            "captions are a page",
            "srv3",
            "srv3 with line ends",
            "start is no number",
            "start before the video",
            "an entity",
            "player is no JSON",
            "player is empty",
            "player is a list",
            "page without a key",
        ],
    )
    def test_answer_not_understood(
        self, source: VideoSource, youtube: Any, path: str, body: str, message: str
    ) -> None:
        youtube.on(path, body)
        assert self.trouble(source, SourceUnavailable, message).next_step

    def test_no_captions_in_the_languages_lists_those_there_are(self, source: VideoSource) -> None:
        with pytest.raises(NoCaptions) as caught:
            source.transcript(VIDEO, languages=("fr", "it"))
        assert caught.value.message == (
            f"Video {VIDEO} has no captions in fr, it; there are cs, de, en, es, hi, ja, ko, zh."
        )

    def test_another_video_than_asked_for_is_not_taken_for_it(
        self, source: VideoSource, youtube: Any
    ) -> None:
        youtube.on(PLAYER, REPLIES["player_other_video"])
        self.trouble(source, SourceUnavailable, "another video")

    @pytest.mark.parametrize(
        "reason", ["Sign in to confirm that you're not a bot", "Confirm you are not a robot."]
    )
    def test_a_bot_check_in_other_words_is_a_block(
        self, source: VideoSource, youtube: Any, reason: str
    ) -> None:
        youtube.on(PLAYER, json.dumps({"playabilityStatus": {"status": "ERROR", "reason": reason}}))
        self.trouble(source, Blocked, "blocks this network")

    @pytest.mark.parametrize("path", [WATCH, PLAYER, TIMEDTEXT])
    def test_a_server_that_never_answers(
        self, youtube: Any, make_settings: Make, path: str
    ) -> None:
        youtube.on(path, manner="stall")
        source = YouTubeSource(
            make_settings(youtube_host=youtube.host, youtube_timeout_s=brief(0.2))
        )
        self.trouble(source, SourceUnavailable, "did not answer in time")

    @pytest.mark.parametrize("path", [WATCH, PLAYER, TIMEDTEXT])
    def test_a_line_that_is_cut(self, source: VideoSource, youtube: Any, path: str) -> None:
        youtube.on(path, manner="reset")
        self.trouble(source, SourceUnavailable, "could not be reached")

    @given(
        text=st.text() | st.from_regex(r"[\w-]{11}\n?", fullmatch=True, alphabet=st.characters())
    )
    def test_what_is_no_id_is_never_asked_for(self, text: str) -> None:
        source = YouTubeSource(Settings(_env_file=None, youtube_host="127.0.0.1:1"))
        if len(text) == 11 and text.isascii():
            return
        with pytest.raises(VideoNotFound, match="is not a YouTube id or address"):
            source.transcript(text)


class TestBatch:
    """One at a time, with pauses, and no further once YouTube has blocked the network."""

    def test_a_block_stops_the_batch(self, source: VideoSource, youtube: Any) -> None:
        youtube.on(WATCH, "", status=429)
        with pytest.raises(Blocked) as first:
            source.transcript(VIDEO)
        for request in (lambda: source.transcript(VIDEO), lambda: source.search("grill")):
            with pytest.raises(Blocked, match="not asked again") as again:
                request()
            assert again.value.next_step == first.value.next_step != ""
        assert youtube.paths == [WATCH]

    def test_a_blocked_search_stops_the_transcripts(
        self, youtube: Any, make_settings: Make
    ) -> None:
        class BlockedSearch:
            name = "blocked"

            def search(self, query: str, *, channel: str = "", limit: int = 10) -> list[Video]:
                raise Blocked("no", "wait")

        source = YouTubeSource(make_settings(youtube_host=youtube.host), BlockedSearch())
        with pytest.raises(Blocked):
            source.search("grill")
        with pytest.raises(Blocked):
            source.transcript(VIDEO)
        assert youtube.paths == []

    def test_other_troubles_do_not_stop_it(self, source: VideoSource, youtube: Any) -> None:
        youtube.on(TIMEDTEXT, "", status=503)
        with pytest.raises(SourceUnavailable):
            source.transcript(VIDEO)
        youtube.on(TIMEDTEXT, '<t><text start="1">well</text></t>')
        assert source.transcript(VIDEO).segments == (Segment(start=1, duration=0, text="well"),)

    def test_pauses_before_each_video_around_the_mean(
        self, youtube: Any, make_settings: Make
    ) -> None:
        slept: list[float] = []
        bounds: list[tuple[float, float]] = []

        def jitter(low: float, high: float) -> float:
            bounds.append((low, high))
            return low + len(bounds)

        source = YouTubeSource(
            make_settings(youtube_host=youtube.host, youtube_pause_s=4),
            sleep=slept.append,
            jitter=jitter,
        )
        source.transcript(VIDEO)
        source.transcript(VIDEO)
        assert bounds == [(2, 6), (2, 6)]
        assert slept == [3, 4]

    def test_threads_take_turns(self, source: VideoSource, youtube: Any) -> None:
        start = threading.Barrier(4)

        def fetch() -> None:
            start.wait()
            source.transcript(VIDEO)

        threads = [threading.Thread(target=fetch) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert youtube.paths == [WATCH, PLAYER, TIMEDTEXT] * 4

    def test_goes_by_the_proxy_of_the_settings(
        self, proxy: Any, make_settings: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        proxy.on("www.youtube.com:443", "no", status=403)
        source = YouTubeSource(make_settings(proxy=f"http://user:secret@{proxy.host}"))
        with pytest.raises(SourceUnavailable, match="proxy did not let") as caught:
            source.transcript(VIDEO)
        assert proxy.paths
        assert "secret" not in str(caught.value)


class TestTable:
    def test_every_error_of_the_library_that_a_fetch_can_raise_has_its_own_row(self) -> None:
        never_asked_for = {yta.NotTranslatable, yta.TranslationLanguageNotAvailable}
        theirs = {
            error
            for error in vars(yta).values()
            if isinstance(error, type) and issubclass(error, yta.CouldNotRetrieveTranscript)
        }
        assert theirs - set(TRANSCRIPT_TABLE) == never_asked_for

    def test_no_message_advertises_or_leaves_a_gap(self) -> None:
        rows = [row for row in vars(youtube_errors).values() if isinstance(row, Row)]
        for row in (*rows, *TRANSCRIPT_TABLE.values()):
            error = youtube_errors.failure(row, Asked("video x", languages=("en",)))
            assert not any(advert in str(error).lower() for advert in ADVERTS)
            assert error.message.endswith(".")

    @given(reason=st.text())
    def test_what_youtube_says_stays_one_short_line(self, reason: str) -> None:
        error = from_transcripts(yta.VideoUnplayable(VIDEO, reason, []), Asked("video x"))
        assert "\n" not in error.message
        assert len(error.message) < 300

    def test_the_nearest_base_decides(self) -> None:
        late = requests.exceptions.ReadTimeout("secret address")
        error = from_transcripts(late, Asked("video x"))
        assert error.message == "YouTube did not answer in time for video x."
