"""The summary: what was done, in words, without a model; and nothing of the run stays open."""

from typing import Any

import pytest
from langgraph.runtime import Runtime

from cliptrail.nodes.common.run_scope import run_scope
from cliptrail.nodes.finish import summary
from cliptrail.state.context import Context
from cliptrail.state.evidence import Conflict
from cliptrail.state.research import ResearchState
from cliptrail.state.usage import ModelCall, usage
from tests.nodes.finish.endings import BAD, GUIDE

CALLS = (
    ModelCall(
        id="1",
        role="planner",
        kind="coordination",
        tier="cheap",
        model="openai:x",
        usd=0.25,
        input_tokens=1000,
    ),
    ModelCall(
        id="2",
        role="extract",
        kind="work",
        tier="cheap",
        model="openai:x",
        usd=0.25,
        output_tokens=234,
    ),
)


async def told(**more: Any) -> list[str]:
    facts: dict[str, Any] = {
        "run": "r",
        "status": "failed",
        "stop_reason": "failure",
        "message": "",
        "guide": None,
    }
    state = ResearchState(**{**facts, **more})  # type: ignore[typeddict-item]
    result = await summary(state, runtime=Runtime(context=Context()))
    assert list(result) == ["message", "conversation"]
    return str(result["message"]).splitlines()


@pytest.mark.parametrize(
    ("status", "opening"),
    [
        ("complete", "The guide is complete."),
        ("partial", "The guide is partial."),
        ("failed", "There is no guide."),
    ],
)
async def test_it_opens_with_how_the_run_ended(status: str, opening: str) -> None:
    lines = await told(status=status, message="It is so.", ledger=CALLS, usage=usage(CALLS))
    assert lines == [
        opening,
        "It is so.",
        "2 model calls (1 coordination, 1 work), 1,234 tokens, $0.5000, answered by openai:x.",
    ]


async def test_it_counts_what_the_guide_holds() -> None:
    conflict = Conflict(topic="t", claims=("a", "b"))
    more = {"unverified": (BAD,), "unanswered": ("why", "when"), "conflicts": (conflict,)}
    lines = await told(status="partial", guide=GUIDE.model_copy(update=more))
    assert lines[1] == (
        "1 verified claim from 1 video, 1 point on which the sources do not agree, "
        "1 claim set apart as unverified, 2 questions left open."
    )


async def test_it_names_the_files_and_the_offline_engine() -> None:
    call = CALLS[0].model_copy(update={"model": "offline:rules"})
    lines = await told(files=("/a/x.md", "/a/x.trail.json"), ledger=(call,))
    assert lines[-2:] == ["Written: /a/x.md", "Written: /a/x.trail.json"]
    assert "answered by the offline engine (rules, not a language model)." in lines[1]
    assert "answered by no model." in (await told())[1]


async def test_nothing_of_the_run_stays_open() -> None:
    before = run_scope("r")
    await told()
    assert run_scope("r") is not before
