"""What the tests of whole graphs share: how a run ends, what it wrote, agents that do otherwise."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cliptrail.agents import registry
from cliptrail.agents.context import AgentContext
from cliptrail.state.research import ResearchOutput
from cliptrail.state.trail import Trail
from cliptrail.state.usage import usage
from tests.graphs.playing import Play


async def ended(play: Play, given: dict[str, Any]) -> tuple[dict[str, Any], Trail | None]:
    """Run to the end, and check what holds for every end: what was told, written and paid."""
    output = await play.run(given)
    state = await play.state()
    assert set(output) == set(ResearchOutput.__annotations__)
    assert output["status"] in ("complete", "partial", "failed")
    assert (output["status"] == "complete") <= (output["stop_reason"] == "done")
    assert output["message"].strip()
    assert output["usage"] == usage(state["ledger"])
    assert state["run"]
    return output, trail_of(output)


def trail_of(output: dict[str, Any]) -> Trail | None:
    """The trail that was written, which tells the same as the state."""
    written = [path for path in output["files"] if path.endswith(".trail.json")]
    guides = [path for path in output["files"] if path.endswith(".md")]
    assert len(guides) + len(written) == len(output["files"])
    if not written:
        return None
    trail = Trail.model_validate_json(Path(written[0]).read_bytes())
    assert (trail.status, trail.stop_reason) == (output["status"], output["stop_reason"])
    assert (trail.guide, trail.usage) == (output["guide"], output["usage"])
    assert bool(guides) == (output["guide"] is not None)
    return trail


def files_in(folder: Path) -> list[str]:
    return sorted(str(row.relative_to(folder)) for row in folder.rglob("*") if row.is_file())


def replaced(
    own: dict[str, registry.Agent], name: str, act: Callable[[], None], *, then_work: bool
) -> None:
    """Let an agent do something first, and then its work or nothing."""
    work = own[name].run

    async def run(inputs: Any, ctx: AgentContext) -> Any:
        await asyncio.to_thread(act)
        return await work(inputs, ctx) if then_work else None

    own[name] = replace(own[name], run=run)
