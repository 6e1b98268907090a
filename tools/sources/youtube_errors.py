"""What can go wrong at YouTube, as one table: whose error, ours, and what the user reads.

Messages are ours alone: those of the libraries carry advertisements, addresses with keys in
them, and requests for bug reports.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple
from xml.etree.ElementTree import ParseError

import requests.exceptions as http
import youtube_transcript_api as yta

from cliptrail.state.errors import (
    Blocked,
    NoCaptions,
    SourceError,
    SourceUnavailable,
    VideoNotFound,
)


class EmptyTranscript(Exception):
    """The captions were there, but no line of them was understood (an unknown format)."""


class OtherVideo(Exception):
    """YouTube answered with another video than the one asked for."""


@dataclass(frozen=True)
class Asked:
    """What was asked of YouTube when it went wrong."""

    what: str
    """For people, e.g. `video GJLlxj_dtq8` or `the search for "kamado"`."""
    channel: str = ""
    """The channel that was to be searched; empty for all."""
    languages: tuple[str, ...] = ()
    """Caption languages wanted."""
    available: tuple[str, ...] = ()
    """Caption languages that the video has."""


class Row(NamedTuple):
    """One kind of trouble: our error, its message and the user's next step."""

    kind: type[SourceError]
    message: str
    """May name {what}, {channel}, {languages}, {available}, {reason}, {status}."""
    next_step: str = ""


IMPORT: Final = "import a transcript file of it instead"

BLOCKED: Final = Row(
    Blocked,
    "YouTube blocks this network (asked for {what}): the batch stops.",
    "Wait some hours, set a residential proxy (CLIPTRAIL_PROXY), or import transcript files.",
)
ANSWERED: Final = Row(
    SourceUnavailable, "YouTube answered {status} for {what}.", "Try again later."
)
CHANGED: Final = Row(
    SourceUnavailable,
    "YouTube's answer for {what} was not understood: it may have changed its pages.",
    "Upgrade with `pip install -U yt-dlp youtube-transcript-api`, or import transcript files.",
)
UNREACHABLE: Final = Row(
    SourceUnavailable,
    "YouTube could not be reached for {what}: no connection, or none that lasted.",
    "Check the network and CLIPTRAIL_PROXY, or work from a library of imported transcripts.",
)
TIMED_OUT: Final = Row(
    SourceUnavailable,
    "YouTube did not answer in time for {what}.",
    "Try again later, or raise CLIPTRAIL_YOUTUBE_TIMEOUT_S.",
)
PROXY: Final = Row(
    SourceUnavailable,
    "The proxy did not let a request for {what} through.",
    "Check CLIPTRAIL_PROXY; SOCKS, and any proxy of the Data API, need `pip install pysocks`.",
)
NOT_AN_ID: Final = Row(
    VideoNotFound,
    "{what} is not a YouTube id or address.",
    "Give the 11 characters after `v=` in the video's address.",
)
NO_CHANNEL: Final = Row(
    SourceError,
    "YouTube has no channel {channel}, or cannot search in it.",
    "Check the handle, or give the channel's name as it is written on its page.",
)
KEY_REFUSED: Final = Row(
    SourceError,
    "The YouTube Data API refused {what}: {reason}.",
    "Check CLIPTRAIL_YOUTUBE_API_KEY, or set CLIPTRAIL_YOUTUBE_SEARCH=yt-dlp.",
)
QUOTA: Final = Row(
    SourceUnavailable,
    "The quota of the YouTube Data API is used up (asked for {what}).",
    "Wait until midnight in California, or set CLIPTRAIL_YOUTUBE_SEARCH=yt-dlp.",
)

TRANSCRIPT_TABLE: Final[dict[type[Exception], Row]] = {
    yta.TranscriptsDisabled: Row(
        NoCaptions, "{what} has no captions; skipped.", f"If you have its words, {IMPORT}."
    ),
    yta.NoTranscriptFound: Row(
        NoCaptions,
        "{what} has no captions in {languages}; there are {available}.",
        "Ask for one of these languages (CLIPTRAIL_LANGUAGES).",
    ),
    yta.VideoUnavailable: Row(VideoNotFound, "{what} is deleted or private."),
    yta.VideoUnplayable: Row(VideoNotFound, "{what} cannot be played. YouTube says: {reason}."),
    yta.InvalidVideoId: NOT_AN_ID,
    yta.AgeRestricted: Row(
        NoCaptions,
        "{what} is age-restricted: its captions need a sign-in, which cannot be had.",
        f"If you may see it, {IMPORT}.",
    ),
    yta.RequestBlocked: BLOCKED,
    yta.IpBlocked: BLOCKED,
    yta.PoTokenRequired: Row(
        NoCaptions,
        "YouTube refuses the captions of {what} to programs.",
        f"You can {IMPORT}.",
    ),
    yta.YouTubeRequestFailed: ANSWERED,
    yta.YouTubeDataUnparsable: CHANGED,
    yta.FailedToCreateConsentCookie: Row(
        SourceUnavailable,
        "YouTube asks for consent to cookies before {what}, in a form that is not understood.",
        "Upgrade with `pip install -U youtube-transcript-api`, or set a proxy elsewhere.",
    ),
    yta.CouldNotRetrieveTranscript: CHANGED,
    ParseError: Row(
        SourceUnavailable,
        "YouTube sent no readable captions for {what}.",
        f"Try again later, or {IMPORT}.",
    ),
    EmptyTranscript: Row(
        SourceUnavailable,
        "YouTube sent the captions of {what} in a format that is not understood.",
        f"Upgrade with `pip install -U youtube-transcript-api`, or {IMPORT}.",
    ),
    OtherVideo: Row(
        SourceUnavailable, "YouTube answered with another video than {what}.", "Try again later."
    ),
    http.JSONDecodeError: CHANGED,
    http.Timeout: TIMED_OUT,
    http.ProxyError: PROXY,
    http.InvalidSchema: PROXY,
    http.InvalidProxyURL: PROXY,
    http.RequestException: UNREACHABLE,
    OSError: UNREACHABLE,
    # The library reads answers by key, without asking whether they have the shape it expects.
    AttributeError: CHANGED,
    LookupError: CHANGED,
    TypeError: CHANGED,
    ValueError: CHANGED,
}
"""What fetching a transcript may raise; the row of an error's nearest base applies."""

