"""The door's limits over real HTTP: no sequence of answers, at once or not, passes one."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from cliptrail.state.context import Context
from cliptrail.state.errors import BadAnswer, BudgetExceeded, Incident
from cliptrail.tools.models.budget import RunBudget
from cliptrail.tools.models.connections import work_loop
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.models.roles import role
from cliptrail.tools.settings import Settings
from tests.tools.models.model_server import Asked, Reply, Say, answer, completion, metered, serving

HOSTED = "openai:gpt-5.4-mini"
OWN = "openai:qwen3:8b"
QUESTION = [HumanMessage("How hot must the oil be, and how long does it take to get there?")]
USUAL, MOST = role("extract").output_tokens, role("extract").most_output_tokens


class Heat(BaseModel):
    degrees: int


DEGREES = {"degrees": 55}


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One loop for all examples: the client's connections belong to it."""
    with work_loop() as one:
        yield one


async def spend(limits: Context, answers: list[list[int]]) -> tuple[RunBudget, list[object]]:
    """Ask in rounds, all questions of a round at once; a number is an answer's length."""
    lengths = iter([length for row in answers for length in row])
    book, came = RunBudget(), list[object]()
    with serving(metered(lambda: next(lengths, 1), DEGREES)) as server:
        gateway = ModelGateway(limits, Settings(base_url=server.url, model=HOSTED), book)
        for row in answers:
            asking = (gateway.ask("extract", QUESTION, Heat) for _ in row)
            came += await asyncio.gather(*asking, return_exceptions=True)
    return book, came


LENGTHS = st.integers(1, 2 * MOST) | st.integers(1, USUAL)
LIMITS = st.builds(
    Context,
    max_calls=st.integers(1, 12),
    max_tokens=st.none() | st.integers(0, 4 * MOST),
    budget_usd=st.none() | st.floats(0, 0.2),
)


@pytest.mark.slow
@settings(max_examples=40)
@given(LIMITS, st.lists(st.lists(LENGTHS, min_size=1, max_size=4), min_size=1, max_size=3))
def test_no_sequence_of_answers_passes_a_limit(
    runner: asyncio.Runner, limits: Context, answers: list[list[int]]
) -> None:
    book, came = runner.run(spend(limits, answers))
    calls = list(book.calls.values())
    assert len(calls) <= limits.max_calls
    if limits.max_tokens is not None:
        assert sum(row.input_tokens + row.output_tokens for row in calls) <= limits.max_tokens
    if limits.budget_usd is not None:
        assert sum(row.usd or 0 for row in calls) <= limits.budget_usd + 1e-12
    assert all(isinstance(row, Heat | BudgetExceeded | BadAnswer) for row in came)
    assert not book.reserved


async def asked_with(model: str, limits: Context) -> Asked:
    with serving(answer(DEGREES)) as server:
        gateway = ModelGateway(limits, Settings(base_url=server.url, model=model), RunBudget())
        await gateway.ask("extract", QUESTION, Heat)
    return server.asked[0]


@pytest.mark.parametrize(
    ("model", "limits", "sent"),
    [
        (HOSTED, {}, {}),
        (HOSTED, {"max_calls": 3}, {}),
        (HOSTED, {"max_tokens": 10**6}, {"max_completion_tokens": MOST}),
        (HOSTED, {"budget_usd": 100}, {"max_completion_tokens": MOST}),
        (OWN, {"max_tokens": 10**6}, {"max_completion_tokens": MOST, "max_tokens": MOST}),
        ("openai:openai/gpt-5", {"max_tokens": 10**6}, {"max_completion_tokens": MOST}),
    ],
)
async def test_a_limit_goes_with_the_request_in_the_names_that_the_server_knows(
    model: str, limits: dict[str, Any], sent: dict[str, int]
) -> None:
    body = (await asked_with(model, Context.model_validate(limits))).body
    names = ("max_completion_tokens", "max_tokens")
    assert {name: body[name] for name in names if name in body} == sent


