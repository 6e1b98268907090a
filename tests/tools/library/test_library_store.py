"""What the library keeps and finds."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cliptrail.state.errors import LibraryError
from cliptrail.state.media import Transcript
from cliptrail.tools.library.query import MAX_WORDS, query_words
from cliptrail.tools.library.store import Library
from tests.tools.library.transcript_strategies import TRANSCRIPTS

Make = Any


def ids(found: list[Any]) -> list[str]:
    return [video.video_id for video in found]


def test_an_added_transcript_comes_back_whole(library: Library, make: Make) -> None:
    transcript = make("a1", "melt the butter", "add flour")
    library.add(transcript)
    assert library.get("a1") == transcript
    assert library.get("a2") is None
    assert library.count() == 1


@given(transcript=TRANSCRIPTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_transcript_comes_back_and_can_be_removed(
    library: Library, transcript: Transcript
) -> None:
    library.add(transcript)
    assert library.get(transcript.video.video_id) == transcript
    assert library.remove(transcript.video.video_id)
    assert library.count() == 0


def test_adding_again_replaces_words_too(library: Library, make: Make) -> None:
    library.add(make("a1", "melt the butter"))
    library.add(make("a1", "whisk the eggs"))
    assert library.count() == 1
    assert library.search("butter") == []
    assert ids(library.search("eggs")) == ["a1"]


def test_a_removed_video_is_not_found(library: Library, make: Make) -> None:
    library.add_many([make("a1", "melt the butter"), make("a2", "cold butter")])
    assert library.remove("a1")
    assert not library.remove("a1")
    assert ids(library.search("butter")) == ["a2"]


def test_add_many_is_all_or_nothing(library: Library, make: Make) -> None:
    def broken() -> Iterator[Transcript]:
        yield make("a1", "butter")
        raise RuntimeError("the source failed")

    with pytest.raises(RuntimeError):
        library.add_many(broken())
    assert library.count() == 0
    assert library.add_many([make("a1", "butter"), make("a2", "flour")]) == 2


def test_text_that_is_not_unicode_is_refused_with_its_video(library: Library, make: Make) -> None:
    with pytest.raises(LibraryError, match="title of video a1"):
        library.add(make("a1", "butter", title="half \ud800"))
    assert library.count() == 0


def test_words_are_found_by_their_stem_and_without_accents(library: Library, make: Make) -> None:
    library.add(make("a1", "the temperatures of a crème brûlée"))
    assert ids(library.search("temperature")) == ["a1"]
    assert ids(library.search("BRULEE")) == ["a1"]


def test_any_word_finds_and_more_words_rank_higher(library: Library, make: Make) -> None:
    library.add_many(
        [
            make("one", "the crust was thin and hard to cut"),
            make("both", "the crust was thin and the butter soft"),
            make("none", "a chain wears out"),
            make("nil", "tyres need sealant"),
            make("nix", "a disk fails"),
        ]
    )
    found = library.search("butter crust")
    assert ids(found) == ["both", "one"]
    assert 1 > found[0].score > 0.8 > 0.5 > found[1].score > 0


def test_relevance_is_absolute(library: Library, make: Make) -> None:
    said = "we bake the bread in the oven while somebody drives a car"
    library.add_many([make("bread", said, title="Bread"), make("chain", "a chain wears out")])
    fits, junk = library.search("bake bread in an oven"), library.search("car oil filter change")
    assert fits[0].score > 0.6 > 0.25 > junk[0].score


@pytest.mark.parametrize("query", ["Wi-Fi", "wifi", "wi fi"])
@pytest.mark.parametrize("said", ["the Wi-Fi is slow", "the wifi is slow"])
def test_spelling_does_not_decide(library: Library, make: Make, query: str, said: str) -> None:
    library.add_many([make("a1", said), make("a2", "butter"), make("a3", "a chain wears out")])
    found = library.search(query)
    assert ids(found) == ["a1"]
    assert found[0].score > 0.6


def test_typos_are_mended(library: Library, make: Make) -> None:
    library.add_many([make("a1", "measure the temperature of the loaf"), make("a2", "butter")])
    assert ids(library.search("temprature")) == ["a1"]


def test_a_word_in_the_title_counts_more_than_one_that_is_said(
    library: Library, make: Make
) -> None:
    library.add_many(
        [
            make("said", "the sealant goes in now", title="Wheels"),
            make("titled", "now it goes in there", title="Sealant"),
            make("other", "butter"),
            make("third", "flour"),
            make("fourth", "eggs"),
        ]
    )
    assert ids(library.search("sealant")) == ["titled", "said"]


def test_videos_without_captions_come_last_and_score_no_higher(
    library: Library, make: Make
) -> None:
    library.add_many(
        [
            make("silent", title="Sealant sealant sealant", captions="none"),
            make("said", "somewhere near the end of this long talk we mention sealant"),
            make("other", "butter"),
        ]
    )
    found = library.search("sealant")
    assert ids(found) == ["said", "silent"]
    assert 1.0 >= found[0].score >= found[1].score > 0
    assert ids(library.search("sealant", limit=1)) == ["said"]


def test_a_video_without_segments_is_silent_whatever_it_says_of_itself(
    library: Library, make: Make
) -> None:
    library.add_many(
        [
            make("silent", title="Sealant sealant sealant", captions="unknown"),
            make("said", "somewhere near the end of this long talk we mention sealant"),
        ]
    )
    assert ids(library.search("sealant")) == ["said", "silent"]


def test_only_silent_videos_still_have_a_best(library: Library, make: Make) -> None:
    library.add(make("silent", title="Sealant", captions="none"))
    assert [video.score for video in library.search("sealant")] == [1.0]


@pytest.mark.parametrize(
    "name",
    [
        "Crumb Notebook",
        "crumb notebook",
        "@CrumbNotebook",
        "crumb-notebook!",
        " CRUMB  n ote book ",
    ],
)
def test_a_channel_is_known_however_it_is_written(library: Library, make: Make, name: str) -> None:
    library.add_many(
        [
            make("a1", "butter"),
            make("a2", "butter", channel="Crumb Notebooks"),
            make("a3", "butter", channel=""),
        ]
    )
    assert ids(library.search("butter", channel=name)) == ["a1"]
    assert ids(library.videos(channel=name)) == ["a1"]


def test_a_channel_of_spaces_is_no_channel(library: Library, make: Make) -> None:
    library.add_many([make("a1", "butter"), make("a2", "butter", channel="")])
    assert len(library.search("butter", channel="  ")) == len(library.videos(" ")) == 2


def test_channels_are_listed_once_and_sorted(library: Library, make: Make) -> None:
    channels = ["Zed", "Été", "crumb notebook", "Crumb Notebook", "", "日本語"]
    library.add_many(make(f"a{n}", "x", channel=name) for n, name in enumerate(channels))
    assert library.channels() == ["Crumb Notebook", "Zed", "Été", "日本語"]
    assert len(library.videos()) == len(channels)


@pytest.mark.parametrize(
    "query",
    ["", "   ", '"', "'", "(", "*", "^", "NEAR(", "-", "🧈", "\ufe0f", "\x00", "title:", "\ud800"],
)
def test_a_query_without_words_finds_nothing(library: Library, make: Make, query: str) -> None:
    library.add(make("a1", "butter"))
    assert library.search(query) == []
    assert library.find(query) == []


@pytest.mark.parametrize(
    "query",
    [
        '"butter',
        "butter*",
        "NOT butter",
        "butter AND (",
        "words : butter",
        "butter\x00;",
        "🧈butter",
    ],
)
def test_operators_are_only_words(library: Library, make: Make, query: str) -> None:
    library.add(make("a1", "butter"))
    assert ids(library.search(query)) == ["a1"]


@given(query=st.text(max_size=200), channel=st.text(max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_and_no_channel_can_break_the_search(
    library: Library, make: Make, query: str, channel: str
) -> None:
    library.add(make("a1", "butter and or not near"))
    scores = [video.score for video in library.search(query, channel)]
    assert len(scores) <= 1
    assert all(0 <= score <= 1 for score in scores)
    assert len(library.find(query)) <= 1


def test_stop_words_find_nothing_beside_others_but_can_be_asked_alone(
    library: Library, make: Make
) -> None:
    library.add_many([make("a1", "what is this"), make("a2", "butter")])
    assert ids(library.search("what is butter")) == ["a2"]
    assert ids(library.search("what is this")) == ["a1"]


def test_a_word_with_a_hyphen_is_found_as_a_whole(library: Library, make: Make) -> None:
    library.add_many([make("a1", "an FR-4 board"), make("a2", "4 boards from france fr")])
    assert ids(library.search("FR-4")) == ["a1"]


def test_a_long_text_is_cut_to_its_first_words() -> None:
    words = [f"word{n}" for n in range(MAX_WORDS + 5)]
    assert query_words(" ".join(words)) == words[:MAX_WORDS]
    assert query_words("Butter, butter! BUTTER") == ["butter"]


def test_find_gives_the_segments_with_the_words(library: Library, make: Make) -> None:
    library.add_many(
        [
            make("a1", "hello there", "melting the butter slowly", "goodbye"),
            make("a2", "we talk of oil", "and of butter"),
        ]
    )
    hits = library.find("butter melts")
    assert [(hit.video.video_id, hit.index) for hit in hits] == [("a1", 1), ("a2", 1)]
    assert hits[0].segment.start == 2.0
    assert hits[0].segment.text == "melting the butter slowly"
    assert len(library.find("butter", limit=1)) == 1


def test_a_word_only_in_the_title_is_no_place(library: Library, make: Make) -> None:
    library.add(make("a1", "melt it", title="Butter"))
    assert ids(library.search("butter")) == ["a1"]
    assert library.find("butter") == []


def test_a_limit_of_zero_gives_nothing(library: Library, make: Make) -> None:
    library.add(make("a1", "butter"))
    assert library.search("butter", limit=0) == []
    assert library.find("butter", limit=0) == []


def test_many_threads_may_use_one_library(library: Library, make: Make) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                library.add(make(f"v{number}-{turn}", "butter"))
                assert library.search("butter")
                assert library.get(f"v{number}-{turn}")
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert library.count() == 60


def test_two_open_libraries_see_each_others_changes(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "shared.sqlite"
    with Library(path) as one, Library(path) as two, Library(path, read_only=True) as reader:
        one.add(make("a1", "butter"))
        two.add(make("a2", "butter"))
        assert one.count() == two.count() == reader.count() == 2