TRANSCRIPT_ERRORS: Final = tuple(TRANSCRIPT_TABLE)

_NO_CHANNEL: Final = re.compile(r"does not exist|resolve url|does not have a", re.IGNORECASE)
_BOT_CHECK: Final = re.compile(r"not a (ro)?bot|captcha|unusual traffic", re.IGNORECASE)


def failure(row: Row, asked: Asked, *, reason: str = "", status: int = 0) -> SourceError:
    """Return the error of a row, its message filled in.

    Args:
        row: a row of this module.
        asked: what was asked for.
        reason: what the other side says; untrusted, so cut to one line of 200 characters.
        status: HTTP status.
    """
    message = row.message.format(
        what=asked.what,
        channel=asked.channel,
        languages=", ".join(asked.languages) or "no language",
        available=", ".join(asked.available) or "none",
        reason=" ".join(reason.split())[:200].rstrip(". ") or "no reason given",
        status=status or "an error",
    )
    return row.kind(message[:1].upper() + message[1:], row.next_step)


def from_transcripts(error: Exception, asked: Asked) -> SourceError:
    """Translate what fetching a transcript raised (one of `TRANSCRIPT_ERRORS`)."""
    row = next(TRANSCRIPT_TABLE[base] for base in type(error).__mro__ if base in TRANSCRIPT_TABLE)
    reason = str(getattr(error, "reason", None) or "")
    # The library knows YouTube's bot check by one exact sentence only; the wording varies.
    if isinstance(error, yta.VideoUnplayable) and _BOT_CHECK.search(reason):
        row = BLOCKED
    answer = error.__context__
    status = answer.response.status_code if isinstance(answer, http.HTTPError) else 0
    return failure(row, asked, reason=reason, status=status)


def from_ytdlp(error: Exception, asked: Asked) -> SourceError:
    """Translate what yt-dlp raised: its own errors hide the cause, which decides."""
    from yt_dlp.networking.exceptions import HTTPError, ProxyError, RequestError

    causes = list(_causes(error))
    said = _said(causes)
    status = next((int(e.status) for e in causes if isinstance(e, HTTPError)), 0)
    if status == 429 or _BOT_CHECK.search(said):
        return failure(BLOCKED, asked)
    if asked.channel and (status == 404 or _NO_CHANNEL.search(said)):
        return failure(NO_CHANNEL, asked)
    if status:
        return failure(ANSWERED, asked, status=status)
    rows = {ProxyError: PROXY, TimeoutError: TIMED_OUT, http.Timeout: TIMED_OUT}
    rows[RequestError] = UNREACHABLE
    for kind, row in rows.items():
        if any(isinstance(e, kind) for e in causes):
            return failure(row, asked)
    return failure(CHANGED, asked)


def _said(causes: Iterable[BaseException]) -> str:
    """Return what yt-dlp itself says, without the query, which its full texts quote."""
    from yt_dlp.utils import ExtractorError

    return " ".join(e.orig_msg for e in causes if isinstance(e, ExtractorError))


def from_data_api(status: int, reasons: str, asked: Asked) -> SourceError:
    """Translate an error answer of the Data API.

    Args:
        status: HTTP status.
        reasons: the `reason` codes of its error details, separated by commas.
        asked: what was asked for.
    """
    if status == 429 or re.search(r"quota|rateLimit|dailyLimit", reasons, re.IGNORECASE):
        return failure(QUOTA, asked)
    row = KEY_REFUSED if 400 <= status < 500 else ANSWERED
    return failure(row, asked, reason=reasons or f"status {status}", status=status)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Return an error and what led to it, each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        # yt-dlp keeps the cause in an attribute of its own, Python in one of two others.
        error = getattr(error, "cause", None) or error.__cause__ or error.__context__
