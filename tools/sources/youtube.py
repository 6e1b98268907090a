"""YouTube as a source of videos: search by a backend, transcripts by youtube-transcript-api."""

import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from youtube_transcript_api import NoTranscriptFound, TranscriptList, YouTubeTranscriptApi
from youtube_transcript_api import Transcript as Track

from cliptrail.state.errors import Blocked
from cliptrail.state.media import Segment, Transcript, Video
from cliptrail.state.request import NamedSource
from cliptrail.tools.settings import Settings
from cliptrail.tools.sources.base import VideoSource
from cliptrail.tools.sources.registry import YOUTUBE, Opening, source
from cliptrail.tools.sources.youtube_errors import (
    NOT_AN_ID,
    TRANSCRIPT_ERRORS,
    Asked,
    EmptyTranscript,
    OtherVideo,
    failure,
    from_transcripts,
)
from cliptrail.tools.sources.youtube_search import (
    MAX_RESULTS,
    VIDEO_ID,
    SearchBackend,
    channel_key,
    choose_search,
    video_url,
)

_PUBLISHED: Final = re.compile(r'itemprop="datePublished" content="(\d{4}-\d{2}-\d{2})')


class YouTubeSource:
    """A `VideoSource` for one batch: transcripts one at a time, with pauses.

    Once YouTube has blocked this network, every further call of this object raises `Blocked`
    without a request: asking on prolongs the block. Make a new object for a new batch.

    Args:
        settings: time limit, pause, proxy, key, and the host that stands in for YouTube in tests.
        search: how to search; by default `choose_search(settings)`.
        sleep: waits for a number of seconds.
        jitter: gives a random number between two bounds.

    Raises:
        UsageError: the settings name a search that is unknown, not installed or lacks its key.
    """

    name = YOUTUBE

    def __init__(
        self,
        settings: Settings,
        search: SearchBackend | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._search = search or choose_search(settings)
        self._pause_s = settings.youtube_pause_s
        self._sleep, self._jitter = sleep, jitter
        self._session = _session(settings)
        self._passing = _Passing()
        self._session.hooks["response"].append(self._passing.see)
        self._api = YouTubeTranscriptApi(http_client=self._session)
        self._one_at_a_time = threading.Lock()  # the library is not thread-safe
        self._blocked: Blocked | None = None

    def search(self, query: str, *, channel: str = "", limit: int = 10) -> list[Video]:
        """Return up to `limit` videos, best first; see `VideoSource.search`."""
        self._refuse_if_blocked()
        if limit < 1 or not (query.strip() or channel.strip()):
            return []
        with self._stopping_at_a_block():
            return self._search.search(
                " ".join(query.split()), channel=channel.strip(), limit=min(limit, MAX_RESULTS)
            )

    def transcript(self, video_id: str, *, languages: Sequence[str] = ("en",)) -> Transcript:
        """Return the transcript in the first language there is; see `VideoSource.transcript`.

        In a language, captions made by people come before automatic ones, and "en" also finds
        "en-GB". Title, channel and length are those that YouTube gives along with the captions.
        """
        if not VIDEO_ID.fullmatch(video_id):
            raise failure(NOT_AN_ID, Asked(f'"{video_id}"'))
        wanted = (languages,) if isinstance(languages, str) else tuple(languages)
        with self._one_at_a_time, self._stopping_at_a_block():
            self._refuse_if_blocked()
            if self._pause_s:
                self._sleep(self._jitter(0.5 * self._pause_s, 1.5 * self._pause_s))
            return self._fetch(video_id, wanted)

    def channels(self) -> list[str]:
        """Return nothing: YouTube's channels cannot be listed."""
        return []

    def resolve(self, name: str) -> NamedSource:
        """Tell a handle, an id or an address from a name; what a name stands for, searches show."""
        known = any(channel_key(name))
        return NamedSource(
            name=name, kind="channel" if known else "unknown", channel=name if known else ""
        )

    def _refuse_if_blocked(self) -> None:
        if self._blocked is not None:
            raise Blocked(
                f"{self._blocked.message.rstrip('.')}; it was not asked again.",
                self._blocked.next_step,
            )

    @contextmanager
    def _stopping_at_a_block(self) -> Iterator[None]:
        try:
            yield
        except Blocked as error:
            self._blocked = self._blocked or error
            raise

    def _fetch(self, video_id: str, wanted: tuple[str, ...]) -> Transcript:
        asked = Asked(f"video {video_id}", languages=wanted)
        try:
            tracks = self._api.list(video_id)
            asked = replace(asked, available=tuple(sorted({t.language_code for t in tracks})))
            track = _choose(tracks, wanted)
            video = self._passing.video(track)
            return Transcript(video=video, segments=_segments(track), provenance=self.name)
        except TRANSCRIPT_ERRORS as error:
            raise from_transcripts(error, asked) from error


@source(YOUTUBE, title="YouTube", network=True)
def open_youtube(opening: Opening) -> VideoSource:
    """Searches the web; what is read is kept in your library."""
    return YouTubeSource(opening.settings)


class _Passing:
    """Reads of a video what passes by on the way to its captions, at no further request."""

    def __init__(self) -> None:
        self._page = self._player = requests.Response()

    def see(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Remember the latest watch page and the latest answer of the player."""
        path = urlsplit(response.url).path
        if path == "/watch":
            self._page = response
        elif path.endswith("/player"):
            self._player = response

    def video(self, track: Track) -> Video:
        """Return the video that a track belongs to.

        Raises:
            OtherVideo: YouTube answered with another video than was asked for.
            LookupError: the player's answer does not say what it plays.
        """
        details = self._player.json()["videoDetails"]
        if details["videoId"] != track.video_id:
            raise OtherVideo
        published = _PUBLISHED.search(self._page.text)
        return Video(
            video_id=track.video_id,
            title=details["title"],
            channel=details["author"],
            url=video_url(track.video_id),
            published=published[1] if published else None,
            duration_s=details["lengthSeconds"],
            language=track.language_code,
            captions="auto" if track.is_generated else "manual",
        )


def _choose(tracks: TranscriptList, wanted: tuple[str, ...]) -> Track:
    """Return the best track: by language, then by people, then without a region."""
    for language in wanted:
        fitting = [
            t for t in tracks if f"{t.language_code}-".lower().startswith(f"{language}-".lower())
        ]
        if fitting:
            return min(fitting, key=lambda t: (t.is_generated, len(t.language_code)))
    raise NoTranscriptFound(tracks.video_id, wanted, tracks)


def _segments(track: Track) -> tuple[Segment, ...]:
    """Fetch the lines of a track; a line without words is left out.

    Raises:
        EmptyTranscript: not one line was understood.
    """
    lines = ((line.start, line.duration, " ".join(line.text.split())) for line in track.fetch())
    segments = tuple(Segment(start=s, duration=d, text=text) for s, d, text in lines if text)
    if not segments:
        raise EmptyTranscript
    return segments


def _session(settings: Settings) -> requests.Session:
    """Return a session that cannot wait for ever, by the proxy of the settings."""
    session = requests.Session()
    adapter = _Adapter(settings.youtube_timeout_s, settings.proxy, settings.youtube_host)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _Adapter(HTTPAdapter):
    """Sets a time limit, which the library does not, and the way that a request takes.

    Args:
        timeout_s: seconds to wait for a connection, and for each piece of an answer.
        proxy: address of a proxy; empty for that of the environment, if any.
        host: host:port that is asked instead of any other; empty for the real ones.
    """

    def __init__(self, timeout_s: float, proxy: str, host: str) -> None:
        super().__init__()
        self._timeout_s, self._proxy, self._host = timeout_s, proxy, host

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        """Send a request; see `HTTPAdapter.send`."""
        options["timeout"] = options.get("timeout") or self._timeout_s
        if self._host:
            request = request.copy()
            request.url = urlsplit(request.url or "")._replace(netloc=self._host).geturl()
            # A stand-in has no certificate of YouTube's, and no proxy leads to it.
            options |= {"verify": False, "proxies": {}}
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        elif self._proxy:
            # Here rather than in the session, where the environment's proxy would win.
            options["proxies"] = {"http": self._proxy, "https": self._proxy}
        return super().send(request, *args, **options)
