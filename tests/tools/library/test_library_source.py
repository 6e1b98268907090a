"""The library as a source of videos."""

from pathlib import Path
from typing import Any

import pytest

from cliptrail.state.errors import NoCaptions, SourceUnavailable, VideoNotFound
from cliptrail.tools.library.source import LibrarySource
from cliptrail.tools.library.store import Library
from cliptrail.tools.sources.base import VideoSource

Make = Any


def test_it_searches_and_reads(library: Library, make: Make) -> None:
    library.add_many([make("a1", "butter"), make("a2", "butter", channel="Other")])
    source: VideoSource = LibrarySource(library)
    assert source.name == "library"
    assert [video.video_id for video in source.search("butter", channel="@other")] == ["a2"]
    assert source.transcript("a1").segments[0].text == "butter"
    assert source.channels() == ["Crumb Notebook", "Other"]


def test_limits_are_kept_between_1_and_50(library: Library, make: Make) -> None:
    library.add_many(make(f"v{n}", "butter") for n in range(60))
    source = LibrarySource(library)
    assert len(source.search("butter", limit=0)) == 1
    assert len(source.search("butter", limit=1000)) == 50


def test_an_unknown_video_is_not_found(library: Library) -> None:
    with pytest.raises(VideoNotFound, match="a1"):
        LibrarySource(library).transcript("a1")


def test_a_video_without_segments_has_no_captions(library: Library, make: Make) -> None:
    library.add(make("a1", captions="none"))
    with pytest.raises(NoCaptions, match="a1"):
        LibrarySource(library).transcript("a1")


@pytest.mark.parametrize(
    ("language", "wanted", "fits"),
    [
        ("en", ["en"], True),
        ("en-GB", ["de", "en"], True),
        ("en", ["en-US"], True),
        ("", ["de"], True),
        ("de", ["en", "fr"], False),
    ],
)
def test_only_wanted_languages_are_given(
    library: Library, make: Make, language: str, wanted: list[str], fits: bool
) -> None:
    library.add(make("a1", "butter", language=language))
    source = LibrarySource(library)
    if fits:
        assert source.transcript("a1", languages=wanted).video.video_id == "a1"
    else:
        with pytest.raises(NoCaptions, match="captions in de, not in en, fr"):
            source.transcript("a1", languages=wanted)


def test_trouble_with_the_file_is_a_source_error(tmp_path: Path) -> None:
    library = Library(tmp_path / "library.sqlite")
    source = LibrarySource(library)
    library.close()
    for call in (
        lambda: source.search("butter"),
        lambda: source.transcript("a1"),
        source.channels,
    ):
        with pytest.raises(SourceUnavailable, match=r"library\.sqlite"):
            call()
