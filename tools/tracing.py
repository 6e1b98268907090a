"""Traces of runs for LangSmith and OpenTelemetry: masked, bounded in time, and off by default.

Whatever happens to the traces must not happen to the run: a LangSmith that is down, slow, or
refuses the key is given up, told of once, and waited for a few seconds at the end.
"""

import logging
import os
import threading
import time
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import langsmith
import requests
from langchain_core.runnables.config import ensure_config
from langchain_core.tracers.langchain import LangChainTracer
from langsmith import get_current_run_tree
from langsmith.run_trees import RunTree
from langsmith.utils import (
    LangSmithUserError,
    get_tracer_project,
    is_env_var_truish,
    tracing_is_enabled,
)
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from cliptrail.state.errors import UsageError
from cliptrail.tools.masking import mask
from cliptrail.tools.settings import Settings, settings
from cliptrail.versions import current

LOG = logging.getLogger("cliptrail")
ANSWERS_WITHIN_S = 5.0
"""What one request to LangSmith may take, and the wait for the last ones at a command's end."""
SPANS_WITHIN_S = 3.0
"""What OpenTelemetry's exporter may take for a batch, with all its tries, unless it is set."""
PAUSE_S = 60.0
"""How long a LangSmith that failed is left alone; only a server lives that long."""
PASSING = (429, 500, 502, 503, 504)
"""Answers after which a second try may succeed."""
ONCE_MORE = Retry(
    total=1,
    connect=0,
    read=0,
    status_forcelist=PASSING,
    allowed_methods=None,
    backoff_factor=0.2,
    raise_on_status=False,
    respect_retry_after_header=False,
)
REFUSED = (401, 403)
NO_FAULT = (404, 409)
"""An old LangSmith that does not know of multipart, and a run that it has already."""
TALKATIVE = ("langsmith", "langchain_core.tracers", "opentelemetry")
"""Loggers that tell of every batch that is lost; once is enough, and we do it."""


LOST = "Tracing: %s. The run is not affected; its trace is incomplete."


class Line(requests.Session):
    """The line to LangSmith: hangs up on one that does not answer, and remembers why."""

    def __init__(self) -> None:
        super().__init__()
        # The client does so too, but only after its thread has begun to ask.
        self.mount("http://", HTTPAdapter(max_retries=ONCE_MORE))
        self.mount("https://", HTTPAdapter(max_retries=ONCE_MORE))
        self.trouble = ""
        """Why something was lost; empty if nothing was."""
        self.closing_at = float("inf")
        """When the last request must have ended."""
        self._silent_until = 0.0

    def request(  # type: ignore[override]
        self, method: str, url: str, **given: Any
    ) -> requests.Response:
        """Send a request that ends soon.

        Raises:
            requests.ConnectionError: LangSmith was given up.
            requests.RequestException: nobody answers.
        """
        now = time.monotonic()
        left = min(ANSWERS_WITHIN_S, self.closing_at - now)
        if now < self._silent_until or left <= 0:
            self.tell("the last part was not sent in time")
            raise requests.ConnectionError("LangSmith was given up.")
        try:
            reply = super().request(method, url, **{**given, "timeout": left})
        except requests.RequestException as error:
            self._give_up(url, f"does not answer ({type(error).__name__})")
            raise
        if reply.status_code in REFUSED:
            self._give_up(url, f"refuses the key (HTTP {reply.status_code})")
        elif reply.status_code >= requests.codes.bad and reply.status_code not in NO_FAULT:
            self._give_up(url, f"fails (HTTP {reply.status_code})")
        return reply

    def _give_up(self, url: str, why: str) -> None:
        self._silent_until = time.monotonic() + PAUSE_S
        self.tell(f"LangSmith at {urlsplit(url).netloc.rpartition('@')[2]} {why}")

    def tell(self, why: str) -> None:
        """Say that something is lost, the first time."""
        if not self.trouble:
            self.trouble = why
            LOG.warning(LOST, why)


class _Complaints(logging.Handler):
    """Hears what the libraries log of traces that are lost."""

    def __init__(self, line: Line) -> None:
        super().__init__(logging.ERROR)
        self.line = line

    def emit(self, record: logging.LogRecord) -> None:
        """Tell the first one."""
        self.line.tell(record.getMessage()[:300].strip().rstrip("."))


