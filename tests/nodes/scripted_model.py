"""A model at the far end of the wire: a local server that gives the answers of a script."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cliptrail.state.plan import Plan
from cliptrail.tools.settings import settings
from cliptrail.tools.text.numbered import numbered

MODEL = "openai:scripted"
Answer = dict[str, Any] | int
"""The JSON that the model answers with, or the status of an error."""
Rule = Callable[[str], Answer]
"""What it answers to a prompt."""


class Script:
    """What the model will answer, and what it was asked."""

    def __init__(self, answers: list[Answer], rule: Rule | None = None) -> None:
        self.answers = answers
        self.rule = rule
        self.prompts: list[str] = []

    def next(self, body: dict[str, Any]) -> Answer:
        self.prompts.append("\n".join(str(row["content"]) for row in body["messages"]))
        return self.rule(self.prompts[-1]) if self.rule else self.answers.pop(0)

    def data(self, fence: str, call: int = -1) -> Any:
        """What stood in a fence of a prompt; None if there was no such fence."""
        return fenced(self.prompts[call], fence)


def fenced(prompt: str, fence: str) -> Any:
    """What stands in a fence of a prompt, videos if it holds lines; None if there is none."""
    _, opened, rest = f"\n{prompt}".rpartition(f"\n<{fence}>\n")
    if not opened:
        return None
    inside = rest.partition(f"\n</{fence}>")[0]
    return numbered(inside) if fence == "transcripts" else json.loads(inside)


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"  # connections are kept, as those of real servers

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.server.script.next(body)
        status = answer if isinstance(answer, int) else 200
        content = json.dumps({"error": {}} if isinstance(answer, int) else _completion(answer))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content.encode())


class _Server(ThreadingHTTPServer):
    script: Script


def _completion(answer: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": json.dumps(answer)}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }


@contextmanager
def scripted(
    patch: pytest.MonkeyPatch, *answers: Answer, rule: Rule | None = None
) -> Iterator[Script]:
    """Serve a script, or a rule, and make this installation ask it, once a call."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.script = Script(list(answers), rule)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    patch.setenv("CLIPTRAIL_BASE_URL", f"http://127.0.0.1:{server.server_address[1]}/v1")
    patch.setenv("CLIPTRAIL_MODEL", MODEL)
    patch.setenv("CLIPTRAIL_MODEL_RETRIES", "0")
    settings.cache_clear()
    try:
        yield server.script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def as_answer(plan: Plan, **notes: Any) -> dict[str, Any]:
    """A plan as a model answers it."""
    rows = plan.model_dump(mode="json")
    for step in rows["steps"]:
        step["inputs"] = [{"name": name, "value": value} for name, value in step["inputs"].items()]
    return {**rows, "notes": notes}
