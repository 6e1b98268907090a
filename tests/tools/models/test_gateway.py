"""The door over real HTTP: answers, prices, fallbacks, retries, and every failure by its name."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import HumanMessage
from langchain_core.runnables.config import var_child_runnable_config
from langchain_core.tracers._streaming import _StreamingCallbackHandler
from pydantic import BaseModel

from cliptrail.state.base import Tier
from cliptrail.state.context import Context
from cliptrail.state.errors import (
    BadAnswer,
    BudgetExceeded,
    CliptrailError,
    Incident,
    ModelError,
    ModelRefused,
    ModelRejected,
    ModelUnavailable,
)
from cliptrail.state.usage import ModelCall
from cliptrail.tools.models.budget import RunBudget
from cliptrail.tools.models.catalog import Chosen
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.models.output_modes import METHODS, MOST_PLACES, OutputModes
from cliptrail.tools.models.prices import price
from cliptrail.tools.settings import Settings
from tests.limits import SOON, brief
from tests.tools.models.model_server import (
    CUT,
    EMPTY,
    HALF,
    NO_SCHEMA,
    RESET,
    SLOW,
    SLOW_STREAM,
    STALL,
    USED,
    Asked,
    ModelServer,
    Reply,
    Say,
    always,
    answer,
    completion,
    error,
    only,
    refusal,
    serving,
    streamed,
    unknown_tool,
)

KNOWN, UNKNOWN = "openai:gpt-5.4-mini", "openai:qwen3:8b"
KEY = "a local password"
QUESTION = [HumanMessage("How hot must the oil be?")]
TOKENS = USED["prompt_tokens"], USED["completion_tokens"]


class Heat(BaseModel):
    degrees: int


GOOD = answer({"degrees": 55})


@dataclass
class Talk:
    """What came of one question."""

    server: ModelServer
    budget: RunBudget
    calls: list[ModelCall]
    incidents: list[Incident]
    heat: Heat | None = None
    error: CliptrailError | None = None

    @property
    def told(self) -> str:
        """Everything that a person or the trail may see."""
        return f"{self.error} {self.calls} {self.incidents}"


async def talk(
    *says: Say, limits: Context | None = None, tier: Tier | None = None, **options: Any
) -> Talk:
    given = {"model": KNOWN, "model_retries": 0, "openai_api_key": KEY, **options}
    with serving(*says) as server:
        came = Talk(server, RunBudget(), [], [])
        context, settings = limits or Context(), Settings(base_url=server.url, **given)
        gateway = ModelGateway(context, settings, came.budget, "read", came.calls.append)
        gateway.on_incident = came.incidents.append
        try:
            came.heat = await gateway.ask("extract", QUESTION, Heat, tier=tier)
        except CliptrailError as failed:
            came.error = failed
    assert came.calls == gateway.calls == list(came.budget.calls.values())
    assert not came.budget.reserved
    return came


@pytest.mark.parametrize("model", [KNOWN, UNKNOWN])
async def test_an_answer_is_typed_counted_and_priced(model: str) -> None:
    came = await talk(GOOD, model=model)
    assert came.heat == Heat(degrees=55)
    (call,) = came.calls
    assert (call.role, call.kind, call.tier, call.step) == ("extract", "work", "capable", "read")
    assert (call.model, call.method, call.error) == (model, "json_schema", "")
    assert (call.input_tokens, call.output_tokens) == TOKENS
    assert call.usd == price(Chosen("openai", model.partition(":")[2]), *TOKENS)
    assert (call.usd is None) == (model == UNKNOWN)
    assert abs(call.started - time.time()) < 60


async def test_the_request_names_model_question_schema_and_key() -> None:
    (asked,) = (await talk(GOOD)).server.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.body["model"] == "gpt-5.4-mini"
    assert asked.body["messages"] == [{"role": "user", "content": QUESTION[0].content}]
    assert "degrees" in str(asked.body["response_format"])
    assert asked.headers["Authorization"] == f"Bearer {KEY}"


async def test_a_tier_of_its_own_chooses_another_model() -> None:
    came = await talk(GOOD, tier="powerful", model_powerful=UNKNOWN)
    assert came.server.asked[0].body["model"] == "qwen3:8b"
    assert (came.calls[0].tier, came.calls[0].model) == ("powerful", UNKNOWN)


@pytest.mark.parametrize("refused", [NO_SCHEMA, error(500)], ids=["400", "500"])
@pytest.mark.parametrize("works", METHODS)
async def test_a_server_is_asked_in_the_ways_that_it_may_know_one_after_the_other(
    works: str, refused: Say
) -> None:
    came = await talk(only(works, or_else=refused, then=GOOD))
    tried = list(METHODS[: METHODS.index(works) + 1])
    assert came.heat == Heat(degrees=55)
    assert came.server.methods == [call.method for call in came.calls] == tried
    assert [bool(call.error) for call in came.calls] == [True] * (len(tried) - 1) + [False]
    ways = [f"Asked again by {method}." for method in tried[1:]]
    ways += [f"answers by {works} and is asked so first."] * (len(tried) > 1)
    assert [row.what[-len(way) :] for row, way in zip(came.incidents, ways, strict=True)] == ways
    assert {row.where for row in came.incidents} <= {"read"}


async def test_only_json_mode_needs_the_schema_in_the_prompt() -> None:
    came = await talk(only("json_mode", or_else=NO_SCHEMA, then=GOOD))
    prompts = [str(asked.body["messages"]) for asked in came.server.asked]
    assert ["degrees" in prompt for prompt in prompts] == [False, False, True]


def unable(*methods: str) -> Say:
    """A server that knows only these ways."""
    return only(*methods, or_else=NO_SCHEMA, then=GOOD)


async def several(
    server: ModelServer, times: int = 1, account: RunBudget | None = None
) -> ModelGateway:
    """Ask one after the other, in one run; give the door with its calls."""
    context, settings = Context(), Settings(base_url=server.url, model=KNOWN, model_retries=0)
    told: list[Incident] = []
    gateway = ModelGateway(context, settings, account or RunBudget(), on_incident=told.append)
    for _ in range(times):
        assert await gateway.ask("extract", QUESTION, Heat) == Heat(degrees=55)
    gateway.budget.told = {row.what for row in told}
    assert len(gateway.budget.told) == len(told), "each is told once"
    return gateway


async def test_a_way_that_worked_is_tried_first_from_then_on_and_each_run_says_so_once() -> None:
    with serving(unable("function_calling")) as server:
        first, second = await several(server, 3), await several(server, 2)
    assert server.methods == ["json_schema", *["function_calling"] * 5]
    told = f"{KNOWN} answers by function_calling and is asked so first."
    assert told in first.budget.told
    assert second.budget.told == {told}


async def test_another_address_and_another_model_are_asked_in_the_best_way() -> None:
    with serving(unable("json_mode")) as poor, serving(GOOD) as good:
        await several(poor)
        await several(good)
        other = Settings(base_url=poor.url, model=UNKNOWN)
        await ModelGateway(Context(), other, RunBudget()).ask("extract", QUESTION, Heat)
    assert poor.methods == [*METHODS, *METHODS]
    assert good.methods == ["json_schema"]


async def test_a_remembered_way_that_fails_leads_to_the_others() -> None:
    says = [unable("function_calling")] * 2 + [unable("json_schema")] * 3
    with serving(*says) as server:
        await several(server, 3)
    ways = ["json_schema", "function_calling", "function_calling", "json_schema", "json_schema"]
    assert server.methods == ways


async def test_an_answer_cut_off_once_is_no_reason_to_ask_otherwise_for_ever() -> None:
    with serving(answer('{"degr', finish="length"), GOOD) as server:
        await several(server, 2)
    assert server.methods == ["json_schema", "function_calling", "json_schema"]


def test_only_the_last_servers_are_remembered() -> None:
    ways = OutputModes()
    for number in range(3 * MOST_PLACES):
        ways.remember(("model", str(number)), "json_mode")
    assert len(ways.worked) == MOST_PLACES
    assert ways.order(("model", "0")) == METHODS
    assert ways.order(("model", str(3 * MOST_PLACES - 1)))[0] == "json_mode"


class Watching(AsyncCallbackHandler, _StreamingCallbackHandler):  # type: ignore[misc]
    """Makes chat models stream, as LangGraph's stream mode "messages" does."""

    def tap_output_aiter(self, run_id: UUID, output: AsyncIterator[Any]) -> AsyncIterator[Any]:
        return output

    def tap_output_iter(self, run_id: UUID, output: Iterator[Any]) -> Iterator[Any]:
        return output


