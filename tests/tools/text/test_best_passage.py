"""The passage by which a video is judged before it is read."""

from hypothesis import given
from hypothesis import strategies as st

from cliptrail.state.media import Segment
from cliptrail.tools.text.best_passage import best_passage


def segments(*lines: str) -> list[Segment]:
    return [Segment(start=place, duration=1, text=text) for place, text in enumerate(lines)]


def test_it_is_where_the_telling_words_stand_together() -> None:
    chatter = ["the bread is nice"] * 30
    rows = segments(*chatter, "steam the bread in a dutch oven", *chatter)
    assert "dutch oven" in best_passage(rows, "bread with steam in a dutch oven")


def test_it_is_empty_where_none_of_the_words_is_said() -> None:
    assert best_passage(segments("hello there"), "bread") == ""
    assert best_passage([], "bread") == ""


@given(st.lists(st.text("ab cd", max_size=12), max_size=30), st.text("ab cd", max_size=12))
def test_it_is_one_run_of_what_is_said(lines: list[str], query: str) -> None:
    said = " ".join(" ".join(line.split()) for line in lines)
    assert best_passage(segments(*lines), query).strip() in said
