"""A server on the loopback that plays YouTube: answers in its form over real TLS connections."""

import contextlib
import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from cliptrail.state.media import Transcript
from cliptrail.tools.settings import Settings, settings
from tests.limits import SOON
from tests.youtube_replies import REPLIES

WATCH, PLAYER, TIMEDTEXT = "/watch", "/youtubei/v1/player", "/api/timedtext"
SEARCH = "/youtubei/v1/search"


@dataclass(frozen=True)
class Asking:
    """A request as the server saw it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What the server says; `manner` "stall" never ends an answer, "reset" cuts the line."""

    body: str | Callable[[Asking], str] = ""
    status: int = 200
    manner: str = "plain"


@dataclass
class Replay:
    """Answers by path. What has no answer gets a 404."""

    host: str
    replies: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asking] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def paths(self) -> list[str]:
        return [a.path for a in self.asked]

    def on(
        self,
        path: str,
        body: str | Callable[[Asking], str] = "",
        *,
        status: int = 200,
        manner: str = "plain",
    ) -> None:
        """Say from now on what is answered at a path; a callable makes the body of a request."""
        self.replies[path] = Answer(body, status, manner)

    def answer(self, asking: Asking) -> Answer:
        self.asked.append(asking)
        reply = self.replies.get(asking.path, Answer("not here", 404))
        body = reply.body(asking) if callable(reply.body) else reply.body
        return Answer(body, reply.status, reply.manner)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    replay: Replay

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *args: Any) -> None:
        pass

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {k.lower(): v for k, v in self.headers.items()}
        asking = Asking(self.command, parts.path, parse_qs(parts.query), headers, body)
        self._send(self.server.replay.answer(asking))

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_CONNECT(self) -> None:
        self._send(self.server.replay.answer(Asking("CONNECT", self.path, {}, {}, b"")))

    def _send(self, answer: Answer) -> None:
        if answer.manner == "stall":
            self.server.replay.over.wait()
            self.close_connection = True
            return
        if answer.manner == "reset":
            # Lingering for no time makes the system send a reset instead of an orderly end.
            line = socket.socket(fileno=self.connection.detach())
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.close()
            self.close_connection = True
            return
        assert isinstance(answer.body, str)
        body = answer.body.encode()
        self.send_response(answer.status)
        kind = "application/json" if body[:1] in (b"{", b"[") else "text/html"
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def _serving(context: ssl.SSLContext | None) -> Iterator[Replay]:
    server = _Server(("127.0.0.1", 0), _Handler)
    if context:
        # The handshake is left to each connection's own thread.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    server.replay = Replay(f"127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.replay
    finally:
        server.replay.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def replay(tls: ssl.SSLContext) -> Iterator[Replay]:
    """A server that plays YouTube, over TLS."""
    with _serving(tls) as server:
        yield server


@pytest.fixture
def proxy() -> Iterator[Replay]:
    """A server that plays a proxy, without TLS."""
    with _serving(None) as server:
        yield server


@pytest.fixture
def captioned(replay: Replay) -> Replay:
    """A YouTube that finds some videos, and on which every video has the same captions."""

    def player(asking: Asking) -> str:
        answer = json.loads(REPLIES["player"])
        answer["videoDetails"]["videoId"] = asking.json["videoId"]
        return json.dumps(answer)

    replay.on(WATCH, REPLIES["watch"])
    replay.on(PLAYER, player)
    replay.on(TIMEDTEXT, REPLIES["captions"])
    replay.on(SEARCH, REPLIES["search"])
    return replay


@pytest.fixture
def youtube(captioned: Replay, monkeypatch: pytest.MonkeyPatch) -> Replay:
    """The same, which this installation takes for YouTube."""
    monkeypatch.setenv("CLIPTRAIL_YOUTUBE_HOST", captioned.host)
    monkeypatch.setenv("CLIPTRAIL_YOUTUBE_PAUSE_S", "0")
    monkeypatch.setenv("CLIPTRAIL_YOUTUBE_TIMEOUT_S", str(SOON))
    settings.cache_clear()
    return captioned


def found_by(youtube: Replay) -> list[str]:
    """The ids of the videos that a YouTube's search finds, best first."""
    body = youtube.replies[SEARCH].body
    assert isinstance(body, str)
    return list(dict.fromkeys(re.findall(r'"videoRenderer":\{"videoId":"([\w-]{11})"', body)))


def find_only(youtube: Replay, number: int) -> None:
    """Let a YouTube's search give no more than its first videos, on one page."""
    body = youtube.replies[SEARCH].body
    assert isinstance(body, str)
    answer = json.loads(body)
    page = answer["contents"]["twoColumnSearchResultsRenderer"]["primaryContents"]
    page["sectionListRenderer"]["contents"] = page["sectionListRenderer"]["contents"][:1]
    listed = page["sectionListRenderer"]["contents"][0]["itemSectionRenderer"]
    listed["contents"] = [row for row in listed["contents"] if "videoRenderer" in row][:number]
    youtube.on(SEARCH, json.dumps(answer, separators=(",", ":")))


def speak(youtube: Replay, talks: Sequence[Transcript]) -> None:
    """Let the videos that a YouTube finds say these things, in turn, each with its own name."""
    said = dict(zip(found_by(youtube), cycle(talks), strict=False))
    usual_player = youtube.replies[PLAYER].body
    assert callable(usual_player)

    def player(asking: Asking) -> str:
        name, answer = asking.json["videoId"], json.loads(usual_player(asking))
        video = said[name].video
        answer["videoDetails"] |= {
            "title": video.title,
            "author": video.channel,
            "lengthSeconds": round(video.duration_s),
        }
        return re.sub(r"(?<=timedtext\?v=)[\w-]{11}", name, json.dumps(answer))

    def captions(asking: Asking) -> str:
        rows = said[asking.query["v"][0]].segments
        lines = (
            f'<text start="{row.start}" dur="{row.duration}">{escape(row.text)}</text>'
            for row in rows
        )
        return f"<transcript>{''.join(lines)}</transcript>"

    youtube.on(PLAYER, player)
    youtube.on(TIMEDTEXT, captions)


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Return settings that know no pause and nothing of this machine."""

    def make(**changes: Any) -> Settings:
        defaults: dict[str, Any] = {
            "data_dir": tmp_path / "data",
            "youtube_pause_s": 0,
            "youtube_timeout_s": SOON,
        }
        return Settings(_env_file=None, **(defaults | changes))

    return make