@contextmanager
def watched() -> Iterator[None]:
    """Somebody watches the tokens come."""
    before = var_child_runnable_config.set({"callbacks": [Watching()]})
    try:
        yield
    finally:
        var_child_runnable_config.reset(before)


@pytest.mark.filterwarnings("ignore:(?s)Pydantic serializer warnings.*field_name='parsed'")
@pytest.mark.parametrize("model", [KNOWN, UNKNOWN])
async def test_an_answer_that_is_streamed_is_typed_and_counted_as_any_other(model: str) -> None:
    with watched():
        came = await talk(streamed({"degrees": 55}), model=model)
    assert came.heat == Heat(degrees=55)
    assert [(call.input_tokens, call.output_tokens) for call in came.calls] == [TOKENS]


async def test_what_a_server_does_not_count_is_estimated() -> None:
    def uncounted(_: Asked) -> Reply:
        return completion({"content": '{"degrees": 55}'}, usage=None)

    (call,) = (await talk(uncounted)).calls
    assert 20 < call.input_tokens < 200
    assert 0 < call.output_tokens < 20


HTML = always(Reply("<html>Welcome</html>", headers={"Content-Type": "text/html"}))
NO_CHAT = "gave nothing that can be understood"
LATER, KEYS, OTHER = "Try again later.", "Check OPENAI_API_KEY.", "Try another model with --model."
SETUP = "Check --model and CLIPTRAIL_BASE_URL."


