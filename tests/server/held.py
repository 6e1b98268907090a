"""An agent for tests that writes down that it began and waits until it may go on.

Servers under test load this file by CLIPTRAIL_AGENTS; tests import it for the plans that use it.
"""

import asyncio
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.state.plan import Cost

WITHIN_S = 240.0
"""As `tests.limits.SOON`, which a server that loads this file cannot import."""
REQUEST = "How do I rest a brisket?"


class HoldInput(BaseModel):
    """Where to write and to look."""

    folder: str


class HoldOutput(BaseModel):
    """Nothing but that it is over."""

    over: bool


if __name__.startswith("cliptrail_own"):

    @agent(capabilities=("hold",), cost=Cost())
    async def hold(inputs: HoldInput, ctx: AgentContext) -> HoldOutput:
        """Wait for a file."""
        place = Path(inputs.folder)
        await asyncio.to_thread(_write_down, place)
        deadline = time.monotonic() + WITHIN_S
        while not await asyncio.to_thread((place / "open").exists):
            if time.monotonic() > deadline:
                raise TimeoutError("nobody opened")
            await asyncio.sleep(0.02)
        return HoldOutput(over=True)


def _write_down(place: Path) -> None:
    with (place / "begun").open("a", encoding="utf-8") as file:
        file.write("begun\n")


def held_run(folder: Path, name: str) -> dict[str, Any]:
    """The input of a run that reads two videos, waits in `folder`, and goes on to a guide."""
    folder.mkdir(exist_ok=True)
    two = {"for_each": "$search.videos[:2]", "inputs": {"video": "$item"}}
    steps = [
        {"id": "search", "agent": "search", "inputs": {"query": "rest brisket", "limit": 2}},
        {"id": "fetch", "agent": "transcript", **two},
        {
            "id": "wait",
            "agent": "hold",
            "inputs": {"folder": str(folder)},
            "depends_on": ["fetch"],
        },
        {
            "id": "extract",
            "agent": "extract",
            "inputs": {"transcripts": "$fetch"},
            "depends_on": ["wait"],
        },
        {"id": "compose", "agent": "compose", "inputs": {"claims": "$extract.claims"}},
    ]
    stored = {"plan": {"goal": REQUEST, "steps": steps}, "notes": {"topic": "brisket"}}
    return {"request": REQUEST, "output": name, "stored": stored}


def begun(folder: Path) -> int:
    """Return how often the step that waits began."""
    file = folder / "begun"
    return len(file.read_text().splitlines()) if file.exists() else 0


async def held_at(folder: Path, times: int = 1) -> None:
    """Wait until the run has come to the step that waits."""
    deadline = time.monotonic() + WITHIN_S
    while begun(folder) < times:
        assert time.monotonic() < deadline, "the run did not come to the step that waits"
        await asyncio.sleep(0.02)


def let_go(folder: Path) -> None:
    """Let the step go on."""
    (folder / "open").touch()
