"""The budget: checked before each call, also when calls are made side by side."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from state.context import Context
from state.errors import BudgetExceeded
from state.usage import ModelCall
from tests.nodes.scripted_model import scripted
from tools.models.account import Account, Expected
from tools.models.door import Door
from tools.settings import settings

QUESTION = [HumanMessage("How hot is the oil?")]


class Heat(BaseModel):
    degrees: int


def booked(name: str, tokens: int, usd: float | None) -> ModelCall:
    return ModelCall(
        id=name,
        role="extract",
        kind="work",
        tier="cheap",
        model="openai:any",
        input_tokens=tokens,
        usd=usd,
    )


LIMITS = st.builds(
    Context,
    max_calls=st.integers(0, 6),
    max_tokens=st.none() | st.integers(0, 400),
    budget_usd=st.none() | st.floats(0, 4),
)
COSTS = st.tuples(st.integers(0, 100), st.floats(0, 1))
CALLS = st.lists(st.tuples(COSTS, st.floats(0, 1), st.integers(0, 3)), max_size=20)


@given(LIMITS, CALLS)
def test_no_interleaving_passes_a_limit_while_calls_cost_no_more_than_expected(
    limits: Context, calls: list[tuple[tuple[int, float], float, int]]
) -> None:
    account = Account()
    open_calls: dict[str, tuple[int, float]] = {}
    for number, ((tokens, usd), share, settled) in enumerate(calls):
        try:
            account.reserve(str(number), Expected(tokens, usd), limits)
            open_calls[str(number)] = (int(tokens * share), usd * share)
        except BudgetExceeded:
            assert str(number) not in account.reserved
        for name in list(open_calls)[:settled]:
            account.settle(booked(name, *open_calls.pop(name)))
        spent = list(account.calls.values())
        assert len(spent) + len(account.reserved) <= limits.max_calls
        if limits.max_tokens is not None:
            assert sum(row.input_tokens for row in spent) <= limits.max_tokens
        if limits.budget_usd is not None:
            assert sum(row.usd or 0 for row in spent) <= limits.budget_usd + 1e-9
    assert set(account.reserved) == set(open_calls)


def test_a_budget_in_dollars_needs_a_known_price() -> None:
    with pytest.raises(BudgetExceeded, match="price is not known"):
        Account().reserve("1", Expected(10, None), Context(budget_usd=1))


def test_calls_of_an_earlier_process_count() -> None:
    account = Account()
    account.absorb([booked("1", 10, 0.1), booked("1", 10, 0.1)])
    account.reserve("2", Expected(1, 0.0), Context(max_calls=2))
    with pytest.raises(BudgetExceeded, match="2 model calls"):
        account.reserve("3", Expected(1, 0.0), Context(max_calls=2))


async def test_of_ten_calls_side_by_side_only_those_within_the_budget_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account, limits = Account(), Context(max_calls=3)

    async def ask() -> Any:
        return await Door(limits, settings(), account).ask("extract", QUESTION, Heat)

    with scripted(monkeypatch, *[{"degrees": 180}] * 10) as script:
        results = await asyncio.gather(*(ask() for _ in range(10)), return_exceptions=True)
    assert len(script.prompts) == len(account.calls) == 3
    assert [row.degrees for row in results if isinstance(row, Heat)] == [180] * 3
    assert sum(isinstance(row, BudgetExceeded) for row in results) == 7
    assert not account.reserved


async def test_a_call_that_is_cancelled_is_booked_and_frees_what_was_set_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = Account()
    with scripted(monkeypatch, {"degrees": 180}) as script:
        task = asyncio.create_task(
            Door(Context(), settings(), account).ask("extract", QUESTION, Heat)
        )
        while not account.reserved:  # noqa: ASYNC110 - there is no event of it
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not account.reserved
        assert [row.error for row in account.calls.values()] == ["cancelled"]
        assert len(script.prompts) <= 1
