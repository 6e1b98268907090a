"""A LangSmith of our own: takes traces and feedback over real HTTP, and OTLP spans beside them.

It answers as https://api.smith.langchain.com does to what the `langsmith` package asks of it, and
keeps every byte, so that a test can also tell what was *not* sent.
"""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, uuid5

import zstandard
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.limits import SOON

KEY = "lsv2_pt_" + "0123456789abcdef" * 2 + "_fedcba9876"
PROJECT_ID = str(uuid5(NAMESPACE_URL, "project"))
INFO = {
    "version": "0.12.0",
    "batch_ingest_config": {
        "use_multipart_endpoint": True,
        "size_limit": 100,
        "size_limit_bytes": 20_971_520,
        "scale_up_nthreads_limit": 16,
        "scale_up_qsize_trigger": 1000,
        "scale_down_nempty_trigger": 4,
    },
    "instance_flags": {"zstd_compression_enabled": True},
}


@dataclass
class Node:
    """A run in LangSmith's sense: one node of a trace's tree."""

    data: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def name(self) -> str:
        return str(self.data["name"])

    @property
    def parent(self) -> str:
        return str(self.data.get("parent_run_id") or "")

    @property
    def tags(self) -> set[str]:
        return set(self.data.get("tags") or ())

    @property
    def metadata(self) -> dict[str, Any]:
        return dict(self.data.get("extra", {}).get("metadata", {}))

    @property
    def ended(self) -> bool:
        return bool(self.data.get("end_time"))


@dataclass(frozen=True)
class Request:
    """What somebody sent, decompressed."""

    method: str
    path: str
    encoding: str
    key: str
    body: bytes


@dataclass
class Recorder:
    """What was sent, and how the server behaves."""

    url: str = ""
    status: int = 202
    """With which traces and feedback are answered."""
    project_status: int = 200
    """With which a question about a project is answered."""
    delay_s: float = 0.0
    """How long each answer takes, unless the recorder is closed before."""
    requests: list[Request] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)

    @property
    def paths(self) -> list[str]:
        return [f"{row.method} {row.path.partition('?')[0]}" for row in list(self.requests)]

    @property
    def sent(self) -> bytes:
        """Everything that was sent."""
        return b"\n".join(row.body for row in list(self.requests))

    @property
    def encodings(self) -> set[str]:
        return {row.encoding for row in list(self.requests) if row.path.endswith("/multipart")}

    @property
    def feedback(self) -> list[dict[str, Any]]:
        return [json.loads(row.body) for row in list(self.requests) if row.path == "/feedback"]

    @property
    def nodes(self) -> dict[str, Node]:
        """Every run of every trace, by id, as it stands after all updates."""
        found: dict[str, Node] = {}
        for row in list(self.requests):
            if row.path.endswith("/runs/multipart"):
                for run, part, value in _parts(row.body):
                    data = found.setdefault(run, Node()).data
                    data.update(value if part is None else {part: value})
        return {node.id: node for node in found.values()}

    @property
    def spans(self) -> list[Span]:
        """Every span that came as OpenTelemetry."""
        found = []
        for row in list(self.requests):
            if row.path.endswith("/v1/traces"):
                message = ExportTraceServiceRequest.FromString(row.body)
                scopes = (scope for spans in message.resource_spans for scope in spans.scope_spans)
                found += [span for scope in scopes for span in scope.spans]
        return found

    def roots(self) -> list[Node]:
        return [node for node in self.nodes.values() if not node.parent]

    def until(self, happened: Callable[[], bool]) -> None:
        """Wait for what background threads send."""
        deadline = time.monotonic() + SOON
        while not happened():
            assert time.monotonic() < deadline, self.paths
            time.sleep(0.02)


def _parts(body: bytes) -> Iterator[tuple[str, str | None, Any]]:
    """The parts of a multipart body: run, field, value; the field is None for the run itself.

    Each part is named post.RUN, patch.RUN, post.RUN.inputs, and so on.
    """
    boundary = body[: body.index(b"\r\n")].removeprefix(b"--")
    head = b"Content-Type: multipart/form-data; boundary=" + boundary + b"\r\n\r\n"
    for part in BytesParser().parsebytes(head + body).get_payload():
        assert not isinstance(part, str)
        name = str(part.get_param("name", header="content-disposition"))
        operation, run, *rest = name.split(".")
        assert operation in {"post", "patch"}, name
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        yield run, rest[0] if rest else None, json.loads(payload)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    recorder: ClassVar[Recorder]

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self._take()
        if self.path == "/info":
            return self._reply(200 if self.recorder.status < 400 else self.recorder.status, INFO)
        if self.path.startswith("/sessions"):
            project = {"id": PROJECT_ID, "tenant_id": PROJECT_ID, "name": "cliptrail"}
            more = {"start_time": "2026-01-01T00:00:00", "reference_dataset_id": None}
            return self._reply(self.recorder.project_status, [project | more])
        return self._reply(404, {"detail": "Not found"})

    def do_POST(self) -> None:
        self._take()
        self._reply(self.recorder.status, {})

    def _take(self) -> None:
        encoding = self.headers.get("content-encoding", "")
        key = self.headers.get("x-api-key", "")
        body = _unpacked(self._body(), encoding)
        self.recorder.take(Request(self.command, self.path, encoding, key, body))

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _reply(self, status: int, answer: Any) -> None:
        if self.recorder.delay_s:
            self.recorder.closed.wait(self.recorder.delay_s)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    return gzip.decompress(body) if encoding == "gzip" else body


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Stay silent about a client that gave up waiting."""


@contextmanager
def recording() -> Iterator[Recorder]:
    """Run a recorder until the end of the block."""
    recorder = Recorder()
    handler = type("Handler", (_Handler,), {"recorder": recorder})
    with _Server(("127.0.0.1", 0), handler) as server:
        recorder.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield recorder
        finally:
            recorder.closed.set()
            server.shutdown()
            thread.join()