@dataclass(frozen=True)
class Sender:
    """What sends the traces of this process."""

    client: langsmith.Client
    line: Line
    complaints: _Complaints

    def listen(self) -> None:
        """Hear the libraries' complaints instead of letting them be shown."""
        for logger in map(logging.getLogger, TALKATIVE):
            logger.addHandler(self.complaints)
            logger.propagate = False

    def close(self, wait_s: float) -> None:
        """Send what is left, for so many seconds at most, and give up the rest."""
        end = time.monotonic() + wait_s
        self.line.closing_at = end
        try:
            self.client.flush(timeout=wait_s)
            self._flush_spans(end)
        finally:
            self.line.closing_at = 0.0
            self.client.cleanup(timeout=0)
            for logger in map(logging.getLogger, TALKATIVE):
                logger.removeHandler(self.complaints)
                logger.propagate = True

    def _flush_spans(self, end: float) -> None:
        if self.client.otel_exporter is None:
            return
        provider: Any = import_module("opentelemetry.trace").get_tracer_provider()
        # It takes no time limit seriously, so it gets a thread that nobody must wait for.
        flushing = threading.Thread(target=provider.force_flush, daemon=True)
        flushing.start()
        flushing.join(max(0.0, end - time.monotonic()))


_SENDERS: list[Sender] = []
"""One at most."""


def tracing_wanted() -> bool:
    """Return whether runs are to be traced."""
    return bool(settings().langsmith_tracing) or bool(tracing_is_enabled())


def start_tracing() -> None:
    """Have the runs of this process traced, if that is wanted; called again it does nothing.

    Raises:
        UsageError: what the environment says of tracing cannot be.
    """
    if _SENDERS or not tracing_wanted():
        return
    line = Line()
    client = open_client(settings(), line)
    sender = Sender(client, line, _Complaints(line))
    sender.listen()
    _SENDERS.append(sender)
    langsmith.configure(client=client, enabled=True, project_name=project())


def finish_tracing(wait_s: float = ANSWERS_WITHIN_S) -> str:
    """Send what is left of the traces, and stop tracing.

    Returns:
        Why some of it was lost; empty if nothing was.
    """
    if not _SENDERS:
        return ""
    sender = _SENDERS.pop()
    langsmith.configure(client=None, enabled=None, project_name=None)
    sender.close(wait_s)
    return LOST % sender.line.trouble if sender.line.trouble else ""


def project() -> str:
    """Return the name of the LangSmith project that traces go to."""
    return settings().langsmith_project or get_tracer_project() or "default"


def open_client(given: Settings, line: Line, *, traces: bool = True) -> langsmith.Client:
    """Return a client of LangSmith, and of OpenTelemetry where the environment names it.

    Args:
        given: address, key, and what is masked.
        line: what it speaks over.
        traces: is it there to send traces? Else it starts no thread, and is for calls of its own.

    Raises:
        UsageError: what the environment says of tracing cannot be.
    """
    if traces and any(map(is_env_var_truish, ("OTEL_ENABLED", "OTEL_ONLY"))):
        _need_opentelemetry()
    key = given.langsmith_api_key
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a missing key LangSmith's answer tells
            return langsmith.Client(
                api_url=given.langsmith_endpoint or None,
                api_key=key.get_secret_value() if key else None,
                session=line,
                retry_config=ONCE_MORE,
                anonymizer=mask(given),
                auto_batch_tracing=traces,
                tracing_mode=None if traces else "langsmith",
            )
    except LangSmithUserError as error:
        raise UsageError(f"Tracing: {error}", "Mend the LANGSMITH_ variables.") from error


def _need_opentelemetry() -> None:
    os.environ.setdefault("OTEL_EXPORTER_OTLP_TIMEOUT", f"{SPANS_WITHIN_S:.0f}")
    try:
        import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError as error:
        raise UsageError(
            "LANGSMITH_OTEL_ENABLED needs packages that are not installed.",
            'Install them with: pip install "cliptrail[otel]"',
        ) from error


def describe(name: str, tags: Iterable[str], metadata: dict[str, Any]) -> None:
    """Say in the trace what the node that is running is; where nothing is traced, nothing happens.

    Args:
        name: shown in the tree instead of the node's own; empty to keep that.
        tags: to find it by.
        metadata: to filter by.
    """
    _write(get_current_run_tree(), name, tags, metadata)


def describe_run(name: str, tags: Iterable[str], metadata: dict[str, Any]) -> None:
    """Say in the trace what the whole run is; see `describe`."""
    _write(_root(), name, tags, {"version": current(), **metadata})


def trace_id() -> str:
    """Return the id of the trace that is being made; empty where there is none."""
    node = get_current_run_tree()
    return str(node.trace_id) if node is not None else ""


def _write(node: RunTree | None, name: str, tags: Iterable[str], metadata: dict[str, Any]) -> None:
    if node is None:
        return
    node.name = name or node.name
    node.add_tags([tag for tag in tags if tag not in (node.tags or ())])
    node.add_metadata(metadata)


def _root() -> RunTree | None:
    """The trace's first node: it lies with the tracer until the run ends."""
    node = get_current_run_tree()
    handlers = getattr(ensure_config().get("callbacks"), "handlers", ())
    tracers = (row for row in handlers if isinstance(row, LangChainTracer))
    tracer = next(tracers, None)
    if node is None or tracer is None:
        return None
    return tracer.run_map.get(str(node.trace_id))
