"""The scripted model is a real provider, and the context lets an agent be tested by itself."""

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool
from langchain_tests.unit_tests import ChatModelUnitTests
from pydantic import BaseModel

from cliptrail.agents.context import AgentContext
from cliptrail.state.errors import BadAnswer, BudgetExceeded, ModelRejected
from cliptrail.testing import ScriptedModel, StatusError, fake_context, transcript_of
from cliptrail.tools.models.catalog import choose, connect
from cliptrail.tools.models.offline import OfflineChatModel
from cliptrail.tools.settings import settings


class Number(BaseModel):
    """A number."""

    value: int


class Words(BaseModel):
    """Words."""

    text: str


@tool
def add(one: int, two: int) -> int:
    """Add two numbers."""
    return one + two


class TestStandardUnit(ChatModelUnitTests):
    chat_model_class = ScriptedModel

    @property
    def chat_model_params(self) -> dict[str, object]:
        return {"script": ["Hello."]}


async def ask(ctx: AgentContext, answer: type[BaseModel] = Number) -> BaseModel:
    return await ctx.ask("taster", [HumanMessage("\n<facts>\n[1, 2]\n</facts>")], answer)


async def test_answers_come_in_order_and_what_was_asked_is_kept() -> None:
    model = ScriptedModel([Number(value=1), {"value": 2}])
    ctx = fake_context(model)
    assert [await ask(ctx), await ask(ctx)] == [Number(value=1), Number(value=2)]
    assert [row.wanted for row in model.questions] == ["Number", "Number"]
    assert (model.questions[0].data("facts"), model.questions[0].data("claims")) == ([1, 2], None)
    assert [(row.model, row.usd, row.output_tokens) for row in ctx.calls] == [
        (model.name, 0, 5)
    ] * 2


async def test_answers_by_type_do_not_depend_on_the_order_and_the_last_is_repeated() -> None:
    script = {"Words": [{"text": "a"}], "Number": [{"value": 1}, {"value": 2}]}
    ctx = fake_context(ScriptedModel(script))
    found = [await ask(ctx, kind) for kind in (Number, Words, Number, Number, Words)]
    assert [next(iter(row.model_dump().values())) for row in found] == [1, "a", 2, 2, "a"]
    assert script["Number"] == [{"value": 1}, {"value": 2}], "the caller's list stays"


async def test_a_function_answers_by_the_question() -> None:
    ctx = fake_context(ScriptedModel(lambda asked: {"value": len(asked.data("facts"))}))
    assert await ask(ctx) == Number(value=2)


def test_tools_are_called_and_words_are_said() -> None:
    model = ScriptedModel([[("add", {"one": 1, "two": 2})], "Three."])
    first, second = (model.bind_tools([add]).invoke("Add them.") for _ in range(2))
    assert isinstance(first, AIMessage)
    assert [(row["name"], row["args"]) for row in first.tool_calls] == [
        ("add", {"one": 1, "two": 2})
    ]
    assert (second.text, second.tool_calls) == ("Three.", [])
    assert model.questions[0].tools == ("add",)


async def test_a_script_that_has_ended_says_so() -> None:
    with pytest.raises(ModelRejected, match="no answer left for Number"):
        await ask(fake_context(ScriptedModel()))


async def test_another_model_answers_where_the_script_has_nothing() -> None:
    model = ScriptedModel([{"value": 7}], otherwise=OfflineChatModel())
    ctx = fake_context(model)
    assert await ask(ctx) == Number(value=7)
    assert isinstance(await ask(ctx), Number)


@pytest.mark.parametrize(
    ("said", "error"),
    [(StatusError(401), ModelRejected), ("No object.", BadAnswer), ({"value": "x"}, BadAnswer)],
)
async def test_models_fail_in_the_ways_that_real_ones_do(
    said: object, error: type[Exception]
) -> None:
    ctx = fake_context(ScriptedModel([said]))  # type: ignore[list-item]
    with pytest.raises(error):
        await ask(ctx)
    assert ctx.calls[0].error


async def test_a_limit_of_calls_holds() -> None:
    with pytest.raises(BudgetExceeded):
        await ask(fake_context(ScriptedModel([{"value": 1}]), max_calls=0))


async def test_a_context_searches_and_reads_what_it_was_given() -> None:
    ctx = fake_context(transcripts=[transcript_of("heat the oil", video_id="one", channel="Forge")])
    (found,) = await ctx.search("oil", "", 5)
    assert (await ctx.transcript(found.video_id)).segments[0].text == "heat the oil"
    assert await ctx.channels() == ["Forge"]
    ctx.lack("the end")
    assert (ctx.lacks, [row.what for row in ctx.incidents]) == (["the end"], ["the end"])


def test_a_scripted_model_of_another_process_cannot_be_chosen() -> None:
    with pytest.raises(ModelRejected, match="no model scripted:0 in this process"):
        connect(choose("cheap", settings(), "scripted:0"), settings())


async def test_a_context_without_a_model_asks_the_offline_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CLIPTRAIL_MODEL", "openai:gpt-5.4")
    ctx = fake_context()
    await ask(ctx)
    assert ctx.calls[0].model == "offline:rules"
