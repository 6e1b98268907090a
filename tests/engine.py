"""An offline engine that thinks once about each question, for tests that ask the same of it."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage

from cliptrail.tools.models.offline import OfflineChatModel


@pytest.fixture(scope="session", autouse=True)
def one_thought_a_question() -> Iterator[None]:
    """Let the offline engine think once about each question.

    The same messages always give it the same answer (`tests/tools/models/test_offline_chat.py`),
    and most tests here ask the same and differ in what happens around it.
    """
    think, known = OfflineChatModel._answer, dict[str, AIMessage]()

    def answer(
        self: OfflineChatModel, messages: Sequence[BaseMessage], *args: Any, **kwargs: Any
    ) -> AIMessage:
        key = repr((self, messages, args, kwargs))
        if key not in known:
            known[key] = think(self, messages, *args, **kwargs)
        return known[key].model_copy(deep=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OfflineChatModel, "_answer", answer)
        yield
