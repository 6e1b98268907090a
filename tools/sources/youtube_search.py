"""Three ways to search YouTube: yt-dlp (no key), the Data API (a key), and LangChain's old tool."""

import ast
import html
import importlib
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode

from pydantic import TypeAdapter

from cliptrail.state.errors import SourceError, UsageError
from cliptrail.state.media import Video
from cliptrail.tools.settings import Settings
from cliptrail.tools.sources.names import mentions
from cliptrail.tools.sources.youtube_errors import (
    CHANGED,
    NO_CHANNEL,
    PROXY,
    TIMED_OUT,
    UNREACHABLE,
    Asked,
    failure,
    from_data_api,
    from_ytdlp,
)
from cliptrail.tools.text.channels import same_channel

VIDEO_ID: Final = re.compile(r"[A-Za-z0-9_-]{11}")
MAX_RESULTS: Final = 50
"""The most that one search gives: a page of the Data API."""

_CHANNEL: Final = re.compile(
    r"(?:(?:https?://)?(?:www\.|m\.)?youtube\.com/)?"
    r"(?:(?P<handle>@[\w.·-]{2,60})|(?:channel/)?(?P<id>UC[A-Za-z0-9_-]{22}))/?"
)
_LOOKED_AT_FACTOR: Final = 5
MAX_PLAYLIST: Final = 500
"""Most videos of a playlist."""
_FEWEST_LOOKED_AT: Final = 40
"""How many results are looked at for those wanted: channels, repeats, other channels' fall out."""

_MOST_REQUESTS: Final = 30
"""How many pages one listing may ask for: a page may be empty and name a next one, for ever."""

_UNDERSTANDING: Final = (AttributeError, LookupError, TypeError, ValueError)
"""What reading an answer of an unexpected shape raises."""

_log = logging.getLogger(__name__)


class SearchBackend(Protocol):
    """One way to search YouTube. Safe to call from several threads."""

    name: str
    """As `Settings.youtube_search` names it."""

    def search(self, query: str, *, channel: str = "", limit: int = 10) -> list[Video]:
        """Return up to `limit` (1 to 50) videos, best first; see `VideoSource.search`."""
        ...


def choose_search(settings: Settings) -> SearchBackend:
    """Return the backend that the settings name; else the Data API with a key, yt-dlp without.

    Raises:
        UsageError: an unknown name, a missing extra, or a missing key.
    """
    chosen = settings.youtube_search or ("data-api" if settings.youtube_api_key else "yt-dlp")
    backends = {b.name: b for b in (YtDlpSearch, DataApiSearch, CommunitySearch)}
    if chosen not in backends:
        raise UsageError(
            f'There is no YouTube search "{chosen}".',
            f"Set CLIPTRAIL_YOUTUBE_SEARCH to one of: {', '.join(backends)}.",
        )
    return backends[chosen](settings)


def channel_key(channel: str) -> tuple[str, str]:
    """Return a channel's handle ("@name") and id ("UC…"), each empty if `channel` is not one.

    Args:
        channel: a handle, an id, or the address of a channel's page; anything else is a name.
    """
    found = _CHANNEL.fullmatch(channel.strip())
    return (found["handle"] or "", found["id"] or "") if found else ("", "")


def _asked(query: str, channel: str) -> Asked:
    where = f" in channel {channel}" if channel else ""
    return Asked(f'the search for "{query}"{where}', channel=channel)


def video_url(video_id: str) -> str:
    """Return the short address of a video, to which `?t=seconds` can be added."""
    return f"https://youtu.be/{video_id}"


