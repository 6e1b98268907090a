"""Subtitle files as segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.state.errors import UsageError
from cliptrail.state.media import Segment
from cliptrail.tools.subtitles import (
    Cue,
    clean_line,
    has_word_times,
    parse_json3,
    parse_subtitles,
    unroll,
)

BLANK = " "
YOUTUBE_AUTOMATIC = f"""WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.389 align:start position:0%
{BLANK}
melt<00:00:00.480><c> the</c><00:00:01.000><c> butter</c>

00:00:02.389 --> 00:00:02.399 align:start position:0%
melt the butter
{BLANK}

00:00:02.399 --> 00:00:04.000 align:start position:0%
melt the butter
salt<00:00:02.700><c> &amp;</c><00:00:03.000><c> flour</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
salt &amp; flour
{BLANK}

00:00:09.000 --> 00:00:10.000 align:start position:0%
{BLANK}
salt<00:00:09.500><c> &amp; flour</c>
"""

SRT_OF_IT = """1
00:00:00,160 --> 00:00:02,389
melt the butter

2
00:00:02,389 --> 00:00:02,399
melt the butter

3
00:00:02,399 --> 00:00:04,000
melt the butter
salt &amp; flour

4
00:00:04,000 --> 00:00:04,010
salt &amp; flour

