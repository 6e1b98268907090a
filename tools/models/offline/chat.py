"""The offline engine as a LangChain chat model: deterministic, without a network, without a key.

It is not a language model. It fills requested schemas and tool calls by rules (see `rules.py`) or,
where there is no rule, with a minimal valid instance; in free text it says what it is. It reads
text only, and knows no temperature and no other model.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.base import LangSmithParams
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    ToolCall,
    ToolMessage,
)
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from cliptrail.state.errors import UsageError
from cliptrail.tools.models.offline.rules import (
    RULES,
    Dialogue,
    Done,
    Prompt,
    load_rules,
    policy_for,
)
from cliptrail.tools.models.offline.schema import fill
from cliptrail.tools.text.tokens import content_words

MODEL_NAME = "offline:rules"
INTRODUCTION = (
    "This is cliptrail's offline engine. It works by fixed rules and is not a language model, "
    "so it cannot answer free text; set a model to get written answers."
)

Mode = Literal["auto", "none", "any"]
Function = Mapping[str, Any]
"""A tool as the model sees it: name, description, parameters."""


class OfflineChatModel(BaseChatModel):
    """A chat model that answers by rules.

    With a forced tool (`tool_choice` "any", "required" or a name) it fills that tool's arguments.
    With tools and no choice it calls one if the last human message names it or asks to use the
    tool, and answers with the contents of tool results once they are there. Otherwise it
    introduces itself. The same messages always give the same answer.
    """

    model: str = MODEL_NAME
    """Name that traces and usage show."""
    stop: list[str] | None = None
    """Texts before which an answer in words ends."""
    max_tokens: int | None = None
    """Longest answer; one that would be longer is cut off, a tool call left out."""

    @property
    def _llm_type(self) -> str:
        return "offline"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model, "stop": self.stop}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = LangSmithParams(
            ls_provider="offline",
            ls_model_name=str(kwargs.get("model", self.model)),
            ls_model_type="chat",
        )
        if ends := stop or self.stop:
            params["ls_stop"] = ends
        return params

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | dict[str, Any] | bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind tools or schemas.

        Args:
            tools: tools, functions, Pydantic classes, TypedDicts or dict schemas.
            tool_choice: "auto" or None, "none", "any" or "required" or True, a tool's name, or
                OpenAI's `{"type": "function", "function": {"name": ...}}`.
            kwargs: passed on with every call.

        Raises:
            UsageError: the chosen tool is not among the tools.
        """
        functions = [convert_to_openai_tool(each) for each in tools]
        choice = _choice(tool_choice, [each["function"]["name"] for each in functions])
        return self.bind(tools=functions, tool_choice=choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = self._answer(messages, stop, **kwargs)
        return ChatResult(
            generations=[ChatGeneration(message=answer)], llm_output={"model_name": self.model}
        )

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        answer = self._answer(messages, stop, **kwargs)
        for piece in [*_text_pieces(answer), *_call_pieces(answer), _last_piece(answer)]:
            chunk = ChatGenerationChunk(message=piece)
            if run_manager:
                run_manager.on_llm_new_token(piece.text, chunk=chunk)
            yield chunk

    def _answer(
        self,
        messages: Sequence[BaseMessage],
        stop: list[str] | None,
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str | dict[str, Any] | bool | None = None,
        **_: Any,
    ) -> AIMessage:
        _refuse_media(messages)
        functions = {each["function"]["name"]: each["function"] for each in tools}
        choice = _choice(tool_choice, list(functions))
        words, calls = _decided(messages, functions, choice)
        content = "" if calls else _cut(words, stop or self.stop or [])
        used, finish = _usage(messages, content, calls), "tool_calls" if calls else "stop"
        if self.max_tokens is not None and used["output_tokens"] > self.max_tokens:
            content, calls, finish = content[: 4 * self.max_tokens], [], "length"
            used = _used(used["input_tokens"], self.max_tokens)
        return AIMessage(
            content=content,
            tool_calls=calls,
            usage_metadata=used,
            response_metadata={
                "model_name": self.model,
                "model_provider": "offline",
                "finish_reason": finish,
            },
        )


def _choice(given: str | dict[str, Any] | bool | None, names: Sequence[str]) -> str:
    """Return "auto", "none", "any" or the name of a tool."""
    if isinstance(given, dict):
        given = str(given.get("function", given).get("name", given.get("type", "auto")))
    if given in {True, "required"}:
        return "any"
    if not given:
        return "auto"
    if given not in get_args(Mode) and given not in names:
        raise UsageError(
            f"The tool {given} was chosen, but there is no such tool.",
            f"Choose one of: {', '.join(names) or 'none are bound'}.",
        )
    return str(given)


def _decided(
    messages: Sequence[BaseMessage], functions: Mapping[str, Function], choice: str
) -> tuple[str, list[ToolCall]]:
    """Return the answer: words, or tools to call."""
    decide = policy_for(frozenset(functions)) if choice == "auto" else None
    if decide is None:
        called = _called(messages, functions, choice)
        return _words(messages), [_call(functions[called], messages)] if called else []
    decided = decide(_dialogue(messages, frozenset(functions)))
    if isinstance(decided, str):
        return decided, []
    place = len(messages)
    return "", [_with_id(name, row, [place, at]) for at, (name, row) in enumerate(decided)]


def _dialogue(messages: Sequence[BaseMessage], tools: frozenset[str]) -> Dialogue:
    text, last = "\n\n".join(_text(message) for message in messages), _last_human(messages)
    results = _tool_results(messages)
    turns = [message for message in messages if isinstance(message, AIMessage)]
    made = {call["id"] for call in turns[-1].tool_calls} if turns else set()
    return Dialogue(
        prompt=Prompt(text=text, last=last),
        tools=tools,
        done=tuple(
            Done(str(row.name), Prompt(text="", last=_text(row)).data("result")) for row in results
        ),
        latest=frozenset(str(row.name) for row in results if row.tool_call_id in made),
    )


def _called(
    messages: Sequence[BaseMessage], functions: Mapping[str, Function], choice: str
) -> str | None:
    """Name the tool to call, or None to answer in words."""
    if choice == "none" or not functions:
        return None
    if choice in functions:
        return choice
    asked = next((name for name in functions if _asks_for(_last_human(messages), name)), None)
    if choice == "any":
        load_rules()
        return asked or next((name for name in functions if name in RULES), next(iter(functions)))
    return None if _tool_results(messages) else asked


_GENERIC = frozenset({"get", "fetch", "find", "run", "my", "tool", "function", "call", "make"})
_USE_TOOL = re.compile(r"\b(?:use|using|call|with) (?:the|this|your|a|any) (?:tool|function)s?\b")


def _asks_for(text: str, name: str) -> bool:
    """Return whether a text names the tool, in one word or several, or asks to use "the tool"."""
    if name.casefold() in text.casefold() or _USE_TOOL.search(text.casefold()):
        return True
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name)
    wanted = set(content_words(apart)) - set(content_words(" ".join(_GENERIC)))
    return bool(wanted) and wanted <= set(content_words(text))


