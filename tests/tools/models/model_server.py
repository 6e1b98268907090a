"""A model server at the far end of the wire: OpenAI's chat completions, and the ways they fail."""

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from typing import Any, Literal, TypeVar

USED = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it."""

    path: str
    headers: Message
    """By name, however it is written."""
    body: dict[str, Any]
    at: float = field(default_factory=time.monotonic)
    """When it came, in seconds."""

    @property
    def method(self) -> str:
        """How structured output was demanded."""
        if "tools" in self.body:
            return "function_calling"
        kind: str = self.body.get("response_format", {}).get("type", "")
        return {"json_schema": "json_schema", "json_object": "json_mode"}.get(kind, kind)


@dataclass(frozen=True)
class Reply:
    """What the server says.

    "stall" says nothing until the server closes, "cut" hangs up, "reset" does so at once, "half"
    hangs up in the middle of the body, "drip" says the body again and again, without an end.
    """

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Literal["plain", "stall", "cut", "reset", "half", "drip"] = "plain"


Say = Callable[[Asked], Reply]


def answer(content: Any, **more: Any) -> Say:
    """Answer with JSON, in the shape that the request demands; a text as it is, JSON or not."""
    text = content if isinstance(content, str) else json.dumps(content)

    def say(asked: Asked) -> Reply:
        if asked.method != "function_calling":
            return completion({"content": text}, **more)
        name = asked.body["tools"][0]["function"]["name"]
        call = {"id": "1", "type": "function", "function": {"name": name, "arguments": text}}
        return completion({"content": None, "tool_calls": [call]}, **more)

    return say


def unknown_tool(asked: Asked) -> Reply:
    """Call a tool that is not there, whatever is asked."""
    function = {"name": "delete_everything", "arguments": '{"degrees": 55}'}
    call = {"id": "1", "type": "function", "function": function}
    return completion({"content": None, "tool_calls": [call]}, finish="tool_calls")


def completion(
    message: dict[str, Any], *, finish: str = "stop", usage: dict[str, int] | None = USED
) -> Reply:
    """Return a complete answer with one message."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    facts = {"id": "1", "object": "chat.completion", "created": 1, "model": "local"}
    return Reply(json.dumps({**facts, "choices": [choice], "usage": usage}))


def metered(tokens: Callable[[], int], content: Any) -> Say:
    """Answer with so many tokens, but no more than the request allows, and count the prompt."""

    def say(asked: Asked) -> Reply:
        prompt = json.dumps([asked.body["messages"], asked.body.get("response_format")])
        wanted = tokens()
        most = asked.body.get("max_completion_tokens", wanted)
        given = {"prompt_tokens": len(prompt) // 4, "completion_tokens": min(wanted, most)}
        usage = {**given, "total_tokens": sum(given.values())}
        text, finish = json.dumps(content), "stop"
        if wanted > most:
            text, finish = text[:-1], "length"
        return completion({"content": text}, finish=finish, usage=usage)

    return say


def streamed(content: Any) -> Say:
    """Answer in pieces, as a server does that was asked to stream; refuse if it was not."""
    text = json.dumps(content)
    facts = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "local"}

    def say(asked: Asked) -> Reply:
        if not asked.body.get("stream"):
            return error(400, "this model only streams")(asked)
        deltas = [{"role": "assistant", "content": ""}, *({"content": sign} for sign in text)]
        rows: list[dict[str, Any]]
        rows = [{"choices": [{"index": 0, "delta": row}]} for row in deltas]
        rows.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if asked.body.get("stream_options", {}).get("include_usage"):
            rows.append({"choices": [], "usage": USED})
        lines = [f"data: {json.dumps({**facts, **row})}\n\n" for row in rows]
        body = "".join([*lines, "data: [DONE]\n\n"])
        return Reply(body, headers={"Content-Type": "text/event-stream"})

    return say


def always(reply: Reply) -> Say:
    """Say this, whatever is asked."""
    return lambda _: reply


def refusal(reason: str) -> Say:
    """Decline to answer."""
    return always(completion({"content": None, "refusal": reason}))


def error(status: int, message: str = "no", **headers: str) -> Say:
    """Answer with an error; headers by name, underscores for dashes."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return always(Reply(json.dumps({"error": {"message": message}}), status, names))


def only(*methods: str, or_else: Say, then: Say) -> Say:
    """Answer requests that demand structured output in one of these ways, as some servers do."""
    return lambda asked: (then if asked.method in methods else or_else)(asked)


STALL = always(Reply(manner="stall"))
CUT = always(Reply(manner="cut"))
RESET = always(Reply(manner="reset"))
HALF = always(replace(completion({"content": "{}"}), manner="half"))
SLOW = always(Reply(" ", manner="drip"))
"""Keeps a connection alive, as proxies do, and never comes to the answer."""
SLOW_STREAM = always(Reply(": wait\n\n", 200, {"Content-Type": "text/event-stream"}, "drip"))
EMPTY = always(Reply(""))
NO_SCHEMA = error(400, "response_format is not supported")


class ModelServer(ThreadingHTTPServer):
    """Says one thing after the other; the last one again and again."""

    def __init__(self, *says: Say) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.over = threading.Event()
        self._says = chain(says, repeat(says[-1]))
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The base URL of its API."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def methods(self) -> list[str]:
        """How structured output was demanded, request by request."""
        return [asked.method for asked in self.asked]

    def next(self, asked: Asked) -> Reply:
        """Note a request and give the reply to it."""
        with self._lock:
            self.asked.append(asked)
            return next(self._says)(asked)


M = TypeVar("M", bound=ModelServer)


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = self.server.next(Asked(self.path, self.headers, body))
        if reply.manner == "stall":
            self.server.over.wait(30)
        if reply.manner in ("plain", "half"):
            self._send(reply)
        elif reply.manner == "drip":
            self._drip(reply)
        else:
            self._hang_up(at_once=reply.manner == "reset")

    def _hang_up(self, *, at_once: bool) -> None:
        self.close_connection = True
        if at_once:  # closed without a farewell: the other side sees a reset
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def _drip(self, reply: Reply) -> None:
        self._begin(reply)
        self.end_headers()
        with suppress(OSError):  # whoever asked has left
            while not self.server.over.wait(0.02):
                self.wfile.write(reply.body.encode())

    def _send(self, reply: Reply) -> None:
        content = reply.body.encode()
        self._begin(reply)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if reply.manner == "half" else content)

    def _begin(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)


@contextmanager
def serving(*says: Say) -> Iterator[ModelServer]:
    """Run a server that says these things."""
    with started(ModelServer(*says)) as server:
        yield server


@contextmanager
def started(server: M) -> Iterator[M]:
    """Run a server until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
