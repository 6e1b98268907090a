"""The whole planner over a YouTube: yt-dlp, the captions library, real connections."""

import json
import re
from pathlib import Path

import pytest

from cliptrail.evidence.verification import problem
from cliptrail.state.media import Transcript
from cliptrail.tools.library import Library
from cliptrail.tools.settings import settings
from tests.cli.command import Ran, invoke, trail_in
from tests.recorded_youtube import (
    PLAYER,
    SEARCH,
    TIMEDTEXT,
    WATCH,
    Asking,
    Replay,
    found_by,
    speak,
)
from tests.talks import WEB, talk
from tests.youtube_replies import REPLIES

QUESTION = "How does gzip make a web page smaller?"
READ = 8
"""Videos that the offline planner reads."""


@pytest.fixture
def talking(youtube: Replay) -> Replay:
    """A YouTube of which each video that is found is a talk on how pages are made faster."""
    speak(youtube, [talk(name) for name in WEB])
    return youtube


def research(*more: str) -> Ran:
    return invoke("research", QUESTION, "--source", "youtube", "--approve", "auto", *more)


def in_library() -> dict[str, Transcript]:
    with Library(settings().library_file, read_only=True) as library:
        found = [library.get(row.video_id) for row in library.videos()]
    return {row.video.video_id: row for row in found if row}


def test_a_request_leads_through_search_and_captions_to_a_guide(talking: Replay) -> None:
    ran = research("--output", "gzip.md")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "The guide is complete.")
    assert [talking.paths.count(path) for path in (SEARCH, WATCH, PLAYER)] == [1, READ, READ]
    trail, page = trail_in(Path("gzip.trail.json")), Path("gzip.md").read_text()
    assert (trail.status, trail.stop_reason) == ("complete", "done")
    said = in_library()
    assert set(said) == set(found_by(talking)[:READ])
    assert trail.guide
    assert trail.guide.claims
    assert not [claim for claim in trail.guide.claims if problem(claim, said)]
    cited = {quote.video_id for claim in trail.guide.claims for quote in claim.citations}
    assert cited == {source.video_id for source in trail.sources} <= set(found_by(talking))
    assert "How gzip works" in {source.title for source in trail.sources}
    links = re.findall(r"\(https://youtu\.be/([\w-]{11})\?t=(\d+)\)", page)
    places = {(q.video_id, int(q.start)) for c in trail.guide.claims for q in c.citations}
    assert {(name, int(second)) for name, second in links} >= places
    assert "How gzip works" in page


def test_a_second_run_asks_youtube_for_no_captions(talking: Replay) -> None:
    first, second = (research("--output", f"{name}.md", "--json") for name in "ab")
    assert (first.code, second.code) == (0, 0)
    assert talking.paths.count(SEARCH) == 2  # a search is an opinion of the day: asked anew
    assert [talking.paths.count(path) for path in (WATCH, PLAYER, TIMEDTEXT)] == [READ] * 3
    guides = [json.loads(ran.out)["guide"] for ran in (first, second)]
    assert guides[0] == guides[1]


def test_from_the_library_a_second_run_asks_nobody_at_all(talking: Replay) -> None:
    assert research("--output", "a.md").code == 0
    before = len(talking.asked)
    ran = invoke("research", QUESTION, "--approve", "auto", "--output", "b.md")
    assert ran.code == 0
    assert len(talking.asked) == before
    pages = [re.findall(r"“[^”]+”", Path(f"{name}.md").read_text()) for name in "ab"]
    assert set(pages[0]) & set(pages[1])


def test_videos_without_captions_are_named_and_the_others_answer(talking: Replay) -> None:
    silent, gone = found_by(talking)[1:3]
    spoken = talking.replies[PLAYER].body
    assert callable(spoken)
    instead = {silent: "player_no_captions", gone: "player_unavailable"}

    def player(asking: Asking) -> str:
        name = instead.get(asking.json["videoId"])
        return REPLIES[name] if name else str(spoken(asking))

    talking.on(PLAYER, player)
    ran = research("--output", "gzip.md")
    assert ran.code == 3
    trail = trail_in(Path("gzip.trail.json"))
    assert (trail.status, trail.stop_reason) == ("partial", "failure")
    assert trail.guide
    assert "How gzip works" in {source.title for source in trail.sources}
    reasons = {row.reason for row in trail.audit if row.outcome == "failed"}
    assert len(reasons) == len(instead)
    assert any(f"Video {silent} has no captions" in reason for reason in reasons)
    assert any(f"Video {gone} is deleted or private" in reason for reason in reasons)
    assert [row.outcome for row in trail.audit].count("done") == READ + 1
