"""What providers raise, as our own typed errors."""

import json
import math
import re
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from langchain_core.exceptions import OutputParserException
from pydantic import ValidationError

from cliptrail.state.errors import (
    BadAnswer,
    ModelError,
    ModelRefused,
    ModelRejected,
    ModelUnavailable,
)

ANOTHER = "Try another model with --model."
"""What can be done about a model that cannot do what is asked of it."""
_BAD_KEY = re.compile(r"\bapi[ _]?key\b.{0,20}\b(?:not valid|invalid|incorrect|expired)\b", re.I)
"""Some servers say so with status 400."""
_KEYS = re.compile(r"\b(?:sk|gsk|xai|pplx)[-_][\w*.-]{6,}|\bAIza[\w-]{6,}|(?<=Bearer )\S+")


class SchemaUnsupportedError(BadAnswer):
    """The server cannot do this way of structured output; another may work."""


class MisfitError(BadAnswer):
    """The answer does not fit the schema."""

    def __init__(self, message: str, next_step: str = "", faults: str = "") -> None:
        super().__init__(message, next_step)
        self.faults = faults
        """What does not fit, a line each, without the answer's own words; may be empty."""


class CutOffError(BadAnswer):
    """The answer reached a limit of length."""


class ServerFaultError(ModelUnavailable):
    """Status 500: it may pass, or be how a server takes a way of structured output."""


def translate(error: Exception, model: str, secret: str = "") -> ModelError:
    """Return the typed error for whatever a provider raised.

    Providers share no base class; what they share is a `status_code` on HTTP errors and the
    names of their time-out and connection errors.

    Args:
        error: what was raised.
        model: which model it was.
        secret: a key that must not stand in the message, though the server repeats it.
    """
    if isinstance(error, ModelError):
        return error
    name, status = type(error).__name__, getattr(error, "status_code", None)
    said = first_line(error, secret)
    if isinstance(error, OutputParserException | ValidationError | json.JSONDecodeError):
        return MisfitError(
            f"{model} gave an answer that does not fit the schema.", ANOTHER, faults(error)
        )
    if name == "LengthFinishReasonError":
        return cut_off(model)
    if name == "ContentFilterFinishReasonError":
        return declined(model)
    if isinstance(status, int):
        return _by_code(error, said, model) or _by_status(status, said, model)
    if isinstance(error, TimeoutError | ConnectionError) or "Timeout" in name:
        return ModelUnavailable(f"{model} did not answer in time.", "Try again later.")
    if "Connection" in name or "Connect" in name:
        return ModelUnavailable(
            f"{model} cannot be reached.", "Check the network and CLIPTRAIL_BASE_URL."
        )
    return ModelError(
        f"{model} gave nothing that can be understood ({name}: {said}).",
        "Check --model and CLIPTRAIL_BASE_URL.",
    )


MOST_FAULTS = 8
"""Lines on what does not fit."""


def faults(error: BaseException | None) -> str:
    """Return what does not fit in an answer, a line each: its place and what is wrong there."""
    for cause in _causes(error):
        if isinstance(cause, ValidationError):
            rows = cause.errors(include_url=False, include_context=False, include_input=False)
            lines = (f"- {'.'.join(map(str, row['loc']))}: {row['msg']}" for row in rows)
            return "\n".join([*lines][:MOST_FAULTS])
        if isinstance(cause, json.JSONDecodeError):
            return f"- It is no JSON: {cause.msg} at character {cause.pos}."
    return ""


def cut_off(model: str) -> CutOffError:
    """Return the error for an answer that reached the model's limit of length."""
    return CutOffError(f"{model} was cut off before the end of its answer.", ANOTHER)


def declined(model: str) -> ModelRefused:
    """Return the error for a model, or its filter, that does not want to answer."""
    return ModelRefused(f"{model} declined to answer.", "Put the request otherwise.")


def _by_code(error: Exception, said: str, model: str) -> ModelError | None:
    """Return the error where the server says more than its status does; else None."""
    code = getattr(error, "code", None)
    if code == "insufficient_quota":
        return ModelRejected(
            f"There is no credit left for {model}: {said}", "Check the account of OPENAI_API_KEY."
        )
    if code == "context_length_exceeded":
        return ModelError(f"{model} cannot read so much: {said}", "Lower CLIPTRAIL_CONTEXT_TOKENS.")
    if code == "invalid_api_key" or _BAD_KEY.search(said):
        return ModelRejected(f"{model} refuses the key.", "Check OPENAI_API_KEY.")
    return None


def _by_status(status: int, said: str, model: str) -> ModelError:
    if status in (401, 403):
        return ModelRejected(f"{model} refuses the key ({status}).", "Check OPENAI_API_KEY.")
    if status == 402:
        return ModelRejected(f"{model} wants to be paid ({status}): {said}", "Check the account.")
    if status == 404:
        return ModelRejected(f"There is no model {model} ({status}): {said}", "Check --model.")
    if status in (400, 422):
        return SchemaUnsupportedError(f"{model} refuses the request ({status}): {said}", ANOTHER)
    if status == 500:
        return ServerFaultError(f"{model} answered {status}: {said}", "Try again later.")
    if status in (408, 429) or status > 500:
        return ModelUnavailable(f"{model} answered {status}: {said}", "Try again later.")
    return ModelError(f"{model} answered {status}: {said}", "Check --model and CLIPTRAIL_BASE_URL.")


def billed(error: BaseException | None) -> tuple[int, int] | None:
    """Return the tokens in and out that a failed call is billed for; None if nobody knows.

    A request that was refused or never sent costs nothing; an answer that could not be read costs
    as any other.
    """
    if isinstance(getattr(error, "status_code", None), int):
        return 0, 0
    if any(type(cause).__name__ == "ConnectError" for cause in _causes(error)):
        return 0, 0
    response: Any = getattr(error, "response", None)
    usage: Any = getattr(getattr(error, "completion", None), "usage", None)
    try:
        usage = usage.model_dump() if usage is not None else response.json()["usage"]
        return int(usage["prompt_tokens"]), int(usage["completion_tokens"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def retry_after(error: BaseException | None) -> float | None:
    """Return the seconds that the server asks to wait; None if it does not say."""
    response: Any = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or {}
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        return _seconds_until(said)
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(date: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def first_line(error: Exception, secret: str = "") -> str:
    """Return the beginning of an error's text, without keys."""
    line = (str(error).splitlines() or [""])[0]
    return _KEYS.sub("[key]", line.replace(secret, "[key]") if secret else line)[:200]
