"""Which patterns go on from a thread's earlier runs: the registry says what their graphs do."""

import pytest

from tests.graphs.playing import ALL_PATTERNS, BRISKET, Play


@pytest.mark.parametrize("pattern", ALL_PATTERNS)
async def test_the_registry_tells_whether_a_pattern_remembers(pattern: str) -> None:
    play = Play(pattern)
    await play.run({"request": BRISKET})
    await play.run({"request": "And how long should it rest?"})
    state = await play.state()
    knows = state["revisions"][0].by == "earlier"
    assert knows == ALL_PATTERNS[pattern].remembers
