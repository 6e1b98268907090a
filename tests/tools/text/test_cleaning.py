"""A cleaned passage reads like a statement and says what the passage said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.tools.text.cleaning import clean
from cliptrail.tools.text.numbers import numbers
from cliptrail.tools.text.sentences import joined, sentences
from cliptrail.tools.text.tokens import tokens
from tests.talks import FILES, segments_in

SPOKEN = (
    "um uh, you know, like I said, alright so [Music] Meiert: Singh: heat it to 225 degrees and "
    "don't not no never two hundred a half 3 1/2 5 in . , the the (applause) >> ♪ but so now "
    "point five k FR-4 $5 to 10 % : ; I mean, okay 1,150 A – … ? do if well, right, i'm i"
)
speech = st.lists(st.sampled_from(SPOKEN.split()), max_size=25).map(" ".join)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "Meiert: um so, like I said, uh the heat is at, uh, 225 degrees, and",
            "The heat is at 225 degrees.",
        ),
        ("[Music] alright so now we uh don't open it", "We don't open it."),
        ("it's plugged in. Singh: Thanks, Jay.", "It's plugged in. Thanks, Jay."),
        ("well, you know, it holds 3 1/2 cups,", "Well it holds 3 1/2 cups."),
        ("and then i'd turn the the board over", "Then I'd turn the board over."),
        ("30 minutes or so", "30 minutes or so."),
        ("so that the heat escapes", "So that the heat escapes."),
        ("do you know how it works?", "Do you know how it works?"),
        ("Step 2: turn it on", "Step 2: turn it on."),
        ("um, uh [Applause]", ""),
    ],
)
def test_examples(said, shown):
    assert clean(said) == shown


NEGATIONS = {"no", "not", "never", "dont"}


@given(speech | st.text())
def test_numbers_and_negations_are_never_changed(text):
    shown = clean(text)
    assert numbers(shown) == numbers(text)
    kept = [word for word in tokens(shown) if word in NEGATIONS]
    assert kept == [word for word in tokens(text) if word in NEGATIONS]


@given(speech)
def test_a_statement_ends_like_one_and_is_clean(text):
    shown = clean(text)
    assert shown == "" or shown.rstrip("\"'”’)]")[-1] in ".?!"
    assert shown[:1] == shown[:1].upper()
    assert clean(shown) == shown


@given(speech)
def test_no_word_is_invented(text):
    assert set(tokens(clean(text))) <= set(tokens(text))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_sentences_of_all_styles_of_speech_keep_their_numbers(file):
    segments = segments_in(file)
    whole = joined(segments)
    for row in sentences(segments, whole):
        said = whole.text[row.begin : row.stop]
        assert numbers(clean(said)) == numbers(said)
