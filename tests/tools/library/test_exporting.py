"""Transcripts as text, and back."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cliptrail.state.errors import UsageError
from cliptrail.state.media import Segment, Transcript
from cliptrail.tools.library.exporting import EXPORT_FORMATS, export
from cliptrail.tools.library.importing import read_files
from cliptrail.tools.subtitles import parse_subtitles
from tests.tools.library.transcript_strategies import TRANSCRIPTS

Make = Any


@given(transcript=TRANSCRIPTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_comes_back_the_same(tmp_path: Path, transcript: Transcript) -> None:
    path = tmp_path / "t.json"
    path.write_text(export(transcript, "json"), encoding="utf-8", newline="\n")
    assert list(read_files([path])) == [transcript]


def spoken(words: list[str]) -> Transcript:
    from cliptrail.state.media import Video

    segments = tuple(
        Segment(start=n * 5.0 + 0.123, duration=2.0, text=text) for n, text in enumerate(words)
    )
    return Transcript(video=Video(video_id="a1", title="T"), segments=segments)


@given(
    words=st.lists(
        st.text("ab<>&;-12:é\"'\n\t ", min_size=1, max_size=20).filter(str.strip), min_size=1
    )
)
def test_vtt_comes_back_with_the_same_words_and_times(words: list[str]) -> None:
    transcript = spoken(words)
    read = parse_subtitles(export(transcript, "vtt"), "vtt")
    assert [s.text for s in read] == [" ".join(text.split()) for text in words]
    assert [s.start for s in read] == pytest.approx([s.start for s in transcript.segments])


@given(words=st.lists(st.text("abé'-> 12\n", min_size=1).filter(str.strip), min_size=1))
def test_srt_comes_back_with_the_same_times(words: list[str]) -> None:
    transcript = spoken(words)
    read = parse_subtitles(export(transcript, "srt"), "srt")
    assert [s.text for s in read] == [" ".join(w.split()).replace("-->", "→") for w in words]
    assert [s.end for s in read] == pytest.approx([s.end for s in transcript.segments])


def test_txt_is_for_reading(make: Make) -> None:
    text = export(make("a1", "melt the butter", "  ", "add\nflour", title="Roux"), "txt")
    assert text == "Roux\nCrumb Notebook\n\n[0:00] melt the butter\n[0:04] add flour\n"


def test_times_carry_over(make: Make) -> None:
    late = Transcript(
        video=make("a1").video, segments=(Segment(start=3599.9996, duration=1.5, text="late"),)
    )
    assert "01:00:00,000 --> 01:00:01,500" in export(late, "srt")
    assert "01:00:00.000 --> 01:00:01.500" in export(late, "vtt")


@pytest.mark.parametrize("form", EXPORT_FORMATS)
def test_a_video_without_captions_can_be_exported(make: Make, form: Any) -> None:
    assert not re.search(r"\d:\d\d", export(make("a1", captions="none"), form))


def test_an_unknown_format_names_the_known(make: Make) -> None:
    with pytest.raises(UsageError, match="json, srt, vtt, txt"):
        export(make("a1"), "pdf")  # type: ignore[arg-type]
