"""YouTube addresses as people paste them: which video or playlist one names."""

import re
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from cliptrail.state.base import Frozen

_HOSTS = frozenset({"youtube.com", "youtu.be", "youtube-nocookie.com"})
_SUBDOMAINS = ("www.", "m.", "music.")
_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
_PLAYLIST = re.compile(r"(?:PL|UU|LL|FL|OL|RD)[A-Za-z0-9_-]{10,64}")
_PATH = re.compile(r"/(?:shorts|embed|live|v)/([^/]+)/?")


class Address(Frozen):
    """What an address names."""

    kind: Literal["video", "playlist"]
    id: str


def read_address(text: str) -> Address | None:
    """Return what an address, or a bare id, names; None if it is neither.

    A video within a playlist means the video.

    Args:
        text: as pasted, e.g. "https://youtu.be/jNQXAC9IVRw?t=3" or "jNQXAC9IVRw".
    """
    text = text.strip()
    if _VIDEO.fullmatch(text):
        return Address(kind="video", id=text)
    if _PLAYLIST.fullmatch(text):
        return Address(kind="playlist", id=text)
    return _of_url(text if "://" in text else f"https://{text}")


def _of_url(text: str) -> Address | None:
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    for prefix in _SUBDOMAINS:
        host = host.removeprefix(prefix)
    if parts.scheme not in ("http", "https") or host not in _HOSTS:
        return None
    asked, path = parse_qs(parts.query), _PATH.fullmatch(parts.path)
    short = parts.path.strip("/") if host == "youtu.be" else ""
    video = short or (path[1] if path else "") or asked.get("v", [""])[0]
    playlist = asked.get("list", [""])[0]
    if _VIDEO.fullmatch(video):
        return Address(kind="video", id=video)
    return Address(kind="playlist", id=playlist) if _PLAYLIST.fullmatch(playlist) else None
