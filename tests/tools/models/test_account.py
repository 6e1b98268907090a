"""The account: what is spent and set aside never passes a limit, in whatever order calls end."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from state.context import Context
from state.errors import BudgetExceeded
from state.usage import ModelCall
from tests.tools.models.model_server import answer, serving
from tools.models.account import Account, Expected, account, close_account
from tools.models.door import Door
from tools.settings import Settings


class Heat(BaseModel):
    degrees: int


def call(name: str, tokens: int = 0, usd: float | None = 0.0) -> ModelCall:
    facts = {"role": "extract", "kind": "work", "tier": "cheap", "model": "openai:any"}
    return ModelCall.model_validate(
        {**facts, "id": name, "input_tokens": tokens - tokens // 2, "output_tokens": tokens // 2}
        | {"usd": usd}
    )


EIGHTHS = st.integers(0, 80).map(lambda n: n / 8)  # sums of these are exact
LIMITS = st.builds(
    Context,
    max_calls=st.integers(0, 5),
    max_tokens=st.none() | st.integers(0, 300),
    budget_usd=st.none() | EIGHTHS,
)
RESERVE = st.tuples(st.just("reserve"), st.builds(Expected, st.integers(0, 100), EIGHTHS))
END = st.tuples(st.sampled_from(["settle", "release"]), st.integers(0, 9))


def held(book: Account) -> tuple[int, int, float]:
    """Calls, tokens and dollars, both spent and set aside."""
    rows = [(row.input_tokens + row.output_tokens, row.usd or 0) for row in book.calls.values()]
    rows += [(row.tokens, row.usd or 0) for row in book.reserved.values()]
    return len(rows), sum(row[0] for row in rows), sum(row[1] for row in rows)


def fits(book: Account, limits: Context) -> bool:
    calls, tokens, usd = held(book)
    return (
        calls <= limits.max_calls
        and (limits.max_tokens is None or tokens <= limits.max_tokens)
        and (limits.budget_usd is None or usd <= limits.budget_usd)
    )


def reserve(book: Account, name: str, expected: Expected, limits: Context) -> None:
    """Reserve, and hold the account to its word in either case."""
    before = held(book)
    grown = Account(dict(book.calls), {**book.reserved, name: expected})
    try:
        book.reserve(name, expected, limits)
    except BudgetExceeded:
        assert not fits(grown, limits)
        assert held(book) == before
    else:
        assert held(book) == held(grown)


@given(LIMITS, st.lists(RESERVE | END, max_size=30))
def test_no_order_of_events_passes_a_limit_and_none_is_refused_for_nothing(
    limits: Context, events: list[tuple[str, Expected | int]]
) -> None:
    book = Account()
    for number, (what, more) in enumerate(events):
        if isinstance(more, Expected):
            reserve(book, str(number), more, limits)
        elif book.reserved:
            name = list(book.reserved)[more % len(book.reserved)]
            expected = book.reserved[name]
            if what == "settle":
                book.settle(call(name, expected.tokens, expected.usd))
            else:
                book.release(name)
            assert name not in book.reserved
        assert fits(book, limits)


@pytest.mark.parametrize(
    ("limits", "expected", "message", "next_step"),
    [
        ({"max_calls": 0}, Expected(0, 0.0), "0 model calls is used up", "--max-calls"),
        ({"max_tokens": 99}, Expected(100, 0.0), "about 100 tokens; 99 of 99", "--max-tokens"),
        ({"budget_usd": 0.5}, Expected(1, 1.0), "$1.0000; $0.5000 of $0.5000", "--budget-usd"),
        ({"budget_usd": 9}, Expected(1, None), "price is not known", "--max-tokens"),
    ],
)
def test_a_refusal_says_what_is_left_and_what_to_do(
    limits: dict[str, float], expected: Expected, message: str, next_step: str
) -> None:
    with pytest.raises(BudgetExceeded) as caught:
        Account().reserve("1", expected, Context.model_validate(limits))
    assert message in caught.value.message
    assert next_step in caught.value.next_step


def test_what_costs_nothing_fits_a_budget_of_nothing() -> None:
    book = Account()
    book.reserve("1", Expected(0, 0.0), Context(max_tokens=0, budget_usd=0))
    assert list(book.reserved) == ["1"]


def test_a_call_that_cost_less_gives_the_rest_back() -> None:
    book, limits = Account(), Context(max_tokens=100)
    book.reserve("1", Expected(90, None), limits)
    with pytest.raises(BudgetExceeded, match="10 of 100 are left"):
        book.reserve("2", Expected(50, None), limits)
    book.settle(call("1", 30))
    book.reserve("2", Expected(50, None), limits)


def test_after_a_restart_the_ledger_counts_once() -> None:
    ledger, limits = [call("1", 60, 0.5), call("2", 30, None)], Context(max_tokens=100)
    book = account("restarted")
    book.absorb(ledger)
    book.absorb(ledger)
    assert held(book) == (2, 90, 0.5)
    with pytest.raises(BudgetExceeded, match="10 of 100"):
        book.reserve("3", Expected(11, None), limits)
    assert account("restarted") is book
    close_account("restarted")
    assert held(account("restarted")) == (0, 0, 0)
    close_account("restarted")


@pytest.mark.parametrize(
    ("limits", "requests"),
    [({"max_calls": 3}, 3), ({"max_tokens": 2 * 3_010}, 2), ({"budget_usd": 0.0}, 0)],
    ids=["calls", "tokens", "dollars"],
)
async def test_of_ten_at_once_only_those_that_fit_reach_the_server(
    limits: dict[str, float], requests: int
) -> None:
    with serving(answer({"degrees": 55})) as server:
        settings = Settings(base_url=server.url, model="openai:gpt-5.4-mini")
        doors = [Door(Context.model_validate(limits), settings, Account())] * 10
        asking = (door.ask("extract", [HumanMessage("?")], Heat) for door in doors)
        came = await asyncio.gather(*asking, return_exceptions=True)
    assert len(server.asked) == requests
    assert came.count(Heat(degrees=55)) == requests
    assert sum(isinstance(row, BudgetExceeded) for row in came) == 10 - requests
