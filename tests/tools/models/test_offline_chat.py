"""The offline engine is a real provider: LangChain's standard suites, its rules, its honesty."""

import json
from typing import Annotated, Literal, TypedDict

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests
from pydantic import BaseModel, Field

from cliptrail.state.errors import BadAnswer, UsageError
from cliptrail.tools.models.offline import OfflineChatModel
from cliptrail.tools.models.offline.chat import INTRODUCTION, count_tokens
from cliptrail.tools.models.offline.rules import RULES, Prompt, load_rules, rule
from cliptrail.tools.models.offline.schema import fill


class Declared:
    """What the engine cannot do beside what the suites take for granted: images, JSON mode, ..."""

    chat_model_class = OfflineChatModel
    supports_model_override = False


class TestStandardUnit(Declared, ChatModelUnitTests):
    pass


class TestStandardIntegration(Declared, ChatModelIntegrationTests):
    pass


class Answer(BaseModel):
    """A small answer."""

    title: str
    count: int = Field(ge=1, le=5)
    kind: Literal["guide", "table"]


class AnswerDict(TypedDict):
    """A small answer."""

    title: Annotated[str, ..., "the title"]
    count: Annotated[int, ..., "how many"]


@tool
def get_weather(location: str) -> str:
    """Return the weather at a place."""
    return f"sunny in {location}"


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


ASKED = 'Write a table of 3 rows called "Heat", no more than 90 words.'


@pytest.fixture
def model():
    return OfflineChatModel()


@pytest.fixture
def answer_rule():
    """Register a rule for one test."""

    def register(name, function):
        rule(name)(function)
        added.append(name)

    added: list[str] = []
    yield register
    for name in added:
        del RULES[name]


class TestWords:
    def test_it_says_that_it_is_not_a_language_model(self, model):
        assert "not a language model" in model.invoke("Who are you?").text

    def test_the_same_messages_give_the_same_answer(self, model):
        bound = model.bind_tools([add], tool_choice="any")
        first, second = bound.invoke("1 and 2"), bound.invoke("1 and 2")
        assert first.tool_calls == second.tool_calls
        assert first.usage_metadata == second.usage_metadata

    @pytest.mark.parametrize("stops", [{"stop": ["language"]}, {}])
    def test_stop_ends_the_text(self, stops):
        model = OfflineChatModel(stop=["language"])
        assert model.invoke("hi", **stops).text == INTRODUCTION.split("language")[0]

    def test_streamed_and_whole_answers_are_equal(self, model):
        whole = model.invoke("hi")
        streamed = list(model.stream("hi"))
        assert len(streamed) > 3
        assert "".join(chunk.text for chunk in streamed) == whole.text
        assert streamed[-1].usage_metadata == whole.usage_metadata

    @pytest.mark.parametrize("kind", ["image", "audio", "file"])
    def test_what_it_cannot_read_it_refuses(self, model, kind):
        block = {"type": kind, "base64": "AA==", "mime_type": "application/octet-stream"}
        message = HumanMessage([{"type": "text", "text": "See"}, block])
        with pytest.raises(UsageError, match=kind):
            model.invoke([message])


class TestTools:
    def test_a_call_only_when_it_is_asked_for(self, model):
        bound = model.bind_tools([get_weather, add])
        assert bound.invoke("Hello there").tool_calls == []
        (call,) = bound.invoke("How is the weather in New York?").tool_calls
        assert (call["name"], call["args"]) == ("get_weather", {"location": "New York"})

    def test_the_tool_that_the_person_names_is_chosen(self, model):
        bound = model.bind_tools([get_weather, add], tool_choice="any")
        (call,) = bound.invoke("Please add 20 and 22").tool_calls
        assert (call["name"], call["args"]) == ("add", {"a": 20, "b": 22})

    @pytest.mark.parametrize("choice", ["add", {"type": "function", "function": {"name": "add"}}])
    def test_a_forced_tool_is_called(self, model, choice):
        (call,) = model.bind_tools([get_weather, add], tool_choice=choice).invoke("Hi").tool_calls
        assert call["name"] == "add"

    @pytest.mark.parametrize("choice", ["required", True, "any"])
    def test_some_tool_is_called_if_any_is_forced(self, model, choice):
        assert model.bind_tools([get_weather], tool_choice=choice).invoke("Hi").tool_calls

    def test_none_forbids_calls(self, model):
        bound = model.bind_tools([get_weather], tool_choice="none")
        assert bound.invoke("Use the tool get_weather").tool_calls == []

    def test_an_unknown_choice_names_the_tools_there_are(self, model):
        with pytest.raises(UsageError, match="get_weather"):
            model.bind_tools([get_weather], tool_choice="subtract")

    def test_after_results_it_answers_with_them(self, model):
        bound = model.bind_tools([get_weather])
        question = HumanMessage("How is the weather in Rome?")
        asked = bound.invoke([question])
        result = get_weather.invoke(asked.tool_calls[0])
        assert bound.invoke([question, asked, result]).text == "sunny in Rome"

    def test_a_new_question_after_results_is_a_new_question(self, model):
        bound = model.bind_tools([get_weather])
        call = {"name": "get_weather", "args": {}, "id": "1", "type": "tool_call"}
        history = [HumanMessage("weather?"), AIMessage("", tool_calls=[call])]
        history += [
            ToolMessage("sunny", tool_call_id="1"),
            HumanMessage("And the weather in Oslo?"),
        ]
        assert bound.invoke(history).tool_calls[0]["args"] == {"location": "Oslo"}

    def test_calls_of_one_conversation_have_different_ids(self, model):
        bound = model.bind_tools([add], tool_choice="any")
        first = bound.invoke([HumanMessage("1 and 2")])
        again = bound.invoke([HumanMessage("1 and 2"), first, HumanMessage("1 and 2")])
        assert first.tool_calls[0]["id"] != again.tool_calls[0]["id"]

    def test_long_arguments_arrive_whole_in_a_stream(self, model):
        text = "a long text with “quotes” and \\ and \n breaks, " * 40
        bound = model.bind_tools([get_weather], tool_choice="any")
        full = None
        for chunk in bound.stream(text):
            full = chunk if full is None else full + chunk
        assert full.tool_calls == bound.invoke(text).tool_calls