async def test_an_answer_gets_what_the_budget_left() -> None:
    limit = USUAL + 1000
    most = (await asked_with(OWN, Context(max_tokens=limit))).body["max_tokens"]
    assert USUAL < most < limit
    assert limit - most > len(str(Heat.model_json_schema())) // 4, "the schema is paid for too"


async def cut(limits: Context, tokens: int, *says: Say) -> tuple[BaseException | None, int]:
    """Ask for an answer of so many tokens; what was raised, and the requests it took."""
    with serving(*says, metered(lambda: tokens, DEGREES)) as server:
        gateway = ModelGateway(limits, Settings(base_url=server.url, model=HOSTED), RunBudget())
        try:
            await gateway.ask("extract", QUESTION, Heat)
        except (BadAnswer, BudgetExceeded) as error:
            assert all(call.error for call in gateway.calls)
            return error, len(server.asked)
    return None, len(server.asked)


async def test_an_answer_that_the_budget_cut_off_says_so_and_is_not_asked_again() -> None:
    error, requests = await cut(Context(max_tokens=USUAL + 1000), 2 * MOST)
    assert isinstance(error, BudgetExceeded)
    assert "the budget left no more" in error.message
    assert error.next_step.startswith("Raise --max-tokens or --budget-usd")
    assert requests == 1


async def test_an_answer_that_the_roles_limit_cut_off_says_so() -> None:
    error, _ = await cut(Context(max_tokens=10**6), 2 * MOST)
    assert isinstance(error, BadAnswer)
    assert f"cut off at {MOST} tokens, the most for extract" in error.message


async def test_a_server_that_cuts_earlier_is_not_taken_for_our_limit() -> None:
    short = completion(
        {"content": '{"degr'},
        finish="length",
        usage={"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    )
    error, requests = await cut(Context(max_tokens=10**6), 1, lambda _: short)
    assert error is None
    assert requests > 1


async def test_a_server_that_keeps_to_no_length_is_told_of_once() -> None:
    incidents: list[Incident] = []

    def long(_: Asked) -> Reply:
        used = {"prompt_tokens": 10, "completion_tokens": MOST + 1, "total_tokens": MOST + 11}
        return completion({"content": '{"degrees": 55}'}, usage=used)

    with serving(long) as server:
        context = Context(max_tokens=10**6)
        gateway = ModelGateway(context, Settings(base_url=server.url, model=OWN), RunBudget())
        gateway.on_incident = incidents.append
        for _ in range(2):
            assert await gateway.ask("extract", QUESTION, Heat) == Heat(degrees=55)
    assert [row.what for row in incidents] == [f"{OWN} does not keep to a length."]


@pytest.mark.parametrize(
    ("limits", "requests"),
    [({"max_calls": 3}, 3), ({"max_tokens": 2 * USUAL}, 10), ({"budget_usd": 0.0}, 0)],
    ids=["calls", "tokens", "dollars"],
)
async def test_of_ten_at_once_those_that_fit_reach_the_server(
    limits: dict[str, float], requests: int
) -> None:
    with serving(answer(DEGREES)) as server:
        settings = Settings(base_url=server.url, model=HOSTED)
        doors = [ModelGateway(Context.model_validate(limits), settings, RunBudget())] * 10
        asking = (gateway.ask("extract", QUESTION, Heat) for gateway in doors)
        came = await asyncio.gather(*asking, return_exceptions=True)
    assert len(server.asked) == requests
    assert came.count(Heat(degrees=55)) == requests
    assert sum(isinstance(row, BudgetExceeded) for row in came) == 10 - requests


async def test_the_offline_engine_keeps_to_a_limit_too() -> None:
    gateway = ModelGateway(
        Context(model="offline:rules", max_tokens=10**6), Settings(), RunBudget()
    )
    await gateway.ask("extract", QUESTION, Heat)
    (call,) = gateway.calls
    assert 0 < call.output_tokens < MOST
