"""Sentences: every word once and in order, split where a reader would, in linear time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.state.media import Segment
from cliptrail.tools.text.sentences import LONGEST, SHORTEST, joined, sentences
from tests.nodes.spoken import TALKS
from tests.work import counted

CAPTIONS = st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9), st.text(max_size=40)), max_size=12)


def captions(*rows: str, pause: float = 0.0) -> list[Segment]:
    return [Segment(start=n * (4 + pause), duration=4, text=text) for n, text in enumerate(rows)]


def split(*rows: str, pause: float = 0.0) -> list[str]:
    segments = captions(*rows, pause=pause)
    text = joined(segments).text
    return [text[row.begin : row.stop] for row in sentences(segments)]


@given(CAPTIONS)
def test_no_word_is_lost_or_repeated(rows: list[tuple[float, float, str]]) -> None:
    start, segments = 0.0, []
    for pause, duration, text in rows:
        segments.append(Segment(start=start, duration=duration, text=text))
        start += pause
    text = joined(segments).text
    assert text.split() == [word for row in segments for word in row.text.split()]
    found = sentences(segments)
    at = 0
    for row in found:
        assert at <= row.begin < row.stop
        assert not text[at : row.begin].strip()
        at = row.stop
    assert not text[at:].strip()


@given(TALKS)
def test_none_is_longer_than_allowed(row: object) -> None:
    segments = row.segments  # type: ignore[attr-defined]
    text = joined(segments).text
    assert all(len(text[s.begin : s.stop].split()) <= LONGEST for s in sentences(segments))


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (("Heat the oil slowly to 55 degrees. Then quench", "the blade in it."), 2),
        (("Ask Dr. Chuck about the heat at 3.5 volts, i.e. not", "more than that."), 1),
        (("Okay. Yeah. Heat the oil slowly now.",), 1),
        (("把猪里脊放在炉子上。然后加热到五十五度。",), 2),
    ],
)
def test_it_splits_at_stops(rows: tuple[str, ...], found: int) -> None:
    assert len(split(*rows)) == found


def test_it_splits_at_pauses_and_joins_captions_without_one() -> None:
    rows = ("heat the oil to two hundred degrees", "and leave the blade in it for a while")
    assert split(*rows) == [" ".join(rows)]
    assert split(*rows, pause=1.0) == list(rows)


def test_a_long_turn_without_stops_is_split_at_clauses_and_not_inside_a_quantity() -> None:
    turn = "you heat the oil to 220 degrees and then you wait for 1 hour and 10 minutes " * 12
    parts = split(turn)
    assert " ".join(parts) == turn.strip()
    assert all(SHORTEST <= len(part.split()) <= LONGEST for part in parts)
    assert not any(part.endswith(("220", "1", "10")) for part in parts)
    assert not any(part.startswith(("degrees", "hour", "minutes")) for part in parts)


def test_a_podcast_turn_becomes_many_sentences() -> None:
    assert len(split("That is what I think about it, more or less. " * 45)) == 45


@pytest.mark.parametrize(
    "text",
    ["heat it to two hundred and 5 degrees ", "Yeah. ", "wait ", "加热到五十五度。"],
)
def test_twice_the_text_takes_twice_the_work(text: str) -> None:
    small, large = (captions(*[text * 3] * n) for n in (200, 800))
    ratio = counted(lambda: sentences(large)) / counted(lambda: sentences(small))
    assert ratio < 4.8
