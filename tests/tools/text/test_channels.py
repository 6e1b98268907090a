"""Names of channels: however people spell them they are the same, and never by accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.tools.text.channels import same_channel

NAMES = st.text(max_size=20)


@given(NAMES, NAMES)
def test_sameness_is_mutual_and_nothing_is_no_channel(one: str, other: str) -> None:
    assert same_channel(one, other) == same_channel(other, one)
    assert not same_channel(one, "")
    assert same_channel(one, one) == bool(one.strip())


@given(NAMES, st.sampled_from(" .,'’!-_&@"))
def test_names_are_equal_but_for_punctuation_and_more_letters_make_another(
    name: str, mark: str
) -> None:
    has_letters = any(sign.isalnum() for sign in name)
    assert same_channel(name, f"{mark}{name}{mark}") or not has_letters
    assert not same_channel(name, f"{name}x")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Quiet Forge", "@quietforge", True),
        ("Ｑｕｉｅｔ Forge", "quiet-forge", True),
        ("STRASSE", "straße", True),
        ("日本.ch", "日本ch", True),
        ("♥", " ♥ ", True),
        ("♥", "!", False),
        ("!", "?", False),
        ("", "", False),
        ("Quiet Forge", "Quiet Forge 2", False),
    ],
)
def test_names(one: str, other: str, same: bool) -> None:
    assert same_channel(one, other) == same
