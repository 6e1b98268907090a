"""The one door: every model call is budgeted, retried, priced, traced and written down here."""

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.runnables import RunnableConfig
from pydantic import BaseModel

from state.base import Tier
from state.context import Context
from state.errors import BadAnswer, Incident, ModelUnavailable
from state.usage import ModelCall
from tools.models.account import Account, Expected
from tools.models.catalog import Chosen, choose, connect
from tools.models.failures import (
    ANOTHER,
    SchemaUnsupportedError,
    billed,
    cut_off,
    declined,
    retry_after,
    translate,
)
from tools.models.prices import price
from tools.models.roles import Role, role
from tools.settings import Settings
from tools.text.length import most_tokens

A = TypeVar("A", bound=BaseModel)

METHODS = ("json_schema", "function_calling", "json_mode")
"""Ways to demand structured output, best first. Servers differ in which they honour."""
LONGEST_WAIT_S = 30.0
A_MESSAGE = 8
"""Tokens that a message takes beside its text, at most."""


@dataclass
class Door:
    """What one node or step asks models through.

    Args of the constructor:
        context: the run's options: model and limits.
        settings: this installation's.
        account: the run's account, shared by all its steps.
        step: id of the step that asks; empty outside of steps.
        on_call: told of every call when it has ended.
        on_incident: told of every retry and fallback.
    """

    context: Context
    settings: Settings
    account: Account
    step: str = ""
    on_call: Callable[[ModelCall], None] = lambda _: None
    on_incident: Callable[[Incident], None] = lambda _: None
    calls: list[ModelCall] = field(default_factory=list)
    """Every call made through this door, for the ledger."""

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
        wanted = role(role_name)
        tier = tier or wanted.tier
        chosen = choose(tier, self.settings, self.context.model)
        model = connect(chosen, self.settings)
        last: BadAnswer | None = None
        for method in ("function_calling",) if chosen.offline else METHODS:
            attempt = _Attempt(wanted, tier, chosen, model, method, list(messages), answer)
            if last is not None:
                self._report(wanted, f"{last.message} Asked again by {method}.")
            try:
                return await self._retrying(attempt)
            except BadAnswer as error:
                last = error
        raise last or BadAnswer(f"{chosen} gave no answer.", ANOTHER)

    async def _retrying(self, attempt: "_Attempt[A]") -> A:
        for number in range(self.settings.model_retries + 1):
            try:
                return await self._call(attempt)
            except ModelUnavailable as error:
                if number == self.settings.model_retries:
                    raise
                wait = retry_after(error.__cause__)
                wait = random.uniform(0.5, 1.5) * 2**number if wait is None else wait  # noqa: S311
                self._report(attempt.role, f"{error.message} Tried again.")
                await asyncio.sleep(min(wait, LONGEST_WAIT_S))
        raise AssertionError("the last attempt returns or raises")

    async def _call(self, attempt: "_Attempt[A]") -> A:
        call_id = uuid.uuid4().hex
        self.account.reserve(call_id, attempt.expected(), self.context)
        started, clock = time.time(), time.perf_counter()
        used: tuple[int, int] | None = None
        failure = "cancelled"
        try:
            async with asyncio.timeout(self.settings.model_timeout_s):
                reply = await attempt.invoke(self.step)
            used = _usage(reply["raw"])
            answer = attempt.read(reply)
        except Exception as error:
            used = used or billed(error)
            typed = translate(error, str(attempt.chosen), self._secret)
            failure = typed.message
            raise typed from error
        else:
            failure = ""
            return answer
        finally:
            call = attempt.entry(call_id, self.step, used, started, time.perf_counter() - clock)
            self._book(call.model_copy(update={"error": failure}))

    @property
    def _secret(self) -> str:
        key = self.settings.openai_api_key
        return key.get_secret_value() if key else ""

    def _book(self, call: ModelCall) -> None:
        self.account.settle(call)
        self.calls.append(call)
        self.on_call(call)

    def _report(self, wanted: Role, what: str) -> None:
        self.on_incident(Incident(where=self.step or wanted.name, what=what))


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

    def expected(self) -> Expected:
        tokens = count_tokens(self.messages)
        dollars = price(self.chosen, tokens, self.role.output_tokens)
        return Expected(tokens=tokens + self.role.output_tokens, usd=dollars)

    async def invoke(self, step: str) -> dict[str, Any]:
        asked = self.model.with_structured_output(self.answer, method=self.method, include_raw=True)
        config: RunnableConfig = {
            "run_name": self.role.name,
            "tags": [f"role:{self.role.name}", f"tier:{self.tier}"],
            "metadata": {"step": step, "model": str(self.chosen), "kind": self.role.kind},
        }
        reply = await asked.ainvoke(self._messages(), config)
        assert isinstance(reply, dict)
        return reply

    def _messages(self) -> list[BaseMessage]:
        if self.method != "json_mode":
            return self.messages
        schema = self.answer.model_json_schema()
        return [SystemMessage(f"Answer with JSON that fits this schema: {schema}"), *self.messages]

    def read(self, reply: dict[str, Any]) -> A:
        raw: AIMessage = reply["raw"]
        model, finish = str(self.chosen), raw.response_metadata.get("finish_reason")
        if raw.additional_kwargs.get("refusal") or finish == "content_filter":
            raise declined(model)
        parsed = reply["parsed"]
        if isinstance(parsed, self.answer):
            return parsed
        if finish == "length":
            raise cut_off(model)
        schema = self.answer.__name__
        if reply["parsing_error"] is not None:
            raise BadAnswer(f"{model} gave an answer that does not fit {schema}.", ANOTHER)
        raise SchemaUnsupportedError(f"{model} ignored the schema {schema}.", ANOTHER)

    def entry(
        self, call_id: str, step: str, used: tuple[int, int] | None, started: float, seconds: float
    ) -> ModelCall:
        tokens_in, tokens_out = used or (count_tokens(self.messages), 0)
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


def _usage(raw: AIMessage) -> tuple[int, int] | None:
    """Give an answer's tokens in and out, as the server counted them."""
    used = raw.usage_metadata
    return (used["input_tokens"], used["output_tokens"]) if used else None


def count_tokens(messages: Sequence[BaseMessage]) -> int:
    """Estimate a prompt's tokens, rather too high than too low; see `tools.text.length`."""
    return sum(most_tokens(str(message.content)) + A_MESSAGE for message in messages)
