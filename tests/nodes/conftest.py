"""For tests of nodes: a registry without agents."""

import pytest

from cliptrail.agents import registry


@pytest.fixture
def empty_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take all agents out of the registry for one test."""
    registry.agents()  # imports ours now, so that they do not land in the test's registry later
    monkeypatch.setattr(registry, "_AGENTS", {})