class YtDlpSearch:
    """Search as the website does, by yt-dlp: no key, no quota, but it can be blocked.

    Raises `SourceError` and its children. Nothing is written to disk or to the console.
    """

    name = "yt-dlp"

    def __init__(self, settings: Settings) -> None:
        self._options = _ytdlp_options(settings)

    def search(self, query: str, *, channel: str = "", limit: int = 10) -> list[Video]:
        """Get up to `limit` videos; in a channel's own search where its handle or id is given."""
        asked, (handle, channel_id) = _asked(query, channel), channel_key(channel)
        by_name = channel if not (handle or channel_id) else ""
        if by_name or not channel:
            address, kind = f"ytsearchall:{query} {by_name}".rstrip(), "YoutubeSearch"
        else:
            page = quote(handle, safe="@") or f"channel/{channel_id}"
            words = urlencode({"query": query})
            address, kind = f"https://www.youtube.com/{page}/search?{words}", "YoutubeTab"
        most = max(_FEWEST_LOOKED_AT, limit * _LOOKED_AT_FACTOR)
        return self._listed(
            address, kind, asked, lambda rows: _first_videos(rows, by_name, limit), most
        )

    def playlist(self, playlist_id: str, *, limit: int = MAX_PLAYLIST) -> list[Video]:
        """Return the first `limit` videos of a playlist, in its order, each once.

        Raises:
            SourceError: blocked, unavailable, not there, or not understood.
        """
        address = f"https://www.youtube.com/playlist?list={playlist_id}"
        asked = Asked(f"the playlist {playlist_id}")
        return self._listed(
            address, "YoutubeTab", asked, lambda rows: _first_videos(rows, "", limit), limit
        )

    def _listed(
        self,
        address: str,
        kind: str,
        asked: Asked,
        choose: Callable[[Iterator[dict[str, Any]]], list[Video]],
        most: int,
    ) -> list[Video]:
        """Choose among the first `most` entries of a page that lists videos."""
        # Imported here: half a second that the command line need not pay at every start.
        from yt_dlp import YoutubeDL
        from yt_dlp.utils import YoutubeDLError

        try:
            with YoutubeDL(self._options) as ydl:
                ydl.urlopen = _counted(ydl.urlopen)
                return choose(islice(_entries(ydl, address, kind), most))
        except (YoutubeDLError, OSError, *_UNDERSTANDING) as error:
            raise from_ytdlp(error, asked) from error


def _entries(ydl: Any, address: str, kind: str) -> Iterator[dict[str, Any]]:
    """Return the results of a search page by page: a page is asked for when it is needed."""
    listing = ydl.extract_info(address, download=False, process=False, ie_key=kind)
    if "entries" not in listing:  # some channels send on to that of the visitor's country
        listing = ydl.extract_info(listing["url"], download=False, process=False, ie_key=kind)
    some = False
    try:
        for entry in listing["entries"]:
            some = True
            yield entry
    except _TooManyRequestsError:
        if not some:
            raise LookupError from None


class _TooManyRequestsError(Exception):
    """One listing asked for page after page."""


def _counted(send: Callable[..., Any]) -> Callable[..., Any]:
    """Return a way to send requests that ends after `_MOST_REQUESTS`."""
    left = iter(range(_MOST_REQUESTS))

    def counted(*args: Any, **options: Any) -> Any:
        if next(left, None) is None:
            raise _TooManyRequestsError
        return send(*args, **options)

    return counted


def _first_videos(entries: Iterable[dict[str, Any]], by: str, limit: int) -> list[Video]:
    """Return the first videos among results, each once, of one channel if it is named."""
    videos: dict[str, Video] = {}
    for entry in entries:
        if _is_video(entry) and (
            not by or _is_by(entry, by) or mentions(by, entry.get("title") or "")
        ):
            videos.setdefault(entry["id"], _video_of_entry(entry))
        if len(videos) == limit:
            break
    return list(videos.values())


class _Quiet:
    """Takes what yt-dlp would print, and keeps it for those who debug."""

    def debug(self, message: str) -> None:
        _log.debug(message)

    info = warning = error = debug


def _ytdlp_options(settings: Settings) -> dict[str, Any]:
    """Options under which yt-dlp lists a search: silent, bounded, leaving no trace."""
    # Without the first argument an answer that lacks its results counts as "nothing found".
    arguments = {"youtube": {"raise_incomplete_data": ["1"]}}
    options: dict[str, Any] = {
        "quiet": True,
        "no_warnings": True,
        "noprogress": True,
        "logger": _Quiet(),
        "cachedir": False,
        "socket_timeout": settings.youtube_timeout_s,
        "extractor_retries": 1,
        "extractor_args": arguments,
    }
    if settings.proxy:
        options["proxy"] = settings.proxy
    if settings.youtube_host:
        arguments["youtube"]["innertube_host"] = [settings.youtube_host]
        # The first page's address cannot be replaced; the API gives all that it would.
        arguments["youtubetab"] = {"skip": ["webpage"]}
        options |= {"nocheckcertificate": True, "proxy": ""}
    return options


