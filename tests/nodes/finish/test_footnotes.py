"""Footnotes: each citation once, the quote short and still the source's words in their order."""

from hypothesis import given
from hypothesis import strategies as st

from cliptrail.nodes.finish.footnotes import MOST_WORDS, Footnotes, trimmed
from cliptrail.state.evidence import Citation, Claim

WORDS = st.sampled_from(["heat", "it", "to", "55", "degrees.", "slowly", "um", "wait", "so?"])
TALKS = st.lists(WORDS, min_size=1, max_size=130).map(" ".join)


def cited(quote: str, start: float = 0) -> Citation:
    return Citation(video_id="one", start=start, end=start + 9, quote=quote)


@given(TALKS, st.lists(TALKS, max_size=2))
def test_a_quote_is_cut_at_its_ends_only(quote: str, texts: list[str]) -> None:
    shown = trimmed(quote, texts)
    words = shown.removeprefix("… ").removesuffix(" …")
    assert 1 <= len(words.split()) <= MOST_WORDS
    assert f" {words} " in f" {quote} "
    assert shown.startswith("… ") == (not quote.startswith(words))
    assert (shown == quote) or len(quote.split()) > MOST_WORDS


def test_what_supports_is_shown() -> None:
    before = " ".join(["so anyway hello"] * 20)
    quote = f"{before}. Heat the oil to 55 degrees. {before}"
    assert trimmed(quote, ["The oil must reach 55 degrees."]) == "… Heat the oil to 55 degrees. …"


def test_one_citation_is_numbered_once_whoever_cites_it() -> None:
    both = (cited("heat it", 5), cited("wait", 0))
    notes = Footnotes(
        [
            Claim(id="a", text="Heat it.", citations=both),
            Claim(id="b", text="Wait.", citations=(cited("wait", 0), cited("heat it", 5))),
        ]
    )
    assert notes.marks(["b", "a", "gone"]) == "[^1][^2]"
    assert notes.marks(["a"]) == "[^2][^1]"
    assert [(number, quote) for number, _, quote in notes.rows()] == [(1, "wait"), (2, "heat it")]


def test_a_sentence_that_the_next_one_takes_back_is_not_shown_alone() -> None:
    before = " ".join(["so anyway hello"] * 14)
    quote = f"{before}. It is safe to assume that this supply is isolated. But it is not at all."
    shown = trimmed(quote, ["The supply is not isolated, though it seems safe."])
    assert shown == "… It is safe to assume that this supply is isolated. But it is not at all."


def test_few_marks_stand_behind_a_sentence_that_the_guide_repeats_below() -> None:
    claims = [
        Claim(id=str(n), text="Heat it.", citations=(cited("heat it", n), cited("wait", n)))
        for n in range(4)
    ]
    notes = Footnotes(claims)
    assert notes.marks(["0", "1", "2", "3"], "Heat it.", 3) == "[^1][^2][^3]"
    assert [(row.quote, row.start) for _, row, _ in notes.rows()] == [
        ("heat it", 0),
        ("heat it", 1),
        ("heat it", 2),
    ]
    assert notes.marks(["0"], "Wait.", 1) == "[^4]"


def test_words_that_support_more_are_shown_rather_than_a_whole_sentence_that_supports_little() -> (
    None
):
    long = " ".join(["then the iron and all the small tools go on the pad"] * 5)
    shown = trimmed(
        f"get the gun out. {long} and heat it to 300", ["Heat the pad to 300 with the iron."]
    )
    assert "300" in shown
