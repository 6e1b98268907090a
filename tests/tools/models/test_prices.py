"""Prices: those of genai-prices, nothing for the offline engine, and never a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.tools.models.catalog import OPENAI_BY_TIER, Chosen
from cliptrail.tools.models.prices import price

TOKENS = st.integers(0, 10**6)


def test_a_known_model_has_its_list_price() -> None:
    assert price(Chosen("openai", "gpt-4o-mini"), 1_000_000, 1_000_000) == pytest.approx(0.75)


def test_the_models_used_by_default_have_prices_and_stronger_ones_cost_more() -> None:
    names = (OPENAI_BY_TIER[tier] for tier in ("powerful", "capable", "cheap"))
    dollars = [price(Chosen(*name.split(":")), 1_000_000, 1_000_000) or 0.0 for name in names]
    assert dollars == sorted(dollars, reverse=True)
    assert min(dollars) > 0


@pytest.mark.parametrize(
    "chosen",
    [
        Chosen("openai", "qwen3:8b"),
        Chosen("openai", ""),
        Chosen("ollama", "llama"),
        Chosen("", "x"),
    ],
)
def test_an_unknown_price_is_none(chosen: Chosen) -> None:
    assert price(chosen, 1000, 1000) is None


@given(TOKENS, TOKENS)
def test_offline_costs_nothing_and_more_tokens_never_cost_less(given: int, more: int) -> None:
    assert price(Chosen("offline", "rules"), given, more) == 0.0
    known = Chosen("openai", "gpt-5.4-mini")
    small, large = price(known, given, 0), price(known, given + more, more)
    assert small is not None
    assert large is not None
    assert small <= large