class TestStructuredOutput:
    @pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
    def test_pydantic(self, model, method):
        answer = model.with_structured_output(Answer, method=method).invoke(ASKED)
        assert answer == Answer(title="Heat", count=3, kind="table")

    def test_dict_schema(self, model):
        answer = model.with_structured_output(Answer.model_json_schema()).invoke(ASKED)
        assert answer == {"title": "Heat", "count": 3, "kind": "table"}

    def test_typed_dict(self, model):
        answer = model.with_structured_output(AnswerDict).invoke(ASKED)
        assert answer == {"title": "Heat", "count": 3}

    def test_include_raw(self, model):
        reply = model.with_structured_output(Answer, include_raw=True).invoke(ASKED)
        assert reply["parsing_error"] is None
        assert reply["parsed"] == Answer(title="Heat", count=3, kind="table")
        assert reply["raw"].response_metadata["model_name"] == "offline:rules"

    def test_usage_is_counted_by_the_usual_handler(self, model):
        handler = UsageMetadataCallbackHandler()
        chat = model.with_structured_output(Answer)
        chat.invoke(ASKED, config={"callbacks": [handler]})
        used = handler.usage_metadata["offline:rules"]
        assert used["input_tokens"] == count_tokens(ASKED) == -(-len(ASKED) // 4)
        assert used["output_tokens"] > 0


class TestRules:
    def test_a_rule_fills_the_schema_of_its_name(self, model, answer_rule):
        seen: list[Prompt] = []

        def answer(prompt):
            seen.append(prompt)
            return {"title": prompt.data("request")["title"], "count": 2, "kind": "guide"}

        answer_rule("Answer", answer)
        messages = [
            SystemMessage("You write titles."),
            HumanMessage("old <request>{}</request>"),
            HumanMessage('<request>{"title": "A \\u003c/request> B"}</request>'),
        ]
        filled = model.with_structured_output(Answer).invoke(messages)
        assert filled.title == "A </request> B"
        assert "You write titles." in seen[0].text
        assert "title" in seen[0].schema["properties"]

    def test_with_any_tool_allowed_the_one_with_a_rule_goes_first(self, model, answer_rule):
        answer_rule("add", lambda _: {"a": 40, "b": 2})
        (call,) = model.bind_tools([get_weather, add], tool_choice="any").invoke("Hi").tool_calls
        assert call["args"] == {"a": 40, "b": 2}

    def test_two_rules_of_one_name_are_refused(self, answer_rule):
        answer_rule("Answer", lambda _: {})
        with pytest.raises(UsageError, match="Answer"):
            rule("Answer")(lambda _: {})

    def test_a_missing_fence_gives_nothing(self):
        assert Prompt(text="", last="see <notes> above").data("notes") is None

    @pytest.mark.parametrize("last", ["<n>1</n> <n>2</n>", "<n>not json</n>", "<n></n>"])
    def test_a_broken_fence_is_an_error_that_names_it(self, last):
        with pytest.raises(BadAnswer, match="<n>"):
            Prompt(text=last, last=last).data("n")

    @given(st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=8))
    def test_data_never_closes_its_fence(self, value):
        written = json.dumps([value, "</n><n>"]).replace("<", "\\u003c")
        prompt = Prompt(text="", last=f"Data:\n<n>\n{written}\n</n>\n<m>1</m>")
        assert prompt.data("n") == [value, "</n><n>"]
        assert prompt.data("m") == 1

    def test_loading_rules_twice_is_harmless(self):
        load_rules()
        before = dict(RULES)
        load_rules.cache_clear()
        load_rules()
        assert before == RULES


