"""The one gateway: every model call is budgeted, retried, priced, traced and written down here."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Generic, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.runnables import (
    Runnable,
    RunnableConfig,
    RunnableParallel,
    RunnableSequence,
)
from langsmith import tracing_context
from pydantic import BaseModel

from cliptrail.state.base import Tier
from cliptrail.state.context import Context
from cliptrail.state.drafts import noting_cuts
from cliptrail.state.errors import (
    BadAnswer,
    BudgetExceeded,
    CliptrailError,
    Incident,
    ModelError,
    ModelUnavailable,
)
from cliptrail.state.usage import ModelCall
from cliptrail.tools.models.budget import Need, RunBudget
from cliptrail.tools.models.catalog import Chosen, capped, choose, connect
from cliptrail.tools.models.failures import (
    ANOTHER,
    CutOffError,
    MisfitError,
    SchemaUnsupportedError,
    ServerFaultError,
    billed,
    cut_off,
    declined,
    faults,
    retry_after,
    translate,
)
from cliptrail.tools.models.output_modes import METHODS, OUTPUT_MODES, OutputModes, Place
from cliptrail.tools.models.prices import price
from cliptrail.tools.models.roles import Role, role
from cliptrail.tools.settings import Settings
from cliptrail.tools.text.length import most_tokens

A = TypeVar("A", bound=BaseModel)

LONGEST_WAIT_S = 60.0
A_MESSAGE = 8
"""Tokens that a message takes beside its text, at most."""
BY_TOOLS = "tool_calls"
"""How the ledger names a call in which the model chose among tools."""


@dataclass
class ModelGateway:
    """What one node or step asks models through.

    Args of the constructor:
        context: the run's options: model and limits.
        settings: this installation's.
        budget: the run's, shared by all its steps.
        step: id of the step that asks; empty outside of steps.
        on_call: told of every call when it has ended.
        on_incident: told of every retry and fallback.
        ways: what is known of structured output at each address.
    """

    context: Context
    settings: Settings
    budget: RunBudget
    step: str = ""
    on_call: Callable[[ModelCall], None] = lambda _: None
    on_incident: Callable[[Incident], None] = lambda _: None
    ways: OutputModes = field(default_factory=lambda: OUTPUT_MODES)
    calls: list[ModelCall] = field(default_factory=list)
    """Every call made through this gateway, for the ledger."""

    async def ask(
        self,
        role_name: str,
        messages: Sequence[BaseMessage],
        answer: type[A],
        *,
        tier: Tier | None = None,
    ) -> A:
        """Ask a model and give its answer as `answer`.

        Args:
            role_name: what the model shall be, e.g. "planner".
            messages: as rendered from `prompts`.
            answer: the Pydantic model that the answer must fit.
            tier: instead of the role's own.

        Raises:
            BudgetExceeded: the call would pass a limit; it was not made.
            ModelError: what is left after retries and fallbacks.
        """
        wanted, tier, chosen, model = self._connected(role_name, tier)
        return await self._each_way(
            _Attempt(wanted, tier, chosen, model, METHODS[0], list(messages), answer)
        )

    async def converse(
        self,
        role_name: str,
        messages: Sequence[BaseMessage],
        tools: Sequence[Mapping[str, Any]],
        *,
        tier: Tier | None = None,
    ) -> AIMessage:
        """Let a model go on in a conversation: by calling tools, or in words.

        Args:
            role_name: what the model shall be, e.g. "agent".
            messages: so far, the results of earlier calls among them.
            tools: what it may call, in OpenAI's shape.
            tier: instead of the role's own.

        Returns:
            The model's message as it came: its calls may be of any tool, with any arguments.

        Raises:
            BudgetExceeded: the call would pass a limit; it was not made.
            ModelError: what is left after retries.
        """
        wanted, tier, chosen, model = self._connected(role_name, tier)
        given = tuple(map(dict, tools))
        return await self._retrying(
            _Turn(wanted, tier, chosen, model, BY_TOOLS, list(messages), AIMessage, given)
        )

    def affords(
        self,
        role_name: str,
        messages: Sequence[BaseMessage],
        answer: type[BaseModel],
        *,
        then: tuple[str, int],
    ) -> bool:
        """Return whether the budget allows a call that is not needed, and one that is after it.

        Args:
            role_name: of the call that could be left out.
            messages: its prompt.
            answer: what it must answer.
            then: role and prompt tokens of the call that must still be possible.
        """
        return self.budget.allows(
            [
                self._need(role_name, count_tokens(messages, answer)),
                self._need(then[0], then[1]),
            ],
            self.context,
        )

    def _need(self, role_name: str, input_tokens: int) -> Need:
        wanted = role(role_name)
        chosen = choose(wanted.tier, self.settings, self.context.model)
        return _need(wanted, chosen, input_tokens)

    def _connected(
        self, role_name: str, tier: Tier | None
    ) -> tuple[Role, Tier, Chosen, BaseChatModel]:
        wanted = role(role_name)
        tier = tier or wanted.tier
        chosen = choose(tier, self.settings, self.context.model)
        return wanted, tier, chosen, connect(chosen, self.settings)

    async def _each_way(self, asked: "_Attempt[A]") -> A:
        """Ask in one way of structured output after the other, until one works."""
        chosen = asked.chosen
        place = (str(chosen), self.settings.base_url)
        ways = ("function_calling",) if chosen.by_tools_only else self.ways.order(place)
        failed: list[BadAnswer | ServerFaultError] = []
        for method in ways:
            if failed:
                self._report(asked.role, f"{failed[-1].message} Asked again by {method}.")
            remark = _remark(failed[-1]) if failed else ""
            try:
                with noting_cuts() as cut:
                    found = await self._retrying(replace(asked, method=method, remark=remark))
            except (BadAnswer, ServerFaultError) as error:
                failed.append(error)
                continue
            self._learn(place, method, failed)
            if method == self.ways.worked.get(place):
                self._report_once(
                    asked.role, f"{chosen} answers by {method} and is asked so first."
                )
            for text in dict.fromkeys(cut):
                self._report(asked.role, f"In an answer that was too long: {text}.")
            return found
        raise failed[-1] if failed else BadAnswer(f"{chosen} gave no answer.", ANOTHER)

    def _learn(
        self, place: Place, method: str, failed: Sequence[BadAnswer | ServerFaultError]
    ) -> None:
        """Take note of what a server can do: from what it refuses, not from one misfit answer."""
        if not failed:
            self.ways.fitted(place)
        elif not isinstance(failed[0], CutOffError):
            refused = isinstance(failed[0], SchemaUnsupportedError | ServerFaultError)
            self.ways.remember(place, method, refused=refused)

    async def _retrying(self, attempt: "_Attempt[A]") -> A:
        for number in range(self.settings.model_retries + 1):
            try:
                return await self._call(attempt)
            except ModelUnavailable as error:
                if number == self.settings.model_retries:
                    raise
                wait = _wait(error, number)
                self._report(attempt.role, f"{error.message} Tried again.")
                await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    async def _call(self, attempt: "_Attempt[A]") -> A:
        call_id = uuid.uuid4().hex
        most = await self.budget.reserve(call_id, attempt.need(), self.context)
        started, clock = time.time(), time.perf_counter()
        used: tuple[int, int] | None = None
        failure = "cancelled"
        try:
            model = self._capped(attempt, most)
            async with asyncio.timeout(self.settings.model_timeout_s):
                reply = await attempt.invoke(model, self.step)
            used = attempt.used(reply["raw"])
            answer = attempt.read(reply)
        except Exception as error:
            used = used or billed(error)
            typed = attempt.explain(translate(error, str(attempt.chosen), self._secret), used, most)
            failure = typed.message
            raise typed from error
        else:
            failure = ""
            return answer
        finally:
            call = attempt.entry(call_id, self.step, used, started, time.perf_counter() - clock)
            self._book(call.model_copy(update={"error": failure}))
            if most is not None and call.output_tokens > most:
                self._report_once(attempt.role, f"{attempt.chosen} does not keep to a length.")

    def _capped(self, attempt: "_Attempt[A]", most: int | None) -> BaseChatModel:
        """Return the model that keeps to a length; the same model where it cannot."""
        if most is None:
            return attempt.model
        model = capped(attempt.model, most)
        if model is None:
            told = f"{attempt.chosen} cannot be told a length: one answer may pass the budget."
            self._report_once(attempt.role, told)
        return model or attempt.model

    @property
    def _secret(self) -> str:
        key = self.settings.openai_api_key
        return key.get_secret_value() if key else ""

    def _book(self, call: ModelCall) -> None:
        self.budget.settle(call)
        self.calls.append(call)
        self.on_call(call)

    def _report(self, wanted: Role, what: str) -> None:
        self.on_incident(Incident(where=self.step or wanted.name, what=what))

    def _report_once(self, wanted: Role, what: str) -> None:
        if what not in self.budget.told:
            self.budget.told.add(what)
            self._report(wanted, what)


def _need(wanted: Role, chosen: Chosen, input_tokens: int) -> Need:
    return Need(
        model=str(chosen),
        input_tokens=input_tokens,
        least=wanted.output_tokens,
        most=wanted.most_output_tokens,
        price=lambda tokens_in, tokens_out: price(chosen, tokens_in, tokens_out),
    )


def _remark(error: ModelError) -> str:
    """Return what a model is told that was wrong with its last answer; empty if nothing was."""
    if isinstance(error, CutOffError):
        return (
            "Your last answer was cut off, since it was too long. Give a shorter one: the most "
            "useful entries, in fewer words."
        )
    if isinstance(error, MisfitError):
        what = f":\n{error.faults}\n" if error.faults else ". "
        return (
            f"Your last answer did not fit the schema and was not used{what}Answer again in full."
        )
    return ""


@dataclass(frozen=True)
class _Attempt(Generic[A]):
    """One way of asking one question."""

    role: Role
    tier: Tier
    chosen: Chosen
    model: BaseChatModel
    method: str
    messages: list[BaseMessage]
    answer: type[A]
    remark: str = field(default="", kw_only=True)
    """What was wrong with the last answer."""

    def need(self) -> Need:
        return _need(self.role, self.chosen, self._input_tokens())

    def _input_tokens(self) -> int:
        return count_tokens(self._messages(), None if self.method == "json_mode" else self.answer)

    async def invoke(self, model: BaseChatModel, step: str) -> dict[str, Any]:
        asked = model.with_structured_output(self.answer, method=self.method, include_raw=True)
        return await _answer(asked, self._messages(), self._config(step))

    def _config(self, step: str) -> RunnableConfig:
        return {
            "run_name": self.role.name,
            "tags": [f"role:{self.role.name}", f"tier:{self.tier}"],
            "metadata": {
                "role": self.role.name,
                "tier": self.tier,
                "kind": self.role.kind,
                "step": step,
                "model": str(self.chosen),
                "method": self.method,
            },
        }

    def _messages(self) -> list[BaseMessage]:
        asked = _with_remark(self.messages, self.remark) if self.remark else self.messages
        if self.method != "json_mode":
            return asked
        schema = self.answer.model_json_schema()
        return [SystemMessage(f"Answer with JSON that fits this schema: {schema}"), *asked]

    def read(self, reply: dict[str, Any]) -> A:
        model = str(self.chosen)
        self._check_whole(reply["raw"])
        parsed = reply["parsed"]
        if isinstance(parsed, self.answer):
            return parsed
        schema = self.answer.__name__
        if reply["parsing_error"] is not None:
            why = faults(reply["parsing_error"])
            raise MisfitError(
                f"{model} gave an answer that does not fit {schema}.", ANOTHER, faults=why
            )
        raise SchemaUnsupportedError(f"{model} ignored the schema {schema}.", ANOTHER)

    def _check_whole(self, raw: AIMessage) -> None:
        """Refuse what is no whole answer.

        Raises:
            ModelError: it was declined or cut off.
        """
        model, finish = str(self.chosen), raw.response_metadata.get("finish_reason")
        if raw.additional_kwargs.get("refusal") or finish == "content_filter":
            raise declined(model)
        if finish == "length":  # before all else: LangChain closes JSON that was cut off
            raise cut_off(model)

    def used(self, raw: AIMessage) -> tuple[int, int]:
        """Return an answer's tokens in and out: as the server counted them, or estimated."""
        if counted := raw.usage_metadata:
            return counted["input_tokens"], counted["output_tokens"]
        said = str(raw.content) + json.dumps(raw.tool_calls or raw.invalid_tool_calls)
        return self._input_tokens(), most_tokens(said)

    def explain(
        self, error: ModelError, used: tuple[int, int] | None, most: int | None
    ) -> CliptrailError:
        """Say that a limit of ours was the reason, where it was."""
        own_limit = most is None or (used is not None and used[1] < most)
        if not isinstance(error, CutOffError) or own_limit:
            return error
        if most == self.role.most_output_tokens:
            return CutOffError(
                f"{self.chosen} was cut off at {most} tokens, the most for {self.role.name} in a "
                "run with a limit.",
                "Narrow the request, or leave out --max-tokens and --budget-usd.",
            )
        return BudgetExceeded(
            f"The answer of {self.chosen} was cut off at {most} tokens: the budget left no more.",
            "Raise --max-tokens or --budget-usd and resume, or narrow the request.",
        )

    def entry(
        self, call_id: str, step: str, used: tuple[int, int] | None, started: float, seconds: float
    ) -> ModelCall:
        tokens_in, tokens_out = used or (self._input_tokens(), 0)
        return ModelCall(
            id=call_id,
            role=self.role.name,
            kind=self.role.kind,
            step=step,
            tier=self.tier,
            model=str(self.chosen),
            method=self.method,
            input_tokens=tokens_in,
            output_tokens=tokens_out,
            usd=price(self.chosen, tokens_in, tokens_out),
            seconds=round(seconds, 4),
            started=started,
        )


