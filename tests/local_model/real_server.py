"""Starts the real model's server, and stands between it and the door where a test wants that."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import requests

from cliptrail.tools.settings import Settings
from tests.cli.command import wait_until
from tests.limits import SOON
from tests.tools.models.model_server import Asked, Reply

MODEL = "openai:smollm2"
SERVE = Path(__file__).parent / "serve.py"


@dataclass
class RealServer:
    """The server, and what it said through `relay` and `guided`."""

    process: subprocess.Popen[bytes]
    address: str
    said: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The base URL of its API."""
        return f"{self.address}/v1"

    def settings(self, base_url: str = "", **options: Any) -> Settings:
        """Those of an installation that asks it, or something in between."""
        given = {"model": MODEL, "model_retries": 0, "base_url": base_url or self.url, **options}
        return Settings(**given)

    def busy(self) -> bool:
        """Is it answering somebody?"""
        rows = requests.get(f"{self.address}/slots", timeout=SOON).json()
        return any(row["is_processing"] for row in rows)

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self.process.kill()
        self.process.wait(SOON)

    def relay(self, asked: Asked) -> Reply:
        """Hand a request on as it is."""
        return self._forward(asked.path, asked.body)

    def guided(self, asked: Asked) -> Reply:
        """Honour a tool that the request names, as vLLM does; this server ignores it."""
        body = dict(asked.body)
        (tool,) = body.pop("tools")
        named = body.pop("tool_choice")["function"]["name"]
        schema = {"name": named, "schema": tool["function"]["parameters"]}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
        reply = self._forward(asked.path, body)
        answer = json.loads(reply.body)
        message = answer["choices"][0]["message"]
        function = {"name": named, "arguments": message["content"]}
        message |= {"content": None, "tool_calls": [_call(function)]}
        return Reply(json.dumps(answer), reply.status)

    def _forward(self, path: str, body: dict[str, Any]) -> Reply:
        answer = requests.post(f"{self.address}{path}", json=body, timeout=SOON)
        self.said.append(answer.json())
        return Reply(answer.text, answer.status_code)


class Direct(Protocol):
    """Gives settings that reach a server with nothing in between."""

    def __call__(self, server: RealServer, limit_s: float = 60.0, retries: int = 0) -> Settings: ...


def _call(function: dict[str, str]) -> dict[str, Any]:
    return {"id": "1", "type": "function", "function": function}


@contextmanager
def started(python: str, folder: Path, longest_answer: int = 200) -> Iterator[RealServer]:
    """Run the server; what it prints lies in the folder.

    Args:
        python: the interpreter of its environment.
        folder: for what it prints.
        longest_answer: in tokens; then it cuts off.
    """
    out, err = folder / "address", folder / "log"
    command = [python, str(SERVE), str(longest_answer)]
    with out.open("wb") as says, err.open("wb") as log:
        process = subprocess.Popen(command, stdout=says, stderr=log)
    with process:
        try:
            wait_until(lambda: out.read_bytes().endswith(b"\n") or process.poll() is not None)
            assert process.poll() is None, err.read_text(errors="replace")
            yield RealServer(process, out.read_text().strip())
        finally:
            process.kill()
