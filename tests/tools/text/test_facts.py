"""Which wanted fact a heading names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.tools.text.facts import facts_of

FACTS = ("temperatures", "timing", "grill set-up", "pork loin price")


@pytest.mark.parametrize(
    ("section", "facts"),
    [
        ("temperatures", ("temperatures",)),
        ("  TIMING: ", ("timing",)),
        ("Grill setup", ("grill set-up",)),
        ("temperature of the fire", ("temperatures",)),
        ("Timing and temperatures", ("temperatures", "timing")),
        ("the price of the loin", ("pork loin price",)),
        ("price of chicken", ()),
        ("background", ()),
        ("", ()),
        ("…", ()),
    ],
)
def test_a_section_names_facts_by_its_words(section: str, facts: tuple[str, ...]) -> None:
    assert facts_of(section, FACTS) == facts


def test_where_one_thing_is_wanted_every_claim_is_about_it() -> None:
    assert facts_of("background", ("How hot?",)) == ("How hot?",)
    assert facts_of("background", ()) == ()


@given(st.text(max_size=20), st.lists(st.text(max_size=12), max_size=4, unique=True))
def test_only_wanted_facts_are_named_and_each_names_itself(section: str, facts: list[str]) -> None:
    named = facts_of(section, facts)
    assert set(named) <= set(facts)
    assert len(named) == len(set(named))
