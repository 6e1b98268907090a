"""For tests on real transcripts and replies: `make test-shared` runs them where the data is."""

from pathlib import Path

import pytest

from tests.recorded_youtube import captioned, replay, tls, youtube

__all__ = ["captioned", "replay", "tls", "youtube"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("shared_data")
