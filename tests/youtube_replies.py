"""What YouTube answers, in its own form but with invented videos: as much as its readers read.

`tests/recorded` holds these replies against real ones: every field of ours is a field of theirs.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

VIDEO = "kettle_talk"
"""The video that the player plays."""
TITLE, CHANNEL, PUBLISHED, SECONDS = (
    "Why Kettles Whistle – Really?",
    "Copper Spout",
    "2021-05-06",
    316,
)
CHANNELS = ("Copper Spout", "Quiet Forge", "Salt Cellar", "Bench & Vise", "North Pier")
LANGUAGES = ("zh", "cs", "en", "de", "hi", "ja", "ko", "es")
"""In which people captioned the video; a machine did in English too."""
LINES = (
    (0.0, 1.54, "Fill the kettle no further than the line"),
    (1.54, 4.16, "it whistles <i>only</i> when the lid is shut"),
    (5.0, 0.5, ""),
    (5.7, 3.239, "and that is all there is to a whistle"),
)
Json = dict[str, Any]


def compact(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def runs(text: str, **more: Any) -> Json:
    """A text as YouTube writes one."""
    return {"runs": [{"text": text, **more}]}


# --- search, by the page's own API ---------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A video that a search finds."""

    number: int

    @property
    def id(self) -> str:
        return f"found__{self.number:04}"

    @property
    def channel(self) -> int:
        return self.number % len(CHANNELS)

    def row(self) -> Json:
        channel = f"UC{self.channel:022}"
        by = runs(
            CHANNELS[self.channel], navigationEndpoint={"browseEndpoint": {"browseId": channel}}
        )
        title = f"Part {self.number}: what a test of kettles tells"
        return {
            "videoRenderer": {
                "videoId": self.id,
                "title": runs(title),
                "longBylineText": by,
                "ownerText": by,
                "publishedTimeText": {"simpleText": "2 years ago"},
                "lengthText": {"simpleText": f"{self.number % 50 + 1}:05"},
                "viewCountText": {"simpleText": f"{self.number + 1},204 views"},
            }
        }


def channel_row(number: int) -> Json:
    """A channel among the results."""
    name = CHANNELS[number % len(CHANNELS)]
    return {"channelRenderer": {"channelId": f"UC{number:022}", "title": {"simpleText": name}}}


CONTINUED = {
    "continuationItemRenderer": {
        "trigger": "CONTINUATION_TRIGGER_ON_ITEM_SHOWN",
        "continuationEndpoint": {
            "commandMetadata": {
                "webCommandMetadata": {"sendPost": True, "apiUrl": "/youtubei/v1/search"}
            },
            "continuationCommand": {
                "token": "the-next-page",
                "request": "CONTINUATION_REQUEST_TYPE_SEARCH",
            },
        },
    }
}
"""Beside the results of a page: there is another."""


def first_page(rows: Iterable[Json], *, more: bool = True) -> str:
    """The answer to a search."""
    sections = [{"itemSectionRenderer": {"contents": [*rows]}}, *([CONTINUED] if more else [])]
    column = {"primaryContents": {"sectionListRenderer": {"contents": sections}}}
    return compact(
        {"estimatedResults": "2000", "contents": {"twoColumnSearchResultsRenderer": column}}
    )


def next_page(rows: Iterable[Json], *, more: bool = True) -> str:
    """The answer to a question for more of it."""
    sections = [{"itemSectionRenderer": {"contents": [*rows]}}, *([CONTINUED] if more else [])]
    action = {"appendContinuationItemsAction": {"continuationItems": sections}}
    return compact({"estimatedResults": "2000", "onResponseReceivedCommands": [action]})


def found(*numbers: int) -> list[Json]:
    return [Found(number).row() for number in numbers]


NOTHING = {"backgroundPromoRenderer": {"title": runs("No results found")}}
NO_MORE = {"messageRenderer": {"text": runs("No more results")}}


# --- captions ------------------------------------------------------------------------------------

KEY_PAGE = f"""<!DOCTYPE html><html><head><title>{TITLE}</title></head><body>
<meta itemprop="datePublished" content="{PUBLISHED}T08:00:00-07:00">
<script>ytcfg.set({{"INNERTUBE_API_KEY":"an-invented-key_0"}});</script></body></html>"""
CONSENT = """<!DOCTYPE html><html lang="de"><body>
<form action="https://consent.youtube.com/s" method="POST">{}</form></body></html>"""
CAPTCHA = '<!DOCTYPE html><html><body><div class="g-recaptcha"></div></body></html>'


def track(language: str, video: str = VIDEO, *, automatic: bool = False, more: str = "") -> Json:
    """One of a video's captions."""
    kind = "&kind=asr" if automatic else ""
    return {
        "baseUrl": f"https://www.youtube.com/api/timedtext?v={video}&lang={language}{kind}{more}",
        "name": runs(language.upper()),
        "vssId": f".{language}",
        "languageCode": language,
        **({"kind": "asr"} if automatic else {}),
        "isTranslatable": True,
    }


