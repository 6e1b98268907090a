"""For tests of whole graphs: each pattern of a module, and an engine that thinks once."""

import pytest

from tests.engine import one_thought_a_question

__all__ = ["one_thought_a_question"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes a pattern with each of `EVERY_PATTERN`, unless it says with which."""
    marks = metafunc.definition.iter_markers("parametrize")
    said = {name.strip() for mark in marks for name in _names(mark.args[0])}
    every = getattr(metafunc.module, "EVERY_PATTERN", ())
    if every and "pattern" in metafunc.fixturenames and "pattern" not in said:
        metafunc.parametrize("pattern", every)


def _names(given: str | tuple[str, ...]) -> list[str]:
    return given.split(",") if isinstance(given, str) else list(given)
