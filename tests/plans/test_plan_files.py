"""Plans as files: they come back the same, and parameters stay plain text."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cliptrail.plans.files import PlanFile, dump, fill, load, to_file
from cliptrail.plans.references import parse
from cliptrail.state.errors import UsageError
from cliptrail.state.plan import Plan, Step
from cliptrail.state.request import Notes
from tests.plans.sample_agents import JSON, JSON_TEXT, NAMES

SHARED_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
STEPS = st.builds(
    Step,
    id=NAMES,
    agent=NAMES,
    brief=JSON_TEXT,
    inputs=st.dictionaries(JSON_TEXT, JSON, max_size=3),
    depends_on=st.lists(NAMES, max_size=2).map(tuple),
    for_each=st.none() | JSON_TEXT,
    tier=st.sampled_from([None, "cheap"]),
    accept_partial=st.none() | st.booleans(),
)
NOTES = st.builds(
    Notes,
    topic=JSON_TEXT,
    channels=st.lists(JSON_TEXT, max_size=2).map(tuple),
    output_file=JSON_TEXT,
)
FILES = st.builds(
    PlanFile,
    request=JSON_TEXT,
    notes=NOTES,
    goal=JSON_TEXT,
    steps=st.lists(STEPS, max_size=3).map(tuple),
)
ODD_TEXT = "\x7f\x85\u2028 \ufeff: # - 'q' \"q\" 2024-01-01 no 1e3 \U0001f525\t\r\n"
ODD = PlanFile(
    request=ODD_TEXT,
    steps=(Step(id="a", agent="b", inputs={"x": ODD_TEXT, "y": [1e16, -0.0, 10**20, "1e3"]}),),
)


def written(path: Path, content: str | bytes | dict[str, Any]) -> Path:
    if isinstance(content, dict):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@given(FILES, st.booleans())
@example(ODD, False)
@example(ODD, True)
@SHARED_FOLDER
def test_a_plan_comes_back_the_same(tmp_path: Path, stored: PlanFile, as_json: bool) -> None:
    text = dump(stored, as_json=as_json)
    back = load(written(tmp_path / "plan", text))
    assert back == stored
    assert back.model_dump_json() == stored.model_dump_json()


def test_plain_json_with_escapes_is_read_as_json(tmp_path: Path) -> None:
    text = json.dumps({"request": "\U0001f525", "steps": []}, ensure_ascii=True)
    assert load(written(tmp_path / "plan.json", text)).request == "\U0001f525"


def test_a_file_is_short_and_in_a_readable_order() -> None:
    plan = Plan(goal="g", steps=(Step(id="a", agent="find", inputs={"query": "ä: b"}),))
    text = dump(to_file(plan, "how?", Notes(topic="t")))
    assert text.splitlines() == [
        "cliptrail_plan: 1",
        "request: how?",
        "notes:",
        "  topic: t",
        "goal: g",
        "steps:",
        "- id: a",
        "  agent: find",
        "  inputs:",
        "    query: 'ä: b'",
    ]
    assert to_file(plan, "how?", Notes()).plan == plan


# --- parameters ---------------------------------------------------------------------------------

TEMPLATE: dict[str, Any] = {
    "request": "how do I cook {cut}, for under ${price}?",
    "parameters": {"cut": None, "price": "20"},
    "notes": {"topic": "cooking {cut}", "facts_wanted": ["time for {cut}"]},
    "goal": "{cut}",
    "steps": [
        {
            "id": "a",
            "agent": "find",
            "brief": "all on {cut}: $9",
            "inputs": {"query": "{cut} tips"},
        },
        {
            "id": "b",
            "agent": "find",
            "for_each": "$a.names[:2]",
            "inputs": {"query": "${a.title} {cut}", "mode": ["{cut}", {"x": "{cut}"}], "limit": 3},
        },
    ],
}


def test_parameters_are_filled_in_everywhere(tmp_path: Path) -> None:
    stored = load(written(tmp_path / "p.json", TEMPLATE), {"cut": "brisket"})
    assert stored.request == "how do I cook brisket, for under $20?"
    assert stored.parameters == {"cut": "brisket", "price": "20"}
    assert stored.notes == Notes(topic="cooking brisket", facts_wanted=("time for brisket",))
    assert stored.goal == "brisket"
    assert stored.steps[0].brief == "all on brisket: $9"
    assert stored.steps[0].inputs == {"query": "brisket tips"}
    assert stored.steps[1].for_each == "$a.names[:2]"
    assert stored.steps[1].inputs == {
        "query": "${a.title} brisket",
        "mode": ["brisket", {"x": "brisket"}],
        "limit": 3,
    }


@given(st.text("${}.[]a \n") | st.text())
def test_a_value_stays_plain_text(value: str) -> None:
    filled = fill(TEMPLATE, {"cut": value})
    assert parse(filled["steps"][0]["inputs"]["query"]) == f"{value} tips"
    assert filled["steps"][0]["brief"] == f"all on {value}: $9"
    assert filled["request"] == f"how do I cook {value}, for under $20?"
    assert str(parse(filled["steps"][1]["inputs"]["query"])).startswith("${a.title} ")


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{a}", "1"),
        ("{a}{a}{ab}", "112"),
        ("${a}", "${a}"),
        ("${a.title}", "${a.title}"),
        ("$${a}", "$$1"),
        ("$$${a}", "$$${a}"),
        ("$x.names[:{a}]", "$x.names[:1]"),
        ("{b} {} { a } {A}", "{b} {} { a } {A}"),
        ("{{a}}", "{1}"),
    ],
)
def test_what_is_a_parameter_in_an_input_and_what_is_not(text: str, filled: str) -> None:
    data = {
        "parameters": {"a": "1", "ab": "2"},
        "steps": [{"id": "s", "agent": "x", "inputs": {"q": text}}],
    }
    assert fill(data, {})["steps"][0]["inputs"]["q"] == filled


def test_values_are_not_filled_into_each_other() -> None:
    data = {"parameters": {"a": "{b}", "b": "{a}"}, "goal": "{a} {b}"}
    assert fill(data, {})["goal"] == "{b} {a}"


def test_without_parameters_braces_are_braces(tmp_path: Path) -> None:
    path = written(tmp_path / "p.json", {"request": "what is {x}?", "steps": []})
    assert load(path).request == "what is {x}?"


def test_a_filled_plan_can_be_stored_and_loaded_again(tmp_path: Path) -> None:
    stored = load(written(tmp_path / "p.json", TEMPLATE), {"cut": "$5 {price} ${a.x}"})
    assert parse(stored.steps[0].inputs["query"]) == "$5 {price} ${a.x} tips"


@pytest.mark.parametrize(
    ("values", "message", "next_step"),
    [
        ({"cut": "x", "cit": "y"}, "no parameter 'cit'", "It has: cut, price."),
        ({}, "needs a value for 'cut'", "Add: --param cut=VALUE"),
    ],
)
def test_a_wrong_parameter_names_the_next_step(
    values: dict[str, str], message: str, next_step: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        fill(TEMPLATE, values)
    assert caught.value.next_step == next_step


def test_a_plan_without_parameters_says_so() -> None:
    with pytest.raises(UsageError) as caught:
        fill({"steps": []}, {"cut": "x"})
    assert caught.value.next_step == "It has: none."


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("steps: [", id="torn"),
        pytest.param(b"\xff\xfe\x00", id="not text"),
        pytest.param("a: \x00", id="control characters"),
        pytest.param("steps: 2024-13-45", id="a day that is none"),
        pytest.param("{" * 5_000, id="deep"),
        pytest.param("steps: &a [*a]", id="within itself"),
        pytest.param("x: &a [1]\nsteps: [*a]", id="alias"),
        pytest.param("steps: !!python/object/apply:os.getcwd []", id="code"),
        pytest.param("", id="empty"),
        pytest.param("just words", id="words"),
        pytest.param("- steps", id="list"),
        pytest.param('{"request": "q"}', id="no steps"),
        pytest.param('{"steps": []}', id="no request"),
        pytest.param('{"request": "q", "steps": [{"id": "a"}]}', id="no agent"),
        pytest.param('{"request": "q", "steps": 7}', id="steps of another type"),
        pytest.param('{"request": "q", "steps": [7]}', id="step of another type"),
        pytest.param('{"request": "q", "steps": [], "stepz": 1}', id="unknown field"),
        pytest.param('{"request": "q", "steps": [], "cliptrail_plan": 2}', id="of the future"),
        pytest.param("request: q\nsteps: []\nparameters: [a]", id="parameters as a list"),
        pytest.param("request: q\nsteps: []\nparameters: {1: x}", id="a number as a name"),
        pytest.param("request: q\nsteps: []\nparameters: {a b: x}", id="a name in two words"),
        pytest.param("request: q\nsteps: []\nparameters: {a: [x]}", id="a list as a default"),
        pytest.param("request: q\nsteps: 7\nparameters: {a: x}", id="no steps to fill"),
    ],
)
def test_what_is_no_plan_is_told_with_the_next_step(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(UsageError) as caught:
        load(written(tmp_path / "p.yaml", content))
    assert caught.value.next_step
    assert "p.yaml" in caught.value.message or "parameter" in caught.value.message


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.yaml cannot be read: No such file") as caught:
        load(tmp_path / "nowhere.yaml")
    assert caught.value.next_step


def test_a_torn_file_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="in line 3"):
        load(written(tmp_path / "p.yaml", "request: q\nsteps:\n- id: a: b\n"))


def _yaml_texts() -> st.SearchStrategy[str]:
    data = st.recursive(
        JSON,
        lambda part: st.dictionaries(
            st.sampled_from(["steps", "request", "parameters", "id", "inputs"]), part
        ),
        max_leaves=6,
    )
    return data.map(lambda value: str(yaml.safe_dump(value, allow_unicode=True)))


@given(st.binary(max_size=200) | st.text(max_size=100) | _yaml_texts())
@SHARED_FOLDER
def test_any_file_is_a_plan_or_a_usage_error(tmp_path: Path, content: str | bytes) -> None:
    with suppress(UsageError):
        load(written(tmp_path / "p.yaml", content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"cliptrail_plan": 2, "steps": [], "colour": 1}', "plan format 2; this cliptrail reads"),
        ("cliptrail_plan: one\nsteps: []", "the plan format 'one', which is none"),
        ("cliptrail_plan: true\nsteps: []", "the plan format True, which is none"),
        ("cliptrail_plan:\nsteps: []", "the plan format None, which is none"),
        ("request: q\nsteps: [{id: a}]\nsteps: []", "'steps' for the second time in line 3"),
        ('{"request": "q", "steps": [], "steps": []}', "'steps' for the second time in line 1"),
        ("request: ü\nsteps: []".encode("utf-16"), "is not UTF-8 text"),
    ],
)
def test_the_first_reason_is_the_one_told(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        load(written(tmp_path / "p.yaml", content))
    assert caught.value.next_step


def test_a_byte_order_mark_is_no_part_of_a_plan(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbfrequest: q\nsteps: []"
    assert load(written(tmp_path / "p.yaml", text)).request == "q"