def details(video: str = VIDEO) -> Json:
    return {
        "videoId": video,
        "title": TITLE,
        "lengthSeconds": str(SECONDS),
        "author": CHANNEL,
    }


def playable(tracks: Sequence[Json], video: str = VIDEO) -> str:
    """The player's answer about a video that it plays."""
    rows = {
        "captionTracks": [*tracks],
        "translationLanguages": [{"languageCode": "fr", "languageName": runs("French")}],
    }
    return compact(
        {
            "playabilityStatus": {"status": "OK", "playableInEmbed": True},
            **({"captions": {"playerCaptionsTracklistRenderer": rows}} if tracks else {}),
            "videoDetails": details(video),
        }
    )


def refused(status: str, reason: str, *more: str) -> str:
    """The player's answer about a video that it does not play."""
    screen = {"reason": runs(reason)}
    if more:
        screen["subreason"] = {"runs": [{"text": part} for part in more]}
    shown = {"playerErrorMessageRenderer": screen}
    return compact(
        {"playabilityStatus": {"status": status, "reason": reason, "errorScreen": shown}}
    )


def tracks(more: str = "") -> list[Json]:
    people = [track(language, more=more) for language in LANGUAGES]
    return [*people[:3], track("en", automatic=True, more=more), *people[3:]]


def captions(lines: Iterable[tuple[float, float, str]]) -> str:
    """A track's lines; YouTube escapes what opens a tag, and not what closes it."""
    rows = (
        f'<text start="{start:g}" dur="{length:g}">{text.replace("<", "&lt;")}</text>'
        for start, length, text in lines
    )
    return f'<?xml version="1.0" encoding="utf-8" ?><transcript>{"".join(rows)}</transcript>'


# --- the Data API --------------------------------------------------------------------------------


def listed(kind: str, items: Iterable[Json]) -> str:
    return compact({"kind": f"youtube#{kind}", "etag": "an-etag", "items": [*items]})


def item(number: int, channel: str = "", *, live: str = "none", kind: str = "video") -> Json:
    """One result of a search by the Data API, which escapes titles as if for a page."""
    name = channel or CHANNELS[number % len(CHANNELS)]
    own = f"UC{number:022}" if kind == "channel" else Found(number).id
    return {
        "kind": "youtube#searchResult",
        "id": {"kind": f"youtube#{kind}", f"{kind}Id": own},
        "snippet": {
            "publishedAt": f"2019-12-{number % 28 + 1:02}T19:00:10.000Z",
            "channelId": f"UC{number % len(CHANNELS):022}",
            "title": f"Don&#39;t boil it dry &amp; other advice, part {number}",
            "description": "All about kettles.",
            "channelTitle": name.replace("&", "&amp;"),
            "liveBroadcastContent": live,
        },
    }


def api_error(code: int, reason: str, domain: str = "usageLimits") -> str:
    row = {"domain": domain, "reason": reason, "message": "No."}
    return compact({"error": {"errors": [row], "code": code, "message": "No."}})


REPLIES = {
    "search": first_page(found(*range(20))),
    "search_next": next_page(found(*range(20, 40))),
    "search_channels": first_page([channel_row(number) for number in range(20)], more=False),
    "search_nothing": first_page([NOTHING], more=False),
    "search_no_more": next_page([NO_MORE], more=False),
    "watch": KEY_PAGE,
    "watch_consent": CONSENT.format('<input type="hidden" name="v" value="cb.20260101-01-p0.de">'),
    "watch_consent_invalid": CONSENT.format(""),
    "watch_too_many_requests": CAPTCHA,
    "player": playable(tracks()),
    "player_other_video": playable([track("en", "other_video")], "other_video"),
    "player_po_token_required": playable(tracks("&exp=xpe")),
    "player_no_captions": playable([]),
    "player_unavailable": refused("ERROR", "This video is unavailable"),
    "player_unplayable": refused("CUSTOM", "Custom Reason", "Sub Reason 1", "Sub Reason 2"),
    "player_age_restricted": refused(
        "LOGIN_REQUIRED", "This video may be inappropriate for some users."
    ),
    "player_request_blocked": refused("LOGIN_REQUIRED", "Sign in to confirm you’re not a bot"),
    "captions": captions(LINES),
    "api_search": listed("searchListResponse", map(item, range(25))),
    "api_search_channel": listed(
        "searchListResponse", (item(number, "Copper Spout") for number in range(5))
    ),
    "api_search_channels": listed(
        "searchListResponse", (item(number, kind="channel") for number in range(5))
    ),
    "api_search_live": listed(
        "searchListResponse",
        (item(number, live=live) for number, live in enumerate(("live", "none", "upcoming"))),
    ),
    "api_error": api_error(400, "keyInvalid"),
    "api_error_simple": compact({"error": "error message"}),
    "api_error_permission": api_error(403, "SERVICE_UNAVAILABLE", "youtube.CoreErrorDomain"),
}
"""Every reply by its name."""
