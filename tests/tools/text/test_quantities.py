"""Quantities of a text: whole as they stand, or none where they would not be all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.tools.text.quantities import cut_short, parts_quantity, quantities, whole


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "It took 6 hours and 40 minutes at 46 megabytes a second.",
            "6 hours and 40 minutes; 46 megabytes a second",
        ),
        (
            "Bake 20 to 25 minutes at 250 degrees Fahrenheit",
            "20 to 25 minutes; 250 degrees Fahrenheit",
        ),
        ("about $5 or 7 euros at 50 °C", "$5; 7 euros; 50 °C"),
        ("feed 1:1:1 with 20 grams", "1:1:1; 20 grams"),
        ("one minute later 2 hours", "one minute; 2 hours"),
        ("a 46 minute ramp to 250 degrees", ""),
        ("18 in the tray for 2 hours", ""),
        ("0.3 because two millimetres are left", ""),
        ("no numbers", ""),
    ],
)
def test_quantities_are_whole_or_none(text: str, shown: str) -> None:
    assert "; ".join(quantities(text)) == shown


@pytest.mark.parametrize(
    ("left", "right", "parted"),
    [
        ("it took 1 hour", "and 10 minutes so", True),
        ("it took 1 hour and", "10 minutes so", True),
        ("bake for 20", "to 25 minutes", True),
        ("rest 2 hours", "and a half", True),
        ("it took 1 hour and 10 minutes", "so it is slow", False),
        ("it took 1 hour", "and we had 3 cups", False),
        ("it took 1 hour", "and a half cup of milk", False),
    ],
)
def test_a_cut_within_a_quantity_is_seen(left: str, right: str, parted: bool) -> None:
    assert parts_quantity(left, right) is parted


def test_a_value_that_its_source_also_gives_alone_is_whole() -> None:
    assert cut_short("20 minutes", [whole("20 to 25 minutes or just 20 minutes")]) == []
    assert (
        cut_short("It went up from 250 degrees, slowly", [whole("from 250 to 350 degrees")]) == []
    )
    assert [
        row.said for row in cut_short("up from 250 degrees", [whole("from 250 to 350 degrees")])
    ] == ["250 to 350 degrees"]


SPOKEN = "heat to 20 25 1 half hour hours and minutes . , - degrees $ a or"
WORDS = st.lists(st.sampled_from(SPOKEN.split())).map(" ".join)


@given(WORDS)
def test_no_text_cuts_itself_short(text: str) -> None:
    assert cut_short(text, [whole(text)]) == []


@given(WORDS, WORDS)
def test_what_is_added_is_in_the_source(text: str, source: str) -> None:
    for rest in cut_short(text, [whole(source)]):
        assert rest.words in source
        assert 0 <= rest.at <= len(text)
