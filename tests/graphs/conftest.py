"""For tests of whole graphs: what each pattern does when nothing goes wrong."""

import asyncio

import pytest

from cliptrail.evals.running import installation as installed
from cliptrail.tools.models.connections import closing
from tests.graphs.playing import ALL_PATTERNS, BRISKET, CALLS, Play


@pytest.fixture(scope="session", autouse=True)
def usual_calls() -> None:
    """Count each pattern's model calls, apart from what a test changes and writes."""
    for name in ALL_PATTERNS:
        with installed():
            output = asyncio.run(closing(Play(name).ask(BRISKET)))
        assert output["status"] == "complete"
        CALLS[name] = output["usage"].calls