@pytest.mark.parametrize(
    ("say", "kind", "message", "next_step", "requests"),
    [
        (error(401), ModelRejected, "refuses the key (401)", KEYS, 1),
        (error(403), ModelRejected, "refuses the key (403)", KEYS, 1),
        (error(400, "API key not valid."), ModelRejected, "refuses the key", KEYS, 1),
        (error(402), ModelRejected, "wants to be paid", "Check the account", 1),
        (error(404, "none such"), ModelRejected, "none such", "Check --model.", 1),
        (error(400, "too hard"), BadAnswer, "too hard", OTHER, 3),
        (error(422), BadAnswer, "refuses the request (422)", OTHER, 3),
        (error(429, "too fast"), ModelUnavailable, "answered 429", LATER, 1),
        (error(500), ModelUnavailable, "answered 500", LATER, 3),
        (error(502), ModelUnavailable, "answered 502", LATER, 1),
        (error(418), ModelError, "answered 418", SETUP, 1),
        (CUT, ModelUnavailable, "cannot be reached", "Check the network and", 1),
        (RESET, ModelUnavailable, "cannot be reached", "Check the network and", 1),
        (HALF, ModelUnavailable, "cannot be reached", "Check the network and", 1),
        (EMPTY, BadAnswer, "does not fit the schema", OTHER, 3),
        (unknown_tool, BadAnswer, "does not fit Heat", OTHER, 3),
        (answer('{"degrees" 55}'), BadAnswer, "does not fit Heat", OTHER, 3),
        (answer('{"degrees": 55', finish="length"), BadAnswer, "cut off before", OTHER, 3),
        (refusal("I would rather not."), ModelRefused, "declined", "Put the request", 1),
        (answer("", finish="content_filter"), ModelRefused, "declined", "Put the request", 1),
        (answer('{"degr', finish="length"), BadAnswer, "cut off before the end", OTHER, 3),
        (answer("Quite hot!"), BadAnswer, "does not fit Heat", OTHER, 3),
        (answer({"colour": "blue"}), BadAnswer, "does not fit Heat", OTHER, 3),
        (HTML, ModelError, NO_CHAT, SETUP, 1),
        (always(Reply("{}")), ModelError, NO_CHAT, SETUP, 1),
        (always(Reply('{"choices": []}')), ModelError, NO_CHAT, SETUP, 1),
        (always(Reply('{"chojces')), BadAnswer, "does not fit the schema", OTHER, 3),
    ],
)
async def test_each_failure_has_its_type_its_words_and_a_next_step(
    say: Say, kind: type[ModelError], message: str, next_step: str, requests: int
) -> None:
    came = await talk(say)
    assert came.error is not None
    assert came.error.kind == kind.kind
    assert message in came.error.message
    assert came.error.next_step.startswith(next_step)
    assert len(came.server.asked) == len(came.calls) == requests
    assert all(call.error for call in came.calls)


