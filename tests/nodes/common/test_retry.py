"""A second try: what is done stays, what failed runs, and nothing runs that nobody approved."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.agents import registry
from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent, agents
from cliptrail.nodes.common.retry import retry
from cliptrail.plans.replanning import final
from cliptrail.state.base import Frozen
from cliptrail.state.errors import Blocked
from cliptrail.state.plan import Cost, Instance, Plan, Step
from cliptrail.state.steps import StepResult
from tests.graphs.playing import BRISKET, Play, steps, stored
from tests.nodes.finish.endings import ended, failed, skipped
from tests.nodes.scripted_model import as_answer, scripted

NEEDS = st.lists(st.sets(st.integers(0, 7), max_size=3), max_size=8)
ENDS = st.sampled_from(["done", "failed", "absent", "upstream", "missing"])


def instance(number: int, needs: set[int]) -> Instance:
    earlier = tuple(f"s{need}" for need in sorted(needs) if need < number)
    return Instance(
        id=f"s{number}",
        agent="a",
        needs=earlier,
        tier="cheap",
        accept_partial=False,
    )


def result(name: str, end: str) -> StepResult:
    if end == "done":
        return ended(name, output={})
    return failed(name) if end == "failed" else skipped(name, end)


@given(NEEDS, st.lists(ENDS, min_size=8, max_size=8))
def test_what_stands_needs_nothing_that_does_not(needs: list[set[int]], ends: list[str]) -> None:
    rows = tuple(instance(number, found) for number, found in enumerate(needs))
    results = {
        row.id: result(row.id, end)
        for row, end in zip(rows, ends, strict=False)
        if end != "missing"
    }
    kept = final(rows, results)
    for row, end in zip(rows, ends, strict=False):
        good = end in ("done", "absent") and all(need in kept for need in row.needs)
        assert (row.id in kept) == good
        assert not good or kept[row.id] == results[row.id]


class Nothing(Frozen):
    """No input, no output."""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Register the agent `flaky`, which fails as long as this list is not empty."""
    monkeypatch.setattr(registry, "_AGENTS", agents())
    why = ["blocked"]

    @agent(capabilities=("fail",), cost=Cost())
    async def flaky(inputs: Nothing, ctx: AgentContext) -> Nothing:
        """Fail, or do nothing."""
        if why:
            raise Blocked(why[0])
        return inputs

    return why


async def test_only_what_failed_runs_again(broken: list[str]) -> None:
    play = Play()
    first = await play.ask(BRISKET, stored=stored(Step(id="extra", agent="flaky")))
    assert (first["status"], first["stop_reason"]) == ("partial", "blocked")
    before = await play.state()
    broken.clear()
    second = await play.run(retry(before))  # type: ignore[arg-type]
    after = await play.state()
    assert (second["status"], second["stop_reason"]) == ("complete", "done")
    assert second["files"] == first["files"]
    assert after["ledger"] == before["ledger"]
    kept = {name: row for name, row in after["results"].items() if name != "extra"}
    assert kept == {name: row for name, row in before["results"].items() if name != "extra"}


async def test_what_used_a_failed_step_runs_again_too(broken: list[str]) -> None:
    plan = stored(Step(id="extra", agent="flaky")).model_dump(mode="json")
    plan["plan"]["steps"][3]["depends_on"] = ["extra"]  # the composer accepts partial input
    play = Play()
    await play.ask(BRISKET, stored=plan)
    before = await play.state()
    assert before["results"]["write"].status == "done"
    broken.clear()
    assert (await play.run(retry(before)))["status"] == "complete"  # type: ignore[arg-type]
    after = await play.state()
    assert after["results"]["read"] == before["results"]["read"]
    assert after["results"]["write"] != before["results"]["write"]
    assert [call.step for call in after["ledger"]] == ["read", "write", "write"]


async def test_a_rejected_plan_is_asked_about_again() -> None:
    play = Play(approval="ask")
    await play.ask(BRISKET, stored=stored())
    await play.decide("reject")
    await play.run(retry(await play.state()))  # type: ignore[arg-type]
    assert (await play.question())["args"]["revision"] == 1
    assert (await play.decide("approve"))["status"] == "complete"


FIRST, SECOND = Plan(steps=steps()), Plan(steps=steps("brisket"))
FAULTY = as_answer(Plan(steps=(Step(id="a", agent="nobody"),)))


@pytest.mark.parametrize("answers", [(401,), (FAULTY, FAULTY, FAULTY)], ids=["error", "invalid"])
async def test_a_plan_that_was_sent_back_never_runs(
    answers: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play(approval="ask")
    with scripted(monkeypatch, as_answer(FIRST), *answers, as_answer(SECOND)) as script:
        await play.ask(BRISKET)
        output = await play.decide("reject", message="Not only kamados.")
        assert output["status"] == "failed"
        await play.run(retry(await play.state()))  # type: ignore[arg-type]
    assert script.data("rejection") == "Not only kamados."
    assert (await play.question())["args"]["revision"] == 2
    assert (await play.state())["results"] == {}


async def test_without_a_plan_the_planner_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play(approval="ask")
    with scripted(monkeypatch, 401, as_answer(FIRST)):
        await play.ask(BRISKET)
        await play.run(retry(await play.state()))  # type: ignore[arg-type]
    assert (await play.question())["args"]["revision"] == 1
    assert len((await play.state())["ledger"]) == 2