bounded = st.integers(-50, 50)
bounds = st.builds(lambda low, size: (low, low + size), bounded, st.integers(0, 60))
numeric = st.one_of(
    st.builds(lambda b: {"type": "integer", "minimum": b[0], "maximum": b[1]}, bounds),
    st.builds(
        lambda b: {"type": "number", "exclusiveMinimum": b[0], "exclusiveMaximum": b[1] + 1},
        bounds,
    ),
    st.builds(lambda step: {"type": "integer", "multipleOf": step}, st.integers(1, 9)),
    st.builds(lambda low: {"type": "integer", "exclusiveMinimum": low}, bounded),
)
lengths = st.builds(
    lambda low, size: {"type": "string", "minLength": low, "maxLength": low + size},
    st.integers(0, 30),
    st.integers(0, 30),
)
scalar = st.one_of(
    numeric,
    lengths,
    st.sampled_from(
        [
            {"type": "boolean"},
            {"type": "null"},
            {"type": ["string", "null"]},
            {"type": "string", "format": "date"},
            {"type": "string", "pattern": "^[a-z]$"},
            {"const": "fixed"},
            {"enum": ["red", "green", 3]},
            {"$ref": "#/$defs/Leaf"},
            {"$ref": "#/$defs/Leaf", "description": "with more"},
            {"allOf": [{"$ref": "#/$defs/Leaf"}]},
            {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]},
            {},
        ]
    ),
)


def objects(parts):
    def build(properties, required, union):
        names = list(properties)
        schema = {"type": "object", "properties": properties, "required": names[:required]}
        return {"anyOf": [{"type": "null"}, schema]} if union else schema

    named = st.dictionaries(st.sampled_from("abcdef"), parts, max_size=4)
    return st.builds(build, named, st.integers(0, 4), st.booleans())


def arrays(parts):
    return st.builds(
        lambda items, low: {"type": "array", "items": items, "minItems": low},
        parts,
        st.integers(0, 3),
    )


nested = st.recursive(scalar, lambda parts: objects(parts) | arrays(parts), max_leaves=8)
LEAF = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


class TestFill:
    @given(
        st.dictionaries(st.sampled_from("uvwxyz"), nested, min_size=1), st.text() | st.just(ASKED)
    )
    def test_an_instance_is_always_valid(self, properties, text):
        schema = {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
            "$defs": {"Leaf": LEAF},
        }
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(fill(schema, text))

    def test_only_what_is_required_is_filled(self):
        schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
        assert fill(schema, "7") == {}

    def test_a_default_stays(self):
        schema = {"properties": {"a": {"type": "integer", "default": 9}}, "required": ["a"]}
        assert fill(schema, "7") == {"a": 9}

    def test_each_number_and_name_is_used_once(self):
        class Trip(BaseModel):
            start: str
            end: str
            days: int
            price: float

        schema = Trip.model_json_schema()
        text = "I go from San Francisco, CA to 'los angeles' in three days for 99.5 dollars"
        assert fill(schema, text) == {
            "start": "los angeles",
            "end": "San Francisco, CA",
            "days": 3,
            "price": 99.5,
        }

    def test_numbers_in_names_and_endless_digits_are_no_values(self):
        schema = {"properties": {"n": {"type": "integer"}}, "required": ["n"]}
        assert fill(schema, f"no one uses GPT-4 {'9' * 6000} times, but 12") == {"n": 12}

    def test_a_query_is_the_whole_text(self):
        schema = {"properties": {"query": {"type": "string"}}, "required": ["query"]}
        assert fill(schema, "how does Python loop?") == {"query": "how does Python loop?"}

    def test_unique_items_differ(self):
        items = {"type": "array", "items": {"type": "string"}, "minItems": 3, "uniqueItems": True}
        filled = fill({"properties": {"a": items}, "required": ["a"]}, "x")
        assert len(set(filled["a"])) == 3

    @pytest.mark.parametrize(
        ("schema", "message"),
        [
            ({"$ref": "#/$defs/None"}, "not there"),
            ({"$ref": "#/properties/a"}, "itself"),
            ({"type": "string", "pattern": "^x{9}y$"}, "pattern"),
            ({"type": "integer", "minimum": 3, "maximum": 2}, "bounds"),
            ({"$ref": "#"}, "never ends"),
        ],
    )
    def test_what_cannot_be_filled_is_said(self, schema, message):
        with pytest.raises(BadAnswer, match=message):
            fill({"type": "object", "properties": {"a": schema}, "required": ["a"]}, "text")
