"""The door to transcripts: what the library has is not asked for, what is fetched is kept."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cliptrail.state.context import Context
from cliptrail.state.errors import (
    Blocked,
    NoCaptions,
    SourceError,
    SourceUnavailable,
    VideoNotFound,
)
from cliptrail.state.media import Transcript, Video
from cliptrail.tools.library.source import LibrarySource
from cliptrail.tools.library.store import Library
from cliptrail.tools.settings import settings
from cliptrail.tools.transcripts import TranscriptGateway, reference
from cliptrail.tools.workspace import RunSources, open_workspace
from tests.nodes.spoken import talk
from tests.recorded_youtube import (
    TIMEDTEXT,
    WATCH,
    Replay,
    captioned,
    replay,
    tls,
    youtube,
)
from tests.youtube_replies import VIDEO

__all__ = ["captioned", "replay", "tls", "youtube"]

FIRST, SECOND = talk("heat the oil"), talk("heat the oil", "now wait")


class FarEnd:
    """A source that gives one thing after the other, and remembers what it was asked."""

    name = "far"

    def __init__(self, *answers: Transcript | SourceError) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def search(self, query: str, *, channel: str = "", limit: int = 10) -> list[Video]:
        return []

    def transcript(self, video_id: str, *, languages: Sequence[str] = ("en",)) -> Transcript:
        self.asked.append((video_id, tuple(languages)))
        answer = self.answers.pop(0)
        if isinstance(answer, SourceError):
            raise answer
        return answer

    def channels(self) -> list[str]:
        return []


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library.sqlite") as opened:
        yield opened


def test_what_is_stored_is_not_asked_for(library: Library) -> None:
    library.add(FIRST)
    assert TranscriptGateway(library, FarEnd()).get("one") == FIRST


def test_what_is_not_stored_is_asked_for_once_and_kept(library: Library) -> None:
    source = FarEnd(FIRST)
    gateway = TranscriptGateway(library, source, ("de", "en"))
    assert gateway.get("one") == gateway.get("one") == library.get("one") == FIRST
    assert source.asked == [("one", ("de", "en"))]


def test_what_is_stored_without_words_is_asked_for(library: Library) -> None:
    library.add(talk())
    assert TranscriptGateway(library, FarEnd(SECOND)).get("one") == library.get("one") == SECOND


KNOWN = Video(
    video_id="one",
    title="As searched",
    channel="As searched",
    url="https://example.org/one",
    published="2026-02-03",
    duration_s=61,
    captions="manual",
    score=0.9,
)


def test_the_search_fills_in_what_the_source_does_not_tell(library: Library) -> None:
    found = TranscriptGateway(library, FarEnd(FIRST)).get("one", KNOWN).video
    assert found == library.videos()[0]
    assert found == KNOWN.model_copy(
        update={"title": "About one", "channel": "Quiet Forge", "score": 0.0}
    )


def test_what_the_source_tells_stays(library: Library) -> None:
    told = FIRST.video.model_copy(update={"language": "de", "captions": "auto", "duration_s": 60})
    source = FarEnd(FIRST.model_copy(update={"video": told}))
    found = TranscriptGateway(library, source).get("one", KNOWN).video
    assert (found.language, found.captions, found.duration_s) == ("de", "auto", 60)


def test_a_library_as_a_source_is_not_written_to(tmp_path: Path, library: Library) -> None:
    library.add(FIRST)
    with Library(library.path, read_only=True) as kept:
        gateway = TranscriptGateway(kept, LibrarySource(kept), asked_anew=set())
        assert gateway.get("one") == FIRST
        with pytest.raises(VideoNotFound):
            gateway.get("two")


class TestFresh:
    def test_each_video_is_asked_for_once_a_run(self, library: Library) -> None:
        library.add(FIRST)
        source = FarEnd(SECOND, FIRST)
        run = TranscriptGateway(library, source, asked_anew=set())
        assert run.get("one") == run.get("one") == library.get("one") == SECOND
        assert replace(run, asked_anew=set()).get("one") == FIRST
        assert len(source.asked) == 2

    def test_a_failure_leaves_what_was_there_and_is_tried_again(self, library: Library) -> None:
        library.add(FIRST)
        source = FarEnd(SourceUnavailable("It is down."), SECOND)
        gateway = TranscriptGateway(library, source, asked_anew=set())
        with pytest.raises(SourceUnavailable):
            gateway.get("one")
        assert library.get("one") == FIRST
        assert gateway.get("one") == SECOND


@pytest.mark.parametrize("asked_anew", [None, set()], ids=["once", "fresh"])
def test_of_steps_that_ask_at_the_same_time_one_asks_the_source(
    library: Library, asked_anew: set[str] | None
) -> None:
    start = threading.Barrier(4)
    source = Slow(FIRST)

    def get(_: int) -> Transcript:
        start.wait(10)
        # Each step has a door of its own.
        return TranscriptGateway(library, source, asked_anew=asked_anew).get("one")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(get, range(4))) == [FIRST] * 4
    assert len(source.asked) == 1


class Slow(FarEnd):
    """A source that answers when whoever else wants to ask had the time to."""

    def transcript(self, video_id: str, *, languages: Sequence[str] = ("en",)) -> Transcript:
        answer = super().transcript(video_id, languages=languages)
        threading.Event().wait(0.05)
        return answer


def test_steps_that_want_different_videos_do_not_wait_for_each_other(library: Library) -> None:
    both = threading.Barrier(2)

    class Meeting(FarEnd):
        def transcript(self, video_id: str, *, languages: Sequence[str] = ("en",)) -> Transcript:
            both.wait(10)
            return talk("heat the oil", video_id=video_id)

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(TranscriptGateway(library, Meeting()).get, ["one", "two"]))
    assert [row.video.video_id for row in found] == ["one", "two"]


class TestNothingToKeep:
    @pytest.mark.parametrize("kind", [Blocked, VideoNotFound, NoCaptions, SourceUnavailable])
    def test_a_failure_leaves_nothing(self, library: Library, kind: type[SourceError]) -> None:
        with pytest.raises(kind, match="It is so"):
            TranscriptGateway(library, FarEnd(kind("It is so."))).get("one", KNOWN)
        assert library.count() == 0

    def test_no_words_are_no_captions(self, library: Library) -> None:
        with pytest.raises(NoCaptions, match="one has no captions") as caught:
            TranscriptGateway(library, FarEnd(talk())).get("one")
        assert caught.value.next_step
        assert library.count() == 0


def test_a_reference_counts_and_holds_no_words() -> None:
    found = reference(SECOND)
    assert (found.video_id, found.segments, found.words) == ("one", 2, 5)
    assert "heat" not in found.model_dump_json()


class TestYouTube:
    """The whole way, with a server that plays YouTube."""

    def gateway(self, shared: RunSources, *, fresh: bool = False) -> TranscriptGateway:
        return open_workspace(
            Context(source="youtube", fresh=fresh), settings(), shared
        ).transcripts

    def test_a_second_run_asks_nobody_and_a_fresh_one_once(self, youtube: Replay) -> None:
        second = RunSources()
        first = self.gateway(RunSources()).get(VIDEO)
        assert self.gateway(second).get(VIDEO) == first
        assert youtube.paths.count(WATCH) == 1
        # Each step of a run opens its workspace anew.
        assert [self.gateway(second, fresh=True).get(VIDEO) for _ in range(3)] == [first] * 3
        assert youtube.paths.count(WATCH) == 2

    def test_a_block_in_the_middle_of_a_video_leaves_nothing(self, youtube: Replay) -> None:
        youtube.on(TIMEDTEXT, "", status=429)
        shared = RunSources()
        with pytest.raises(Blocked):
            self.gateway(shared).get(VIDEO)
        with Library(settings().library_file) as library:
            assert library.count() == 0
        asked = len(youtube.asked)
        with pytest.raises(Blocked, match="it was not asked again"):
            self.gateway(shared).get(VIDEO)
        assert len(youtube.asked) == asked