@pytest.mark.parametrize(
    ("say", "tokens"),
    [
        (answer("Quite hot!"), TOKENS),
        (answer('{"degr', finish="length"), TOKENS),
        (answer("", finish="content_filter"), TOKENS),
        (refusal("No."), TOKENS),
        (error(404), (0, 0)),
        (error(500), (0, 0)),
    ],
    ids=["words", "cut off", "filtered", "refused", "404", "500"],
)
async def test_what_cannot_be_read_is_paid_for_and_what_is_refused_is_not(
    say: Say, tokens: tuple[int, int]
) -> None:
    for call in (await talk(say)).calls:
        assert (call.input_tokens, call.output_tokens) == tokens
        assert call.usd == price(Chosen("openai", "gpt-5.4-mini"), *tokens)


@pytest.mark.parametrize("say", [STALL, SLOW], ids=["says nothing", "never ends"])
async def test_a_server_that_does_not_answer_is_left_after_the_time_limit(say: Say) -> None:
    came = await talk(say, model_timeout_s=brief(0.2))
    assert isinstance(came.error, ModelUnavailable)
    assert came.error.message == f"{KNOWN} did not answer in time."
    assert 0.1 < came.calls[0].seconds < SOON / 2


async def test_a_stream_that_never_comes_to_the_answer_is_left_after_the_time_limit() -> None:
    with watched():
        await talk(answer("Quite hot!"))  # imports what may take longer than the limit
        came = await talk(SLOW_STREAM, model_timeout_s=brief(2))
    assert isinstance(came.error, ModelUnavailable)
    assert came.server.asked[0].body["stream"]
    assert 1 < came.calls[0].seconds < SOON / 2


async def test_what_never_became_a_call_is_not_booked() -> None:
    gateway = ModelGateway(Context(model=KNOWN), Settings(allow_model_requests=True), RunBudget())
    with pytest.raises(ModelRejected, match="There is no key"):
        await gateway.ask("extract", QUESTION, Heat)
    assert gateway.calls == []


async def test_an_address_where_nobody_listens_cannot_be_reached() -> None:
    with serving(GOOD) as server:
        gone = Settings(base_url=server.url, model=KNOWN, model_retries=0)
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await ModelGateway(Context(), gone, RunBudget()).ask("extract", QUESTION, Heat)


@pytest.mark.parametrize(
    "passing",
    [
        error(429, Retry_After="0"),
        error(500, Retry_After="0"),
        error(503, Retry_After="Sat, 01 Jan 2000 00:00:00 GMT"),
        CUT,
        RESET,
        HALF,
    ],
    ids=["429", "500", "503 with a date", "cut", "reset", "half"],
)
async def test_what_passes_is_tried_again(passing: Say) -> None:
    came = await talk(passing, GOOD, model_retries=1)
    assert came.heat == Heat(degrees=55)
    assert came.server.methods == ["json_schema"] * 2
    assert [bool(call.error) for call in came.calls] == [True, False]
    assert [row.what.endswith("Tried again.") for row in came.incidents] == [True]


async def test_the_wait_is_the_one_that_the_server_asks_for() -> None:
    longer_than_ours = 1.6
    came = await talk(error(429, Retry_After=str(longer_than_ours)), GOOD, model_retries=1)
    first, second = came.server.asked
    assert second.at - first.at >= longer_than_ours


async def test_a_wait_that_is_too_long_is_not_begun() -> None:
    came = await talk(error(429, Retry_After="3600"), GOOD, model_retries=2)
    assert isinstance(came.error, ModelUnavailable)
    assert came.error.message.endswith("It asks to wait 3600 s.")
    assert len(came.server.asked) == 1


@pytest.mark.parametrize(
    ("code", "status", "kind", "message"),
    [
        ("insufficient_quota", 429, ModelRejected, "no credit left"),
        ("context_length_exceeded", 400, ModelError, "cannot read so much"),
        ("invalid_api_key", 400, ModelRejected, "refuses the key"),
    ],
)
async def test_a_server_that_says_why_is_understood_and_not_asked_again(
    code: str, status: int, kind: type[ModelError], message: str
) -> None:
    said = Reply(json.dumps({"error": {"message": "no", "code": code}}), status)
    came = await talk(always(said), model_retries=2)
    assert type(came.error) is kind
    assert message in came.error.message
    assert len(came.server.asked) == len(came.calls) == 1