@dataclass(frozen=True)
class _Turn(_Attempt[AIMessage]):
    """One turn of a conversation in which a model may call tools."""

    tools: tuple[dict[str, Any], ...]

    def _input_tokens(self) -> int:
        return count_tokens(self.messages, None) + most_tokens(json.dumps(self.tools))

    async def invoke(self, model: BaseChatModel, step: str) -> dict[str, Any]:
        said = await model.bind_tools(self.tools).ainvoke(self.messages, self._config(step))
        return {"raw": said, "parsed": said}

    def read(self, reply: dict[str, Any]) -> AIMessage:
        said: AIMessage = reply["parsed"]
        self._check_whole(said)
        return said


def _with_remark(messages: Sequence[BaseMessage], remark: str) -> list[BaseMessage]:
    # In the last message and not after it: templates of local models want turns to alternate.
    *before, last = messages
    return [*before, last.model_copy(update={"content": f"{last.content}\n\n{remark}"})]


async def _answer(
    asked: Runnable[Any, Any], messages: list[BaseMessage], config: RunnableConfig
) -> dict[str, Any]:
    """Ask, and read the answer; LangChain's parts that only read are left out of the trace."""
    steps = asked.steps if isinstance(asked, RunnableSequence) else [asked]
    asking, reading = steps[0], steps[1:]
    reply: Any
    if isinstance(asking, RunnableParallel) and list(asking.steps__) == ["raw"]:
        reply = {"raw": await asking.steps__["raw"].ainvoke(messages, config)}
        with tracing_context(enabled=False):
            for step in reading:
                reply = await step.ainvoke(reply)
    else:  # a provider's own way of structured output
        reply = await asked.ainvoke(messages, config)
    assert isinstance(reply, dict)
    return reply


