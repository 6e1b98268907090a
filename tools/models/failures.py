"""What providers raise, as our own typed errors."""

import json
from typing import Any

from langchain_core.exceptions import OutputParserException
from pydantic import ValidationError

from state.errors import BadAnswer, ModelError, ModelRejected, ModelUnavailable


class SchemaUnsupportedError(BadAnswer):
    """The server cannot do this way of structured output; another may work."""


def translate(error: Exception, model: str) -> ModelError:
    """Give the typed error for whatever a provider raised.

    Providers share no base class; what they share is a `status_code` on HTTP errors and the
    names of their time-out and connection errors.
    """
    if isinstance(error, ModelError):
        return error
    name, status = type(error).__name__, getattr(error, "status_code", None)
    if isinstance(error, OutputParserException | ValidationError | json.JSONDecodeError):
        return BadAnswer(f"{model} gave an answer that does not fit the schema.")
    if name == "LengthFinishReasonError":
        return BadAnswer(f"{model} was cut off before the end of its answer.")
    if isinstance(status, int):
        return _by_status(status, error, model)
    if isinstance(error, TimeoutError | ConnectionError) or "Timeout" in name:
        return ModelUnavailable(f"{model} did not answer in time.", "Try again later.")
    if "Connection" in name or "Connect" in name:
        return ModelUnavailable(
            f"{model} cannot be reached.", "Check the network and CLIPTRAIL_BASE_URL."
        )
    return ModelError(f"{model} failed: {name}: {_first_line(error)}")


def _by_status(status: int, error: Exception, model: str) -> ModelError:
    said = _first_line(error)
    if status in (401, 403):
        return ModelRejected(f"{model} refuses the key ({status}).", "Check OPENAI_API_KEY.")
    if status == 404:
        return ModelRejected(f"There is no model {model} ({status}): {said}", "Check --model.")
    if status in (400, 422):
        return SchemaUnsupportedError(f"{model} refuses the request ({status}): {said}")
    if status == 429 or status >= 500:
        return ModelUnavailable(f"{model} answered {status}: {said}", "Try again later.")
    return ModelError(f"{model} answered {status}: {said}")


def retry_after(error: BaseException | None) -> float | None:
    """Give the seconds that the server asks to wait; None if it does not say."""
    response: Any = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or {}
    try:
        return float(headers.get("retry-after", ""))
    except ValueError:
        return None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]
