"""Results of a round: a result is handed over, or it is said that none is coming; nobody hangs."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.nodes.common import step_results
from cliptrail.nodes.common.step_results import RoundResults, Rounds, publish
from cliptrail.state.steps import StepResult
from tests.limits import SOON


def done(name: str) -> StepResult:
    return StepResult(id=name, agent="a", status="done", output={})


@pytest.fixture
def rounds() -> Rounds:
    return Rounds()


async def outcome(results: RoundResults, step: str) -> StepResult | None:
    return await asyncio.wait_for(results.wait_for(step), SOON)


async def test_all_who_wait_get_the_result(rounds: Rounds) -> None:
    results = rounds.open(1, ["a", "b", "c"])
    waiting = [asyncio.create_task(outcome(results, "a")) for _ in range(3)]
    await asyncio.sleep(0)
    publish(results.expect("a"), done("a"))
    assert await asyncio.gather(*waiting) == [done("a")] * 3
    assert await outcome(results, "a") == done("a")


async def test_who_waits_for_a_step_that_leaves_without_a_result_is_told(rounds: Rounds) -> None:
    results = rounds.open(1, ["a"])
    waiting = asyncio.create_task(outcome(results, "a"))
    await asyncio.sleep(0)
    publish(results.expect("a"))
    assert await waiting is None


async def test_who_comes_after_it_left_is_told_too_and_does_not_wait_for_ever(
    rounds: Rounds,
) -> None:
    results = rounds.open(1, ["a"])
    publish(results.expect("a"))
    assert await outcome(results, "a") is None


async def test_the_step_itself_takes_its_seat_anew(rounds: Rounds) -> None:
    results = rounds.open(1, ["a"])
    publish(results.expect("a"))
    again = results.expect("a")
    waiting = asyncio.create_task(outcome(results, "a"))
    await asyncio.sleep(0)
    publish(again, done("a"))
    assert await waiting == done("a")


async def test_the_first_result_stands() -> None:
    results = RoundResults(complete=True)
    pending = results.expect("a")
    publish(pending, done("a"))
    publish(pending)
    assert await outcome(results, "a") == done("a")
    assert results.expect("a") is pending


async def test_a_step_that_was_not_sent_is_not_waited_for(rounds: Rounds) -> None:
    rounds.open(1, ["a"])
    with pytest.raises(StopIteration) as stopped:  # ends without giving the loop a turn
        rounds.get(1).wait_for("gone").send(None)
    assert stopped.value.value is None


async def test_one_who_gives_up_does_not_spoil_it_for_the_others(rounds: Rounds) -> None:
    results = rounds.open(1, ["a"])
    leaver, stayer = (asyncio.create_task(outcome(results, "a")) for _ in range(2))
    await asyncio.sleep(0)
    leaver.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaver
    publish(results.expect("a"), done("a"))
    assert await stayer == done("a")


async def test_after_a_restart_a_step_that_starts_late_is_waited_for(
    rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_results, "GRACE_S", SOON)
    waiting = asyncio.create_task(outcome(rounds.get(1), "a"))
    await asyncio.sleep(0)
    pending = rounds.get(1).expect("a")
    publish(pending, done("a"))
    assert await waiting == done("a")


async def test_after_a_restart_a_step_that_ended_before_is_given_up(
    rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_results, "GRACE_S", 0.001)
    assert await outcome(rounds.get(1), "a") is None


def test_what_an_earlier_event_loop_left_does_not_hang(rounds: Rounds) -> None:
    async def first() -> None:
        rounds.open(1, ["finished", "torn", "left"])
        publish(rounds.get(1).expect("finished"), done("finished"))
        publish(rounds.get(1).expect("left"))

    async def second() -> list[StepResult | None]:
        results = rounds.get(1)
        rows = [await outcome(results, name) for name in ("finished", "torn", "left")]
        publish(results.expect("torn"), done("torn"))
        return [*rows, await outcome(results, "torn")]

    asyncio.run(first())
    assert asyncio.run(second()) == [done("finished"), None, None, done("torn")]


async def test_rounds_are_kept_apart(rounds: Rounds) -> None:
    rounds.open(1, ["a"])
    rounds.open(2, ["a"])
    publish(rounds.get(1).expect("a"), done("a"))
    assert not rounds.get(2).expect("a").done()


@st.composite
def gatherings(draw: st.DrawFn) -> tuple[list[str], dict[str, list[str]], set[str], set[str]]:
    """Steps in the order in which they start, their needs, who leaves early, who never comes."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 7)))]
    needs = {
        name: draw(st.lists(st.sampled_from(names[:place]), unique=True)) if place else []
        for place, name in enumerate(names)
    }
    some = st.sets(st.sampled_from(names))
    return draw(st.permutations(names)), needs, draw(some), draw(some)


@given(gatherings(), st.booleans())
def test_whoever_leaves_or_never_comes_everybody_gets_an_answer(
    gathering: tuple[list[str], dict[str, list[str]], set[str], set[str]], restarted: bool
) -> None:
    order, needs, leavers, missing = gathering
    there = [name for name in order if name not in missing]

    async def work(name: str) -> bool:
        results = rounds.get(1)
        pending = results.expect(name)
        try:
            for need in needs[name]:
                if await results.wait_for(need) is None:
                    return False
            if name not in leavers:
                publish(pending, done(name))
            return name not in leavers
        finally:
            publish(pending)

    rounds = Rounds()

    async def meet() -> dict[str, bool]:
        if not restarted:
            rounds.open(1, there)
        ends = await asyncio.wait_for(asyncio.gather(*map(work, there)), SOON)
        return dict(zip(there, ends, strict=True))

    def comes(name: str) -> bool:
        return name in there and name not in leavers and all(map(comes, needs[name]))

    grace, step_results.GRACE_S = step_results.GRACE_S, 0.002
    try:
        ends = asyncio.run(meet())
        if restarted:  # then a step may also give up one that only comes late: safe, but slower
            assert all(comes(name) for name, came in ends.items() if came)
        else:
            assert ends == {name: comes(name) for name in there}
    finally:
        step_results.GRACE_S = grace
