"""Hypothesis strategies for transcripts."""

from hypothesis import strategies as st

from cliptrail.state.media import Segment, Transcript, Video

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SECONDS = st.floats(min_value=0, max_value=1e6, allow_nan=False)
VIDEOS = st.builds(
    Video,
    video_id=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    title=TEXT,
    channel=TEXT,
    url=TEXT,
    published=st.none() | st.dates().map(str),
    duration_s=SECONDS,
    language=st.sampled_from(["", "en", "de-CH"]),
    captions=st.sampled_from(["manual", "auto", "none", "unknown"]),
    score=st.just(0.0),
)
SEGMENTS = st.builds(Segment, start=SECONDS, duration=SECONDS, text=TEXT)
TRANSCRIPTS = st.builds(
    Transcript,
    video=VIDEOS,
    segments=st.lists(SEGMENTS, max_size=5).map(tuple),
    provenance=TEXT,
)