def _is_video(entry: dict[str, Any]) -> bool:
    """Tell videos from channels and playlists, and from what is still to be streamed."""
    finished = entry.get("live_status") not in ("is_upcoming", "is_live")
    return finished and VIDEO_ID.fullmatch(entry.get("id") or "") is not None


def _is_by(entry: dict[str, Any], channel: str) -> bool:
    return any(same_channel(channel, entry.get(k) or "") for k in ("channel", "uploader_id"))


def _video_of_entry(entry: dict[str, Any]) -> Video:
    return Video(
        video_id=entry["id"],
        title=entry.get("title") or "",
        channel=entry.get("channel") or "",
        url=video_url(entry["id"]),
        duration_s=entry.get("duration") or 0,
    )


class DataApiSearch:
    """Search by the YouTube Data API v3: exact dates, never blocked, but 100 searches a day."""

    name = "data-api"

    def __init__(self, settings: Settings) -> None:
        if settings.youtube_api_key is None:
            raise UsageError(
                "Searching by the YouTube Data API needs a key.",
                "Set CLIPTRAIL_YOUTUBE_API_KEY, or CLIPTRAIL_YOUTUBE_SEARCH=yt-dlp.",
            )
        self._settings = settings
        self._key = settings.youtube_api_key
        self._google = _extra("googleapiclient.discovery", "data-api")
        self._errors = _extra("googleapiclient.errors", "data-api")
        self._httplib2 = _extra("httplib2", "data-api")

    def search(self, query: str, *, channel: str = "", limit: int = 10) -> list[Video]:
        """Return up to `limit` videos, with date and length."""
        asked = _asked(query, channel)
        try:
            return self._search(query, channel, limit, asked)
        except self._errors.HttpError as error:
            reasons = _reasons(error)
            # Not `from error`: its text holds the address, and with it the key.
            raise from_data_api(int(error.resp.status), reasons, asked) from None
        except TimeoutError as error:
            raise failure(TIMED_OUT, asked) from error
        except self._httplib2.error.ProxiesUnavailableError as error:
            raise failure(PROXY, asked) from error
        except (OSError, self._httplib2.HttpLib2Error) as error:
            raise failure(UNREACHABLE, asked) from error
        except _UNDERSTANDING as error:
            raise failure(CHANGED, asked) from error

    def _search(self, query: str, channel: str, limit: int, asked: Asked) -> list[Video]:
        with self._service() as service:
            where, by_name = self._channel_filter(service, channel, asked)
            answer = service.search().list(
                part="snippet",
                type="video",
                q=f"{query} {channel}" if by_name else query,
                maxResults=MAX_RESULTS if by_name else limit,
                **where,
            )
            found = [i for i in answer.execute()["items"] if _is_finished(i)]
            if by_name:
                found = [
                    i
                    for i in found
                    if same_channel(channel, _title(i, "channelTitle"))
                    or mentions(channel, _title(i, "title"))
                ]
            ids = [i["id"]["videoId"] for i in found[:limit]]
            lengths = self._lengths(service, ids)
        return [_video_of_item(i, lengths) for i in found[:limit]]

    def _service(self) -> Any:
        """Return the API's client: one a search, for its connection is not thread-safe."""
        host, proxy = self._settings.youtube_host, self._settings.proxy
        connection: dict[str, Any] = {"timeout": self._settings.youtube_timeout_s}
        if host:
            connection |= {"disable_ssl_certificate_validation": True, "proxy_info": None}
        elif proxy:
            connection["proxy_info"] = self._httplib2.proxy_info_from_url(proxy)
        return self._google.build(
            "youtube",
            "v3",
            developerKey=self._key.get_secret_value(),
            http=self._httplib2.Http(**connection),
            static_discovery=True,
            client_options={"api_endpoint": f"https://{host}/"} if host else None,
        )

    @staticmethod
    def _channel_filter(service: Any, channel: str, asked: Asked) -> tuple[dict[str, str], bool]:
        """Return the search's parameters for a channel, and whether to filter by its name."""
        handle, channel_id = channel_key(channel)
        if handle:
            known = service.channels().list(part="id", forHandle=handle).execute().get("items")
            if not known:
                raise failure(NO_CHANNEL, asked)
            channel_id = known[0]["id"]
        return ({"channelId": channel_id} if channel_id else {}), bool(channel and not channel_id)

    @staticmethod
    def _lengths(service: Any, ids: list[str]) -> dict[str, float]:
        """Return the lengths of videos in seconds: a search does not tell them."""
        if not ids:
            return {}
        answer = service.videos().list(part="contentDetails", id=",".join(ids)).execute()
        details = {i["id"]: i.get("contentDetails", {}) for i in answer["items"]}
        return {k: _seconds(d["duration"]) for k, d in details.items() if "duration" in d}