def _wait(error: ModelUnavailable, number: int) -> float:
    """Return the seconds before the next try.

    Raises:
        ModelUnavailable: the server asks for more than anybody wants to wait.
    """
    asked = retry_after(error.__cause__)
    if asked is None:
        own: float = random.uniform(0.5, 1.5) * 2**number  # noqa: S311
        return min(own, LONGEST_WAIT_S)
    if asked > LONGEST_WAIT_S:
        raise ModelUnavailable(
            f"{error.message} It asks to wait {asked:.0f} s.", "Resume when that time is over."
        ) from error.__cause__
    return asked


def count_tokens(messages: Sequence[BaseMessage], answer: type[BaseModel] | None) -> int:
    """Estimate a prompt's tokens, rather too high than too low; see `cliptrail.tools.text.length`.

    Args:
        messages: of the prompt.
        answer: the schema that goes with them; it is billed as a part of the prompt, wherever it
            stands in the request. None if it stands in a message.
    """
    texts = [str(message.content) for message in messages]
    texts += [
        json.dumps(row.tool_calls)
        for row in messages
        if isinstance(row, AIMessage) and row.tool_calls
    ]
    schema = _schema_tokens(answer) if answer is not None else 0
    return schema + sum(most_tokens(text) + A_MESSAGE for text in texts)


@lru_cache(maxsize=128)
def _schema_tokens(answer: type[BaseModel]) -> int:
    return most_tokens(json.dumps(answer.model_json_schema())) + A_MESSAGE