def _call(function: Function, messages: Sequence[BaseMessage]) -> ToolCall:
    load_rules()
    name, schema = function["name"], function.get("parameters", {"type": "object"})
    last = _last_human(messages)
    if name in RULES:
        text = "\n\n".join(_text(message) for message in messages)
        arguments = RULES[name](Prompt(text=text, last=last, schema=schema))
    else:
        # The tool's own name is no argument, nor are digits in it.
        arguments = fill(schema, re.sub(re.escape(name), " ", last, flags=re.IGNORECASE))
    return _with_id(name, arguments, len(messages))


def _with_id(name: str, arguments: dict[str, Any], place: Any) -> ToolCall:
    seed = json.dumps([name, arguments, place], sort_keys=True, default=str)
    digest = hashlib.sha256(seed.encode()).hexdigest()
    return tool_call(name=name, args=arguments, id=f"call_{digest[:24]}")


def _words(messages: Sequence[BaseMessage]) -> str:
    results = [_text(message).strip() for message in _tool_results(messages)]
    return "\n\n".join(result for result in results if result) or INTRODUCTION


def _cut(text: str, stops: Sequence[str]) -> str:
    places = [text.find(stop) for stop in stops if stop and stop in text]
    return text[: min(places, default=len(text))]


def _text(message: BaseMessage) -> str:
    return str(message.text)


def _last_human(messages: Sequence[BaseMessage]) -> str:
    humans = [message for message in messages if isinstance(message, HumanMessage)]
    return _text(humans[-1]) if humans else ""


def _tool_results(messages: Sequence[BaseMessage]) -> list[ToolMessage]:
    """Return the tool results since a person last spoke."""
    results: list[ToolMessage] = []
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            break
        if isinstance(message, ToolMessage):
            results.insert(0, message)
    return results


_MEDIA = frozenset({"image", "image_url", "audio", "input_audio", "video", "file", "media"})


def _refuse_media(messages: Sequence[BaseMessage]) -> None:
    for message in messages:
        for block in message.content if isinstance(message.content, list) else []:
            kind = block.get("type") if isinstance(block, dict) else "text"
            if kind in _MEDIA:
                raise UsageError(
                    f"The offline engine reads text only, and a message holds: {kind}.",
                    "Leave it out, or choose a model that reads it.",
                )


def count_tokens(text: str) -> int:
    """Count tokens by a rule of thumb for English: four characters each, rounded up."""
    return math.ceil(len(text) / 4)


def _usage(
    messages: Sequence[BaseMessage], content: str, calls: Sequence[ToolCall]
) -> UsageMetadata:
    asked = sum(count_tokens(_text(message)) for message in messages)
    given = count_tokens(content) + sum(count_tokens(_arguments(call)) for call in calls)
    return _used(asked, given)


def _used(asked: int, given: int) -> UsageMetadata:
    return UsageMetadata(input_tokens=asked, output_tokens=given, total_tokens=asked + given)


def _arguments(call: ToolCall) -> str:
    return json.dumps(call["args"], ensure_ascii=False)


def _text_pieces(answer: AIMessage) -> Iterator[AIMessageChunk]:
    for piece in re.findall(r"\s*\S+\s*$|\s*\S+", _text(answer)):
        yield AIMessageChunk(content=piece)


def _call_pieces(answer: AIMessage) -> Iterator[AIMessageChunk]:
    for index, call in enumerate(answer.tool_calls):
        opening = tool_call_chunk(name=call["name"], args="", id=call["id"], index=index)
        yield AIMessageChunk(content="", tool_call_chunks=[opening])
        arguments = _arguments(call)
        for start in range(0, len(arguments), 200):
            piece = tool_call_chunk(args=arguments[start : start + 200], index=index)
            yield AIMessageChunk(content="", tool_call_chunks=[piece])


def _last_piece(answer: AIMessage) -> AIMessageChunk:
    return AIMessageChunk(
        content="",
        usage_metadata=answer.usage_metadata,
        response_metadata=answer.response_metadata,
        chunk_position="last",
    )
