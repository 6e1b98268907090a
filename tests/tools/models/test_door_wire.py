"""The door over a real connection: fallbacks, retries and failures, each typed and written down."""

from dataclasses import dataclass, field

import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from state.context import Context
from state.errors import BadAnswer, Incident, ModelError, ModelRejected, ModelUnavailable
from state.usage import ModelCall
from tests.nodes.scripted_model import Answer, Script, scripted
from tools.models.account import Account
from tools.models.door import METHODS, Door
from tools.settings import settings

KEY = "sk-secret-of-this-test"
GOOD: Answer = {"degrees": 180}


class Heat(BaseModel):
    degrees: int


@dataclass
class Asked:
    """What came of one question."""

    answer: Heat | None = None
    error: ModelError | None = None
    calls: list[ModelCall] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    script: Script = field(default_factory=lambda: Script([]))


async def ask(patch: pytest.MonkeyPatch, *answers: Answer, retries: int = 0) -> Asked:
    patch.setenv("OPENAI_API_KEY", KEY)
    asked = Asked()
    with scripted(patch, *answers) as script:
        patch.setenv("CLIPTRAIL_MODEL_RETRIES", str(retries))
        settings.cache_clear()
        door = Door(Context(), settings(), Account(), "read")
        door.on_incident = asked.incidents.append
        try:
            asked.answer = await door.ask("extract", [HumanMessage("How hot?")], Heat)
        except ModelError as error:
            asked.error = error
    asked.calls, asked.script = door.calls, script
    shown = f"{asked.error}{asked.incidents}{asked.calls}"
    assert KEY not in shown
    return asked


async def test_an_answer_is_parsed_and_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = await ask(monkeypatch, GOOD)
    assert asked.answer == Heat(degrees=180)
    (call,) = asked.calls
    assert (call.role, call.kind, call.tier, call.step) == ("extract", "work", "capable", "read")
    assert (call.model, call.method, call.error) == ("openai:scripted", "json_schema", "")
    assert (call.input_tokens, call.output_tokens, call.usd) == (10, 5, None)


async def test_each_way_of_asking_that_a_server_lacks_is_told_and_another_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = await ask(monkeypatch, 400, GOOD, GOOD)  # as words, where a tool call was asked for
    assert asked.answer == Heat(degrees=180)
    assert [row.method for row in asked.calls] == list(METHODS)
    assert [bool(row.error) for row in asked.calls] == [True, True, False]
    assert [row.what.rpartition(" by ")[2] for row in asked.incidents] == [
        "function_calling.",
        "json_mode.",
    ]


async def test_answers_that_never_fit_are_a_bad_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: Answer = {"colour": "blue"}
    asked = await ask(monkeypatch, wrong, wrong, wrong)
    assert isinstance(asked.error, BadAnswer)
    assert len(asked.script.prompts) == len(asked.calls) == 3


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_what_no_retry_can_help_is_told_at_once(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await ask(monkeypatch, status, retries=2)
    assert isinstance(asked.error, ModelRejected)
    assert asked.error.next_step.startswith("Check ")
    assert len(asked.script.prompts) == len(asked.calls) == 1


async def test_what_passes_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = await ask(monkeypatch, 500, GOOD, retries=1)
    assert asked.answer == Heat(degrees=180)
    assert [bool(row.error) for row in asked.calls] == [True, False]
    assert ["Tried again" in row.what for row in asked.incidents] == [True]


async def test_what_does_not_pass_ends_as_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = await ask(monkeypatch, 500)
    assert isinstance(asked.error, ModelUnavailable)
    assert len(asked.calls) == 1


async def test_a_server_that_is_gone_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIPTRAIL_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("CLIPTRAIL_MODEL_RETRIES", "0")
    settings.cache_clear()
    door = Door(Context(), settings(), Account())
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await door.ask("extract", [HumanMessage("How hot?")], Heat)


async def test_without_a_key_nothing_is_booked() -> None:
    door = Door(Context(model="openai:gpt-5.4-mini"), settings(), Account())
    with pytest.raises(ModelRejected):
        await door.ask("extract", [HumanMessage("How hot?")], Heat)
    assert door.calls == []
