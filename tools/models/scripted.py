"""A model that answers from a script: a real chat model, for tests of graphs and agents.

Each `ScriptedModel` is known in its process by a name of its own ("scripted:1"), so that it can be
chosen by name like any other model. It costs nothing.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.base import LangSmithParams
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCall, tool_call
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, PrivateAttr

from cliptrail.state.errors import ModelRejected
from cliptrail.tools.models.providers import model_provider
from cliptrail.tools.settings import Settings
from cliptrail.tools.sharing import Recent

PROVIDER = "scripted"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Question:
    """What a model was asked in one call."""

    messages: tuple[BaseMessage, ...]
    wanted: str
    """Name of the type that the answer must have, e.g. "PlanDraft"; empty where the model may
    choose among tools or answer in words."""
    tools: tuple[str, ...]
    """Names of the tools that it may choose among."""

    @property
    def text(self) -> str:
        """The texts of all messages, one after the other."""
        return "\n".join(str(row.text) for row in self.messages)

    def data(self, fence: str) -> Any:
        """Return the data in a fence of the prompt, read from JSON; None if it has no such fence.

        Args:
            fence: its tag, e.g. "request".
        """
        _, opened, rest = self.text.rpartition(f"\n<{fence}>\n")
        return json.loads(rest.partition(f"\n</{fence}>")[0]) if opened else None


@dataclass(frozen=True)
class StatusError(Exception):
    """What a model's server raises when it answers with an HTTP error."""

    status_code: int

    def __str__(self) -> str:
        return f"status {self.status_code}"


ToolCalls: TypeAlias = Sequence[tuple[str, Mapping[str, Any]]]
"""Calls of tools: name and arguments of each."""
Answer: TypeAlias = str | BaseModel | Mapping[str, Any] | ToolCalls | AIMessage | Exception
"""What a script says: words, an object of the wanted type, calls of tools, a whole message, or an
error that is raised."""
Script: TypeAlias = Sequence[Answer] | Mapping[str, Sequence[Answer]] | Callable[[Question], Answer]


class ScriptedModel(BaseChatModel):
    """A chat model that answers from a script.

    ```python
    model = ScriptedModel([{"claims": []}, "That is all."])
    Context(model=model.name)
    ```

    Args:
        script: answers, one a call; or lists of answers by the name of the wanted type, of which
            the last is repeated (steps that run at once ask in no fixed order); or a function of
            the question.
        otherwise: the model that answers where the script has nothing; without one such a call
            fails.
        usage: tokens in and out that each answer is said to have used.
    """

    otherwise: BaseChatModel | None = None
    usage: tuple[int, int] = (10, 5)
    max_tokens: int | None = None
    """Accepted as other models accept it; answers of a script are never cut."""
    _script: Script = PrivateAttr()
    _questions: list[Question] = PrivateAttr(default_factory=list)
    _lock: Any = PrivateAttr(default_factory=threading.Lock)

    def __init__(
        self,
        script: Script = (),
        *,
        otherwise: BaseChatModel | None = None,
        usage: tuple[int, int] = (10, 5),
        **more: Any,
    ) -> None:
        named = {"name": f"{PROVIDER}:{next(_NUMBERS)}", **more}
        super().__init__(otherwise=otherwise, usage=usage, **named)
        self._script = _own(script)
        _MODELS.put(str(self.name), self)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What was asked, in the order in which it came."""
        return tuple(self._questions)

    @property
    def left(self) -> int:
        """How many answers of a list are left."""
        rows = self._script if isinstance(self._script, list) else []
        return len(rows)

    @property
    def _llm_type(self) -> str:
        return PROVIDER

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.name}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        name = str(kwargs.get("model", self.name))
        return LangSmithParams(ls_provider=PROVIDER, ls_model_name=name, ls_model_type="chat")

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | dict[str, Any] | bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind tools or schemas; with a choice the answer must be of the chosen type."""
        functions = [convert_to_openai_tool(each) for each in tools]
        return self.bind(tools=functions, tool_choice=tool_choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        names = tuple(row["function"]["name"] for row in kwargs.get("tools", ()))
        wanted = _wanted(names, kwargs.get("tool_choice"))
        question = Question(tuple(messages), wanted, () if wanted else names)
        found = self._next(question)
        if found is not None:
            said = self._said(found, wanted)
        elif self.otherwise is not None:
            said = self.otherwise.bind(**kwargs).invoke(messages)
        else:
            raise ModelRejected(
                f"The script of {self.name} has no answer left for {wanted or 'a turn in words'}.",
                "Give ScriptedModel one more answer, or another model as `otherwise`.",
            )
        return ChatResult(generations=[ChatGeneration(message=said)])

    def _next(self, question: Question) -> Answer | None:
        """Return what the script says to a question; None if it has nothing."""
        with self._lock:
            self._questions.append(question)
            if isinstance(self._script, dict):
                rows = self._script.get(question.wanted, [])
                return rows.pop(0) if len(rows) > 1 else next(iter(rows), None)
            if isinstance(self._script, list):
                return self._script.pop(0) if self._script else None
        assert callable(self._script)
        return self._script(question)

    def _said(self, answer: Answer, wanted: str) -> AIMessage:
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, AIMessage):
            return answer
        words = answer if isinstance(answer, str) else ""
        calls = _calls(answer, wanted, f"{self.name}.{len(self._questions)}")
        tokens_in, tokens_out = self.usage
        return AIMessage(
            content=words,
            tool_calls=calls,
            usage_metadata=UsageMetadata(
                input_tokens=tokens_in, output_tokens=tokens_out, total_tokens=sum(self.usage)
            ),
            response_metadata={
                "model_name": self.name,
                "model_provider": PROVIDER,
                "finish_reason": "tool_calls" if calls else "stop",
            },
        )


_MODELS: Recent[str, ScriptedModel] = Recent()
"""Those of this process by name; of very many, the ones used last."""


def _wanted(names: Sequence[str], choice: Any) -> str:
    """Return the tool that must be called; empty if the model may choose."""
    if isinstance(choice, dict):
        choice = choice.get("function", {}).get("name")
    if choice in names:
        return str(choice)
    forced = names and choice in (True, "any", "required")
    return names[0] if forced else ""


def _own(script: Script) -> Script:
    """Return a script that can be used up, without changing the caller's."""
    if callable(script):
        return script
    if isinstance(script, Mapping):
        return {name: list(rows) for name, rows in script.items()}
    return list(script)


def _calls(answer: Answer, wanted: str, call_id: str) -> list[ToolCall]:
    """Return the calls of tools in an answer; an object of the wanted type is one."""
    if isinstance(answer, BaseModel):
        return [tool_call(name=wanted, args=answer.model_dump(mode="json"), id=call_id)]
    if isinstance(answer, Mapping):
        return [tool_call(name=wanted, args=dict(answer), id=call_id)]
    if isinstance(answer, str):
        return []
    rows: Any = answer
    return [
        tool_call(name=name, args=dict(args), id=f"{call_id}.{place}")
        for place, (name, args) in enumerate(rows)
    ]


@model_provider(PROVIDER, local=True)
def connect_scripted(name: str, settings: Settings) -> BaseChatModel:
    """Return a scripted model of this process.

    Raises:
        ModelRejected: there is none of that name.
    """
    full = f"{PROVIDER}:{name}"
    if full not in _MODELS:
        raise ModelRejected(
            f"There is no model {full} in this process.",
            "Make it with cliptrail.testing.ScriptedModel, in the process that runs the graph.",
        )
    return _MODELS.get(full, ScriptedModel)
