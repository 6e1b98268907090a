"""Words are folded alike however they are typed, and runs of them are found exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.tools.text.tokens import contains_run, content_words, normalize, stem, tokens

words = st.text(alphabet="abcd", min_size=1, max_size=2)


def test_typography_case_and_space_do_not_count():
    typed = "It’s  “Hot” –\u00a0ＡＢ\n½"
    assert normalize(typed) == 'it\'s "hot" - ab 1/2'


def test_tokens_drop_apostrophes_and_punctuation():
    assert tokens("Don’t use 3.5 V, (ever)!") == ["dont", "use", "3", "5", "v", "ever"]


@given(st.text())
def test_normalizing_and_case_leave_tokens_alone(text):
    assert tokens(normalize(text)) == tokens(text)
    assert normalize(normalize(text)) == normalize(text)


def test_content_words_fold_inflections():
    assert content_words("the temperatures") == content_words("temperature")
    assert content_words("baking") == content_words("bakes") == content_words("baked")
    assert content_words("batteries are planned") == content_words("battery planning")


def test_content_words_keep_negations_and_numbers():
    assert "not" in content_words("do not exceed 128")
    assert "128" in content_words("do not exceed 128")
    assert content_words("that is what we would do with it") == []


@pytest.mark.parametrize("word", ["gas", "bus", "class", "string", "speed", "add", "status"])
def test_stem_does_not_mutilate(word):
    assert stem(word) == word


@given(st.lists(words), st.lists(words, min_size=1), st.lists(words))
def test_a_run_is_found_where_it_first_stands(before, needle, after):
    haystack = [*before, *needle, *after]
    index = contains_run(haystack, needle)
    assert index is not None
    assert index <= len(before)
    assert haystack[index : index + len(needle)] == needle


@given(st.lists(words), st.lists(words, min_size=1))
def test_a_run_is_found_only_if_it_is_there(haystack, needle):
    found = contains_run(haystack, needle)
    joined, wanted = "".join(f"/{w}/" for w in haystack), "".join(f"/{w}/" for w in needle)
    assert (found is None) == (wanted not in joined)


def test_an_empty_quote_is_found_nowhere():
    assert contains_run(["a"], []) is None
