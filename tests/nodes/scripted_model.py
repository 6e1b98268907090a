"""Makes this installation ask a scripted model: in this process, or over the wire."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cliptrail.state.plan import Plan
from cliptrail.testing import Question, ScriptedModel, StatusError
from cliptrail.tools.settings import settings
from cliptrail.tools.text.numbered import numbered
from tests.tools.models.model_server import ModelServer, answer, error, serving

Answer = dict[str, Any] | int
"""The JSON that the model answers with, or the status of an error."""
Rule = Callable[[str], Answer]
"""What it answers to a prompt."""


class Script:
    """What the model will answer, and what it was asked."""

    def __init__(self, answers: list[Answer], rule: Rule | None = None) -> None:
        self.answers = answers
        self.rule = rule
        self.prompts: list[str] = []
        self.model = ScriptedModel(self._said)

    def _said(self, question: Question) -> dict[str, Any] | StatusError:
        self.prompts.append(question.text)
        found = self.rule(question.text) if self.rule else self.answers.pop(0)
        return StatusError(found) if isinstance(found, int) else found

    def data(self, fence: str, call: int = -1) -> Any:
        """What stood in a fence of a prompt; None if there was no such fence."""
        return fenced(self.prompts[call], fence)


def fenced(prompt: str, fence: str) -> Any:
    """What stands in a fence of a prompt, videos if it holds lines; None if there is none."""
    _, opened, rest = f"\n{prompt}".rpartition(f"\n<{fence}>\n")
    if not opened:
        return None
    inside = rest.partition(f"\n</{fence}>")[0]
    return numbered(inside) if fence == "transcripts" else json.loads(inside)


@contextmanager
def scripted(
    patch: pytest.MonkeyPatch, *answers: Answer, rule: Rule | None = None
) -> Iterator[Script]:
    """Make this installation ask a script, or a rule, once a call."""
    script = Script(list(answers), rule)
    patch.setenv("CLIPTRAIL_MODEL", str(script.model.name))
    patch.setenv("CLIPTRAIL_MODEL_RETRIES", "0")
    settings.cache_clear()
    yield script


@contextmanager
def served(patch: pytest.MonkeyPatch, *answers: Answer) -> Iterator[ModelServer]:
    """Serve the same over HTTP, where the wire is what is tested."""
    says = (
        [error(500)]
        if not answers
        else [error(row) if isinstance(row, int) else answer(row) for row in answers]
    )
    with serving(*says) as server:
        patch.setenv("CLIPTRAIL_BASE_URL", server.url)
        patch.setenv("CLIPTRAIL_MODEL", "openai:scripted")
        patch.setenv("CLIPTRAIL_MODEL_RETRIES", "0")
        settings.cache_clear()
        yield server


def as_answer(plan: Plan, **notes: Any) -> dict[str, Any]:
    """A plan as a model answers it."""
    rows = plan.model_dump(mode="json")
    for step in rows["steps"]:
        step["inputs"] = [{"name": name, "value": value} for name, value in step["inputs"].items()]
    return {**rows, "notes": notes}
