"""What a name in a request stands for, and what it must not be taken for."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.state.media import Segment, Transcript, Video
from cliptrail.state.request import NamedSource
from cliptrail.tools.sources.names import distinct, mentions, resolve_name
from cliptrail.tools.text.tokens import tokens


def transcript(video_id: str, title: str, *lines: str, channel: str = "") -> Transcript:
    segments = tuple(
        Segment(start=10.0 * place, duration=10.0, text=text) for place, text in enumerate(lines)
    )
    return Transcript(
        video=Video(video_id=video_id, title=title, channel=channel), segments=segments
    )


@dataclass
class Shelf:
    """A catalog in memory."""

    held: list[Transcript] = field(default_factory=list)

    def channels(self) -> list[str]:
        return sorted({row.video.channel for row in self.held if row.video.channel})

    def titled(self, phrase: str, limit: int) -> list[Video]:
        return [row.video for row in self.held if mentions(phrase, row.video.title)][:limit]

    def saying(self, phrase: str, limit: int) -> list[Transcript]:
        return [row for row in self.held if any(mentions(phrase, s.text) for s in row.segments)][
            :limit
        ]


SHELF = Shelf(
    [
        transcript("c1", "Loops", "welcome to chapter five", channel="Chuck Marlow (Code for All)"),
        transcript("p1", "Night Shift Podcast 12: Backups", "hello", channel="Tin Roof Media"),
        transcript("p2", "Night Shift Podcast 13: Disks", "hello", channel="Tin Roof Media"),
        transcript("s1", "A talk", "hello I am Ada Quill", "today parsers", channel="Hall Five"),
        transcript("s2", "Another", "as Ada Quill once wrote", "and so on", channel="Hall Five"),
    ]
)


@pytest.mark.parametrize(
    ("name", "kind", "stands_for"),
    [
        ("Hall Five", "channel", "Hall Five"),
        ("@hallfive", "channel", "Hall Five"),
        ("hall fiv", "channel", "Hall Five"),
        ("Dr. Chuck", "channel", "Chuck Marlow (Code for All)"),
        ("Chuck Marlow", "channel", "Chuck Marlow (Code for All)"),
        ("the Hall Five channel", "channel", "Hall Five"),
        ("Night Shift Podcast", "series", ("p1", "p2")),
        ("Prof. Ada Quill", "speaker", ("s1",)),
        ("Joe Nobody", "unknown", ""),
        ("", "unknown", ""),
    ],
)
def test_a_name_stands_for(name: str, kind: str, stands_for: str | tuple[str, ...]) -> None:
    found = resolve_name(name, SHELF)
    assert (found.kind, found.channel or found.videos or "") == (kind, stands_for)
    assert found.name == name


def test_two_names_of_one_channel_count_once() -> None:
    rows = [resolve_name(name, SHELF) for name in ("Dr. Chuck", "Chuck Marlow", "Joe", "joe")]
    assert [row.name for row in distinct(rows)] == ["Dr. Chuck", "Joe"]


def test_a_part_that_two_channels_share_stands_for_neither() -> None:
    shelf = Shelf([transcript(n[6:], "t", channel=n) for n in ("Green Garden", "Green Kitchen")])
    assert resolve_name("Green", shelf).kind == "unknown"


@given(st.text(max_size=60))
def test_any_name_can_be_looked_up(name: str) -> None:
    assert isinstance(resolve_name(name, SHELF), NamedSource)


@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_a_text_that_holds_a_name_mentions_it(name: str, before: str, after: str) -> None:
    if tokens(name):
        assert mentions(name, f"{before} \n{name}\n {after}")
