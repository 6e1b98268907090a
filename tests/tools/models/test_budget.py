"""The account: what is spent and set aside never passes a limit, in whatever order calls end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.state.context import Context
from cliptrail.state.errors import BudgetExceeded
from cliptrail.state.usage import ModelCall
from cliptrail.tools.models.budget import Need, RunBudget
from tests.limits import SOON


def call(name: str, tokens: int = 0, usd: float | None = 0.0) -> ModelCall:
    facts = {"role": "extract", "kind": "work", "tier": "cheap", "model": "openai:any"}
    return ModelCall.model_validate(
        {**facts, "id": name, "input_tokens": tokens - tokens // 2, "output_tokens": tokens // 2}
        | {"usd": usd}
    )


def need(
    tokens: int,
    least: int = 0,
    most: int = 0,
    price: Callable[[int, int], float | None] | None = None,
) -> Need:
    return Need("openai:any", tokens, least, max(least, most), price or (lambda _, __: 0.0))


def held(book: RunBudget) -> tuple[int, int, float]:
    """Calls, tokens and dollars, both spent and set aside."""
    rows = [(row.input_tokens + row.output_tokens, row.usd or 0) for row in book.calls.values()]
    rows += [(row.tokens, row.usd or 0) for row in book.reserved.values()]
    return len(rows), sum(row[0] for row in rows), fsum(row[1] for row in rows)


def fits(book: RunBudget, limits: Context) -> bool:
    calls, tokens, usd = held(book)
    return (
        calls <= limits.max_calls
        and (limits.max_tokens is None or tokens <= limits.max_tokens)
        and (limits.budget_usd is None or usd <= limits.budget_usd)
    )


PRICE_IN, PRICE_OUT = 0.1, 0.3  # sums of these are rounded


def dollars(tokens_in: int, tokens_out: int) -> float:
    return tokens_in * PRICE_IN + tokens_out * PRICE_OUT


@dataclass(frozen=True)
class Asking:
    """A call: what it says that it needs, what it uses then, and how long it takes."""

    prompt: int
    least: int
    more: int
    prompt_used: int
    answer: int
    turns: int

    @property
    def need(self) -> Need:
        return need(self.prompt, self.least, self.least + self.more, dollars)

    def call(self, name: str, most: int | None) -> ModelCall:
        """The call as it was: the prompt as estimated or shorter, the answer cut at the limit."""
        used = (
            min(self.prompt, self.prompt_used),
            min(self.answer, self.answer if most is None else most),
        )
        facts = {"input_tokens": used[0], "output_tokens": used[1], "usd": dollars(*used)}
        return call(name).model_copy(update=facts)


SMALL = st.integers(0, 40)
ASKING = st.builds(Asking, SMALL, SMALL, SMALL, SMALL, SMALL, st.integers(0, 5))
LIMITS = st.builds(
    Context,
    max_calls=st.integers(0, 8),
    max_tokens=st.none() | st.integers(0, 300),
    budget_usd=st.none() | st.floats(0, 60),
)


@dataclass
class Watched:
    """A run whose account is looked at whenever it changes."""

    limits: Context
    book: RunBudget

    async def ask(self, name: str, asking: Asking) -> str:
        try:
            most = await self.book.reserve(name, asking.need, self.limits)
        except BudgetExceeded:
            assert not self.would_fit_alone(name, asking.need)
            return "refused"
        assert fits(self.book, self.limits)
        limited = self.limits.max_tokens is not None or self.limits.budget_usd is not None
        assert (most is not None) == limited
        assert most is None or asking.need.least <= most <= asking.need.most
        for _ in range(asking.turns):
            await asyncio.sleep(0)
        self.book.settle(asking.call(name, most))
        assert fits(self.book, self.limits)
        return "made"

    def would_fit_alone(self, name: str, wanted: Need) -> bool:
        """Would its least fit beside what is spent, if nothing else were under way?"""
        least = wanted.input_tokens + wanted.least
        rows = {**self.book.calls, name: call(name, least, wanted.usd(wanted.least))}
        calls_left = len(self.book.calls) + len(self.book.reserved) < self.limits.max_calls
        return calls_left and fits(RunBudget(rows), self.limits)


@given(LIMITS, st.lists(st.lists(ASKING, max_size=6), max_size=4))
def test_no_order_of_calls_at_once_passes_a_limit_waits_for_ever_or_is_refused_for_nothing(
    limits: Context, rounds: list[list[Asking]]
) -> None:
    async def run() -> None:
        watched = Watched(limits, RunBudget())
        for number, asked in enumerate(rounds):
            asking = (watched.ask(f"{number}.{place}", row) for place, row in enumerate(asked))
            async with asyncio.timeout(SOON):
                came = await asyncio.gather(*asking)
            assert set(came) <= {"made", "refused"}
            assert not watched.book.reserved

    asyncio.run(run())


@pytest.mark.parametrize(
    ("limits", "wanted", "message", "next_step"),
    [
        ({"max_calls": 0}, need(0), "0 model calls is used up", "--max-calls"),
        ({"max_tokens": 99}, need(60, 40), "about 100 tokens; 99 of 99", "--max-tokens"),
        (
            {"budget_usd": 0.5},
            need(1, 1, 9, lambda _, n: n * 1.0),
            "$1.0000; $0.5000 of $0.5000",
            "--budget-usd",
        ),
        (
            {"budget_usd": 9},
            need(1, price=lambda _, __: None),
            "price of openai:any is not known",
            "--max-tokens",
        ),
    ],
)
async def test_a_refusal_says_what_is_left_and_what_to_do(
    limits: dict[str, float], wanted: Need, message: str, next_step: str
) -> None:
    with pytest.raises(BudgetExceeded) as caught:
        await RunBudget().reserve("1", wanted, Context.model_validate(limits))
    assert message in caught.value.message
    assert next_step in caught.value.next_step


async def test_what_costs_nothing_fits_a_budget_of_nothing() -> None:
    book = RunBudget()
    assert await book.reserve("1", need(0), Context(max_tokens=0, budget_usd=0)) == 0
    assert list(book.reserved) == ["1"]


@pytest.mark.parametrize(
    ("limits", "most"),
    [({}, None), ({"max_tokens": 100}, 40), ({"max_tokens": 50}, 30), ({"budget_usd": 5}, 25)],
    ids=["no limit", "the role's", "the tokens that are left", "the dollars that are left"],
)
async def test_an_answer_may_have_what_its_role_and_the_budget_allow(
    limits: dict[str, float], most: int | None
) -> None:
    wanted = need(20, 10, 40, lambda _, tokens: tokens * 0.2)
    assert await RunBudget().reserve("1", wanted, Context.model_validate(limits)) == most


async def test_a_call_waits_for_what_another_may_give_back() -> None:
    book, limits = RunBudget(), Context(max_tokens=100)
    assert await book.reserve("1", need(10, 20, 500), limits) == 90
    second = asyncio.create_task(book.reserve("2", need(10, 20, 50), limits))
    await asyncio.sleep(0)
    assert list(book.reserved) == ["1"]
    book.settle(call("1", 40))
    assert await second == 50


async def test_a_call_that_waits_is_refused_when_the_other_used_all() -> None:
    book, limits = RunBudget(), Context(max_tokens=100)
    await book.reserve("1", need(10, 20, 500), limits)
    second = asyncio.create_task(book.reserve("2", need(10, 20, 50), limits))
    await asyncio.sleep(0)
    book.settle(call("1", 90))
    with pytest.raises(BudgetExceeded, match="about 30 tokens; 10 of 100 are left"):
        await second


async def test_a_call_that_is_cancelled_while_it_waits_sets_nothing_aside() -> None:
    book, limits = RunBudget(), Context(max_tokens=100)
    await book.reserve("1", need(10, 20, 500), limits)
    second = asyncio.create_task(book.reserve("2", need(10, 20, 50), limits))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    book.settle(call("1", 40))
    assert not book.reserved


async def test_what_is_not_known_to_be_spent_holds_no_budget_in_dollars() -> None:
    book = RunBudget({"1": call("1", 10, None)})
    with pytest.raises(BudgetExceeded, match="What earlier calls of this run cost is not known"):
        await book.reserve("2", need(0), Context(budget_usd=100))
    assert await book.reserve("2", need(0), Context(max_tokens=100)) == 0


async def test_after_a_restart_the_ledger_counts_once() -> None:
    ledger, limits = [call("1", 60, 0.5), call("2", 30, None)], Context(max_tokens=100)
    book = RunBudget()
    book.absorb(ledger)
    book.absorb(ledger)
    assert held(book) == (2, 90, 0.5)
    with pytest.raises(BudgetExceeded, match="10 of 100"):
        await book.reserve("3", need(11), limits)