def _seconds(iso_duration: str) -> float:
    return TypeAdapter(timedelta).validate_python(iso_duration).total_seconds()


def _is_finished(item: dict[str, Any]) -> bool:
    return "videoId" in item["id"] and item["snippet"].get("liveBroadcastContent") in (None, "none")


def _title(item: dict[str, Any], field: str) -> str:
    """Return a text of a search result, which the API escapes as if for a page."""
    return html.unescape(item["snippet"].get(field, ""))


def _reasons(error: Any) -> str:
    """Return the codes of an error answer, e.g. "quotaExceeded"; empty where it has none."""
    details: Iterable[Any] = error.error_details if isinstance(error.error_details, list) else ()
    return ", ".join(str(d["reason"]) for d in details if isinstance(d, dict) and "reason" in d)


def _video_of_item(item: dict[str, Any], lengths: dict[str, float]) -> Video:
    video_id = item["id"]["videoId"]
    return Video(
        video_id=video_id,
        title=_title(item, "title"),
        channel=_title(item, "channelTitle"),
        url=video_url(video_id),
        published=item["snippet"]["publishedAt"][:10],
        duration_s=lengths.get(video_id, 0),
    )


class CommunitySearch:
    """Search by langchain-community's YouTubeSearchTool, for those who have built on it.

    Prefer the others: the package is sunset (archived in June 2026), and the tool gives bare
    addresses, without title, channel, date or length; it cannot search in a channel, takes a
    comma for the end of the query (commas are replaced by spaces here), and knows neither time
    limit nor proxy.
    """

    name = "community"

    def __init__(self, settings: Settings) -> None:
        del settings  # the tool takes none
        note = "It is sunset and gives bare addresses: CLIPTRAIL_YOUTUBE_SEARCH=yt-dlp is better."
        module = _extra("langchain_community.tools.youtube.search", "community", note)
        _extra("youtube_search", "community", note)
        self._tool = module.YouTubeSearchTool()

    def search(self, query: str, *, channel: str = "", limit: int = 10) -> list[Video]:
        """Return up to `limit` videos, without title or channel."""
        if channel:
            raise SourceError(
                f"The community search cannot search in one channel ({channel}).",
                "Set CLIPTRAIL_YOUTUBE_SEARCH=yt-dlp.",
            )
        asked = _asked(query, "")
        try:
            addresses = ast.literal_eval(self._tool.run(f"{query.replace(',', ' ')},{limit}"))
            ids = [re.split(r"[?&]v=|/shorts/", a)[1][:11] for a in addresses]
        except OSError as error:  # all of requests' errors are of this kind
            raise failure(UNREACHABLE, asked) from error
        except (SyntaxError, *_UNDERSTANDING) as error:
            raise failure(CHANGED, asked) from error
        return [Video(video_id=i, title="", url=video_url(i)) for i in ids if VIDEO_ID.fullmatch(i)]


def _extra(module: str, extra: str, note: str = "") -> Any:
    """Return a module of an optional extra.

    Raises:
        UsageError: the extra is not installed; names the command that installs it.
    """
    try:
        with warnings.catch_warnings():
            # Imports that announce their end or wish for other versions: nothing a user can mend.
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            return importlib.import_module(module)
    except ImportError as error:
        raise UsageError(
            f'The YouTube search "{extra}" is not installed ({error.name or module} is missing).',
            f'Install it with `pip install "cliptrail[{extra}]"`. {note}'.strip(),
        ) from error