5
00:00:09,000 --> 00:00:10,000
salt &amp; flour
"""


@pytest.mark.parametrize(("text", "form"), [(YOUTUBE_AUTOMATIC, "vtt"), (SRT_OF_IT, "srt")])
def test_rolling_repeats_are_removed_and_real_ones_kept(text: str, form: str) -> None:
    assert parse_subtitles(text, form) == (  # type: ignore[arg-type]
        Segment(start=0.16, duration=3.84, text="melt the butter"),
        Segment(start=2.399, duration=1.611, text="salt & flour"),
        Segment(start=9.0, duration=1.0, text="salt & flour"),
    )


def test_as_many_lines_as_possible_are_still_the_old_ones() -> None:
    cues = [Cue(0, 1, ("no", "no")), Cue(1, 2, ("no", "no", "yes"))]
    assert unroll(cues) == (
        Segment(start=0, duration=2, text="no no"),
        Segment(start=1, duration=1, text="yes"),
    )


def test_a_cue_of_two_lines_is_one_segment() -> None:
    vtt = "WEBVTT\n\n00:01.000 --> 00:03.500\n<v Ann><b>Melt</b> the\nbutter &lt; 60 &deg;\n"
    assert parse_subtitles(vtt, "vtt") == (
        Segment(start=1.0, duration=2.5, text="Melt the butter < 60 °"),
    )


def test_sbv_and_byte_order_marks_are_read() -> None:
    sbv = "\ufeff0:00:01.000,0:00:02.000\nmelt the butter\n"
    assert parse_subtitles(sbv, "sbv") == (
        Segment(start=1.0, duration=1.0, text="melt the butter"),
    )


@pytest.mark.parametrize("form", ["vtt", "srt", "sbv"])
@pytest.mark.parametrize("text", ["", "<html>no captions</html>", "1\n2\n3\n"])
def test_another_format_is_refused(text: str, form: str) -> None:
    with pytest.raises(UsageError, match=form.upper()):
        parse_subtitles(text, form)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<00:00:01.000><c> melt</c>", "melt"),
        ("<c.colorE5E5E5>melt</c>", "melt"),
        ('<font color="#fff">melt</font> <i>it</i>', "melt it"),
        (r"{\an8}melt", "melt"),
        ("a < b and c > d", "a < b and c > d"),
        ("I <3 butter", "I <3 butter"),
        ("&lt;b&gt;&nbsp;bold", "<b> bold"),
        ("&amp;lt;", "&lt;"),
        ("\u200bmelt\ufeff  it\x1b[31m", "melt it[31m"),
    ],
)
def test_lines_are_cleaned(raw: str, clean: str) -> None:
    assert clean_line(raw) == clean


def test_word_times_are_the_mark_of_automatic_captions() -> None:
    assert has_word_times(YOUTUBE_AUTOMATIC)
    assert not has_word_times(SRT_OF_IT)


def test_json3_is_read_without_empty_events() -> None:
    data = {
        "wireMagic": "pb3",
        "events": [
            {"tStartMs": 0, "dDurationMs": 9000, "id": 1, "wpWinPosId": 1},
            {"tStartMs": 3000, "dDurationMs": 1500, "segs": [{"utf8": "add\nflour"}]},
            {
                "tStartMs": 160,
                "dDurationMs": 2389,
                "segs": [{"utf8": "melt"}, {"utf8": " the butter", "tOffsetMs": 300}],
            },
            {"tStartMs": 2400, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        ],
    }
    assert parse_json3(data) == (
        Segment(start=0.16, duration=2.389, text="melt the butter"),
        Segment(start=3.0, duration=1.5, text="add flour"),
    )


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({}, "events"),
        ({"events": [{"tStartMs": -1}]}, "events.0.tStartMs"),
        ({"events": [{"tStartMs": 10**400}]}, "events.0.tStartMs"),
        ({"events": [{"segs": [{"utf8": 3}]}]}, "events.0.segs.0.utf8"),
        ([], "the top"),
    ],
)
def test_malformed_json3_names_the_field(data: object, where: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_json3(data)
    assert f"at {where}:" in caught.value.message


WORDS = st.lists(st.sampled_from(["melt", "the", "butter", "no", "yes"]), min_size=1, max_size=4)
LINES = st.lists(st.tuples(WORDS.map(" ".join), st.integers(200, 4000)), max_size=12)


def _stamp(milliseconds: int, point: str) -> str:
    seconds, fraction = divmod(milliseconds, 1000)
    return f"00:{seconds // 60:02}:{seconds % 60:02}{point}{fraction:03}"


def _rolling(lines: list[tuple[str, int]]) -> list[tuple[int, int, list[str]]]:
    """Show lines as YouTube does: each under the one before it, then 10 ms alone."""
    cues: list[tuple[int, int, list[str]]] = []
    now, last = 0, ""
    for line, length in lines:
        cues.append((now, now + length - 10, [last or " ", line]))
        cues.append((now + length - 10, now + length, [line, " "]))
        now, last = now + length, line
    return cues


def _check(segments: tuple[Segment, ...], lines: list[tuple[str, int]]) -> None:
    assert [segment.text for segment in segments] == [line for line, _ in lines]
    starts = [segment.start for segment in segments]
    assert starts == sorted(starts)
    for segment, (_, length) in zip(segments, lines, strict=True):
        assert segment.duration >= length / 1000 - 1e-6


@given(lines=LINES)
def test_rolling_vtt_gives_the_plain_words_once(lines: list[tuple[str, int]]) -> None:
    blocks = [
        f"{_stamp(start, '.')} --> {_stamp(end, '.')} align:start position:0%\n" + "\n".join(rows)
        for start, end, rows in _rolling(lines)
    ]
    _check(parse_subtitles("WEBVTT\n\n" + "\n\n".join(blocks), "vtt"), lines)


@given(lines=LINES.filter(bool))
def test_srt_made_from_rolling_vtt_gives_the_plain_words_once(
    lines: list[tuple[str, int]],
) -> None:
    blocks = [
        f"{number}\n{_stamp(start, ',')} --> {_stamp(end, ',')}\n"
        + "\n".join(filter(str.strip, rows))
        for number, (start, end, rows) in enumerate(_rolling(lines), start=1)
    ]
    _check(parse_subtitles("\n\n".join(blocks), "srt"), lines)


@given(
    st.lists(
        st.builds(
            Cue,
            start=st.floats(0, 100),
            end=st.floats(0, 100),
            lines=st.lists(st.sampled_from("ab"), max_size=3).map(tuple),
        )
    )
)
def test_unrolling_never_invents_and_orders_by_time(cues: list[Cue]) -> None:
    segments = unroll(cues)
    assert len(segments) <= len(cues)
    assert {segment.start for segment in segments} <= {cue.start for cue in cues}
    starts = [segment.start for segment in segments]
    assert starts == sorted(starts)