async def test_what_does_not_pass_is_given_up() -> None:
    came = await talk(error(503, Retry_After="0"), model_retries=2)
    assert isinstance(came.error, ModelUnavailable)
    assert len(came.server.asked) == len(came.calls) == 3


@pytest.mark.parametrize("status", [401, 403, 404, 418])
async def test_what_no_retry_can_help_is_not_tried_again(status: int) -> None:
    came = await talk(error(status, Retry_After="0"), model_retries=2)
    assert len(came.server.asked) == 1
    assert not came.incidents


@pytest.mark.parametrize("say", [error(500, Retry_After="0"), NO_SCHEMA])
async def test_retries_and_fallbacks_are_calls_within_the_budget(say: Say) -> None:
    came = await talk(say, limits=Context(max_calls=2), model_retries=5)
    assert isinstance(came.error, BudgetExceeded)
    assert len(came.server.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 404, 418, 429, 500])
async def test_a_server_that_repeats_the_key_does_not_bring_it_into_messages(status: int) -> None:
    def repeat(asked: Asked) -> Reply:
        return error(status, f"bad header: {asked.headers['Authorization']}")(asked)

    came = await talk(repeat)
    assert KEY not in came.told
    assert ("bad header: Bearer [key]" in came.told) == (status != 401)


async def test_a_cancelled_call_is_booked_and_sets_nothing_aside() -> None:
    with serving(STALL) as server:
        account = RunBudget()
        gateway = ModelGateway(Context(), Settings(base_url=server.url, model=KNOWN), account)
        asking = asyncio.create_task(gateway.ask("extract", QUESTION, Heat))
        async with asyncio.timeout(SOON):
            while not server.asked:  # noqa: ASYNC110 - the server is a thread without events of ours
                await asyncio.sleep(0.005)
        assert account.reserved
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert not account.reserved
    assert [call.error for call in gateway.calls] == ["cancelled"]
    assert gateway.calls == list(account.calls.values())


ASK = """
import asyncio
from langchain_core.messages import HumanMessage
from pydantic import BaseModel
from cliptrail.state.context import Context
from cliptrail.tools.models.budget import RunBudget
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.settings import settings

class Heat(BaseModel):
    degrees: int

gateway = ModelGateway(Context(), settings(), RunBudget())
print(asyncio.run(gateway.ask("extract", [HumanMessage("How hot?")], Heat)))
"""


@pytest.mark.slow
def test_a_model_without_structured_output_brings_no_warnings_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "'response_format' of type 'json_schema' is not supported with this model"
    with serving(only("function_calling", or_else=error(400, said), then=GOOD)) as server:
        monkeypatch.setenv("CLIPTRAIL_BASE_URL", server.url)
        run = subprocess.run(
            [sys.executable, "-c", ASK], capture_output=True, text=True, timeout=SOON, check=False
        )
    assert (run.stdout, run.stderr) == ("degrees=55\n", "")
    assert server.methods == ["json_schema", "function_calling"]


async def test_one_misfit_answer_is_no_reason_to_ask_otherwise_for_ever_but_many_are() -> None:
    misfit = answer({"colour": "blue"})
    with serving(misfit, GOOD, GOOD, misfit, GOOD, misfit, GOOD, GOOD) as server:
        for _ in range(5):
            await several(server)
    first, second = METHODS[:2]
    assert server.methods == [first, second, first, first, second, first, second, second]


async def test_who_is_asked_again_is_told_what_was_wrong() -> None:
    with serving(answer({"degrees": "very hot"}), GOOD) as server:
        await several(server)
    prompts = [asked.body["messages"][-1]["content"] for asked in server.asked]
    assert prompts[0] == QUESTION[0].content
    assert "did not fit the schema" in prompts[1]
    assert "- degrees: Input should be a valid integer" in prompts[1]
    assert "very hot" not in prompts[1]


async def test_whose_answer_was_cut_off_is_asked_for_a_shorter_one() -> None:
    with serving(answer('{"degr', finish="length"), GOOD) as server:
        await several(server)
    assert "too long" in server.asked[1].body["messages"][-1]["content"]
