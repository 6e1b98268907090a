"""What providers raise becomes our errors; what servers ask to wait is understood."""

import json
import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.exceptions import OutputParserException
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from cliptrail.state.errors import BadAnswer, ModelError, ModelRefused, ModelUnavailable
from cliptrail.tools.models.failures import CutOffError, billed, first_line, retry_after, translate
from tests.server.conftest import free_port

MODEL = "some:model"


class AnswerError(Exception):
    """An HTTP error as every provider's package has one of its own."""

    def __init__(self, status: int = 200, body: str = "", **headers: str) -> None:
        super().__init__(body)
        if status != 200:
            self.status_code = status
        self.response = httpx.Response(status, text=body, headers=headers)


def waits(said: str) -> float | None:
    return retry_after(AnswerError(429, **{"Retry-After": said}))


@given(st.floats(0, 1e6))
def test_seconds_are_taken_as_they_are(seconds: float) -> None:
    assert waits(repr(seconds)) == seconds


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"])))
def test_whatever_a_server_says_the_wait_can_be_waited(said: str) -> None:
    wait = waits(said)
    assert wait is None or (wait >= 0 and math.isfinite(wait))


@pytest.mark.parametrize(
    ("said", "wait"),
    [("", None), ("soon", None), ("nan", None), ("inf", None), ("-5", 0.0)],
)
def test_what_is_no_wait_is_none(said: str, wait: float | None) -> None:
    assert waits(said) == wait
    assert retry_after(None) is None


def test_a_date_is_a_wait_until_then() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    wait = waits(date)
    assert wait is not None
    assert 60 < wait <= 100
    assert waits("Sat, 01 Jan 2000 00:00:00 GMT") == 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ReadTimeout", ModelUnavailable),
        ("APITimeoutError", ModelUnavailable),
        ("ConnectError", ModelUnavailable),
        ("APIConnectionError", ModelUnavailable),
        ("LengthFinishReasonError", CutOffError),
        ("ContentFilterFinishReasonError", ModelRefused),
        ("SurpriseError", ModelError),
    ],
)
def test_other_providers_are_understood_by_the_names_of_their_errors(
    name: str, kind: type[ModelError]
) -> None:
    raised: Exception = type(name, (Exception,), {})("text")
    found = translate(raised, MODEL)
    assert isinstance(found, kind)
    assert MODEL in found.message
    assert found.next_step


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (TimeoutError(), ModelUnavailable),
        (ConnectionResetError(), ModelUnavailable),
        (OutputParserException("no"), BadAnswer),
        (json.JSONDecodeError("no", "", 0), BadAnswer),
        (ZeroDivisionError(), ModelError),
    ],
)
def test_errors_of_python_and_langchain_are_understood(
    raised: Exception, kind: type[ModelError]
) -> None:
    found = translate(raised, MODEL)
    assert isinstance(found, kind)
    assert found.next_step


def test_our_own_errors_stay_as_they_are() -> None:
    ours = ModelRefused("No.", "Ask otherwise.")
    assert translate(ours, MODEL) is ours


@pytest.mark.parametrize(
    "key",
    ["sk-proj-abc_DEF-123", "sk-ant-api03-x1y2z3", "gsk_12345678", "AIzaSyA1234567", "sk-ab***yz"],
)
def test_what_looks_like_a_key_is_left_out(key: str) -> None:
    assert first_line(ValueError(f"Incorrect key {key}, bad\nmore")) == "Incorrect key [key], bad"


def test_the_known_key_is_left_out_whatever_it_looks_like() -> None:
    assert first_line(ValueError("no user me:pass here"), "me:pass") == "no user [key] here"


@given(st.text(max_size=1000))
def test_a_first_line_is_one_short_line(text: str) -> None:
    line = first_line(ValueError(text))
    assert len(line) <= 200
    assert len(line.splitlines()) <= 1


USAGE = json.dumps({"usage": {"prompt_tokens": 7, "completion_tokens": 3}})


@pytest.mark.parametrize(
    ("raised", "tokens"),
    [
        (AnswerError(200, USAGE), (7, 3)),
        (AnswerError(429, USAGE), (0, 0)),
        (AnswerError(200, "<html>"), None),
        (AnswerError(200, "[]"), None),
        (AnswerError(200, '{"usage": null}'), None),
        (AnswerError(200, '{"usage": {"prompt_tokens": "many"}}'), None),
        (TimeoutError(), None),
        (None, None),
    ],
)
def test_a_failed_call_is_billed_for_what_the_server_counted(
    raised: Exception | None, tokens: tuple[int, int] | None
) -> None:
    assert billed(raised) == tokens


def test_a_server_that_was_never_reached_is_paid_nothing() -> None:
    model = ChatOpenAI(
        base_url=f"http://127.0.0.1:{free_port()}/v1", api_key=SecretStr("x"), max_retries=0
    )
    with pytest.raises(openai.APIConnectionError) as raised:
        model.invoke("How?")
    assert billed(raised.value) == (0, 0)
