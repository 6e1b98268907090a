"""Where steps meet: a result is handed over, or it is said that none is coming; nobody hangs."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.nodes.common import step_results
from cliptrail.nodes.common.step_results import Meeting, adjourn, convene, join, leave
from cliptrail.state.steps import StepResult
from cliptrail.tools.sharing import MOST
from tests.limits import SOON

"""Seconds after which a test counts as hanging."""


def done(name: str) -> StepResult:
    return StepResult(id=name, agent="a", status="done", output={})


@pytest.fixture(autouse=True)
def _no_meetings() -> Iterator[None]:
    step_results._MEETINGS.clear()
    yield
    step_results._MEETINGS.clear()


async def outcome(meeting: Meeting, step: str) -> StepResult | None:
    return await asyncio.wait_for(meeting.outcome(step), SOON)


async def test_all_who_wait_get_the_result() -> None:
    convene("run", 1, ["a", "b", "c"])
    meeting = join("run", 1)
    waiting = [asyncio.create_task(outcome(meeting, "a")) for _ in range(3)]
    await asyncio.sleep(0)
    leave(meeting.seat("a"), done("a"))
    assert await asyncio.gather(*waiting) == [done("a")] * 3
    assert await outcome(meeting, "a") == done("a")


async def test_who_waits_for_a_step_that_leaves_without_a_result_is_told() -> None:
    convene("run", 1, ["a"])
    meeting = join("run", 1)
    waiting = asyncio.create_task(outcome(meeting, "a"))
    await asyncio.sleep(0)
    leave(meeting.seat("a"))
    assert await waiting is None


async def test_who_comes_after_it_left_is_told_too_and_does_not_wait_for_ever() -> None:
    convene("run", 1, ["a"])
    meeting = join("run", 1)
    leave(meeting.seat("a"))
    assert await outcome(meeting, "a") is None


async def test_the_step_itself_takes_its_seat_anew() -> None:
    convene("run", 1, ["a"])
    meeting = join("run", 1)
    leave(meeting.seat("a"))
    again = meeting.seat("a")
    waiting = asyncio.create_task(outcome(meeting, "a"))
    await asyncio.sleep(0)
    leave(again, done("a"))
    assert await waiting == done("a")


async def test_the_first_result_stands() -> None:
    meeting = Meeting(complete=True)
    seat = meeting.seat("a")
    leave(seat, done("a"))
    leave(seat)
    assert await outcome(meeting, "a") == done("a")
    assert meeting.seat("a") is seat


async def test_a_step_that_was_not_sent_is_not_waited_for() -> None:
    convene("run", 1, ["a"])
    with pytest.raises(StopIteration) as stopped:  # ends without giving the loop a turn
        join("run", 1).outcome("gone").send(None)
    assert stopped.value.value is None


async def test_one_who_gives_up_does_not_spoil_it_for_the_others() -> None:
    convene("run", 1, ["a"])
    meeting = join("run", 1)
    leaver, stayer = (asyncio.create_task(outcome(meeting, "a")) for _ in range(2))
    await asyncio.sleep(0)
    leaver.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaver
    leave(meeting.seat("a"), done("a"))
    assert await stayer == done("a")


async def test_after_a_restart_a_step_that_starts_late_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(step_results, "GRACE_S", SOON)
    waiting = asyncio.create_task(outcome(join("run", 1), "a"))
    await asyncio.sleep(0)
    seat = join("run", 1).seat("a")
    leave(seat, done("a"))
    assert await waiting == done("a")


async def test_after_a_restart_a_step_that_ended_before_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(step_results, "GRACE_S", 0.001)
    assert await outcome(join("run", 1), "a") is None


def test_what_an_earlier_event_loop_left_does_not_hang() -> None:
    async def first() -> None:
        convene("run", 1, ["finished", "torn", "left"])
        leave(join("run", 1).seat("finished"), done("finished"))
        leave(join("run", 1).seat("left"))

    async def second() -> list[StepResult | None]:
        meeting = join("run", 1)
        rows = [await outcome(meeting, name) for name in ("finished", "torn", "left")]
        leave(meeting.seat("torn"), done("torn"))
        return [*rows, await outcome(meeting, "torn")]

    asyncio.run(first())
    assert asyncio.run(second()) == [done("finished"), None, None, done("torn")]


async def test_rounds_and_runs_meet_apart() -> None:
    convene("run", 1, ["a"])
    convene("run", 2, ["a"])
    convene("other", 1, ["a"])
    leave(join("run", 1).seat("a"), done("a"))
    assert not join("run", 2).seat("a").done()
    adjourn("run")
    assert set(step_results._MEETINGS) == {("other", 1)}
    adjourn("unknown")


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
        meeting = join("run", 1)
        seat = meeting.seat(name)
        try:
            for need in needs[name]:
                if await meeting.outcome(need) is None:
                    return False
            if name not in leavers:
                leave(seat, done(name))
            return name not in leavers
        finally:
            leave(seat)

    async def meet() -> dict[str, bool]:
        step_results._MEETINGS.clear()
        if not restarted:
            convene("run", 1, there)
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


async def test_runs_that_never_come_to_their_tail_are_forgotten_but_not_one_that_goes_on() -> None:
    step_results.convene("goes on", 1, ["a"])
    for number in range(MOST + 5):
        step_results.convene(f"left {number}", 1, ["a"])
        step_results.leave(step_results.join(f"left {number}", 1).seat("a"))
    known = set(step_results._MEETINGS)
    assert len(known) == MOST
    assert ("goes on", 1) in known
    assert ("left 0", 1) not in known
