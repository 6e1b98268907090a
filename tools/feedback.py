"""What a person thinks of a run, for LangSmith: beside the run's trace, where runs are compared."""

from typing import Literal
from uuid import UUID, uuid4

import requests
from langsmith.schemas import APIFeedbackSource, FeedbackCreate
from langsmith.utils import LangSmithError, LangSmithNotFoundError

from cliptrail.state.errors import CliptrailError, UsageError
from cliptrail.tools.masking import mask
from cliptrail.tools.settings import settings
from cliptrail.tools.tracing import Line, open_client, project, tracing_wanted

Verdict = Literal["good", "bad"]
KEY = "user_score"
"""Name of the feedback, as LangSmith lists it; 1 is good, 0 is bad."""
LONGEST_COMMENT = 2_000
"""Characters."""
TRIES = 3
"""A trace that was sent just now may take LangSmith some seconds to know."""


def give_feedback(trace: str, verdict: Verdict, why: str = "") -> None:
    """Send a person's verdict on a run to LangSmith; blocks until it is there.

    Args:
        trace: id of the run's trace, as its trail and its thread have it.
        verdict: was it any good?
        why: in the person's words; secrets in it are masked.

    Raises:
        UsageError: tracing is off, there is no such trace, or the words are too many.
        CliptrailError: LangSmith could not be reached, or refused.
    """
    if not tracing_wanted():
        raise UsageError(
            "Tracing is off, so there is nobody to give feedback to.",
            "Set LANGSMITH_TRACING=true and LANGSMITH_API_KEY.",
        )
    if len(why) > LONGEST_COMMENT:
        raise UsageError(f"The reason is longer than {LONGEST_COMMENT} characters.", "Shorten it.")
    _send(_as_id(trace), verdict, mask(settings())({"why": why})["why"])


def _as_id(trace: str) -> UUID:
    if not trace:
        raise UsageError(
            "This run was not traced.", "Feedback goes to the trace of a run: run it with tracing."
        )
    try:
        return UUID(trace)
    except ValueError as error:
        raise UsageError(f"{trace!r} is no id of a trace.", "It stands in the trail.") from error


def _send(trace: UUID, verdict: Verdict, why: str) -> None:
    line = Line()
    client = open_client(settings(), line, traces=False)
    try:
        place = client.read_project(project_name=project()).id
        # Not `create_feedback`: it logs a traceback of what is told here in one sentence.
        client.request_with_retries(
            "POST",
            "/feedback",
            request_kwargs={"data": _feedback(trace, place, verdict, why)},
            stop_after_attempt=TRIES,
            retry_on=(LangSmithNotFoundError,),
        )
    except LangSmithNotFoundError as error:
        raise CliptrailError(
            f"LangSmith does not know the trace {trace} in its project {project()!r}.",
            "If the run has just ended, try again in a minute.",
        ) from error
    except (LangSmithError, requests.RequestException, ValueError) as error:
        raise CliptrailError(
            f"{line.trouble or f'LangSmith did not take it: {type(error).__name__}'}.",
            "Check LANGSMITH_ENDPOINT and LANGSMITH_API_KEY.",
        ) from error
    finally:
        line.close()


def _feedback(trace: UUID, place: UUID, verdict: Verdict, why: str) -> bytes:
    given = FeedbackCreate(
        id=uuid4(),
        run_id=trace,
        trace_id=trace,
        session_id=place,
        key=KEY,
        score=int(verdict == "good"),
        value=verdict,
        comment=why or None,
        feedback_source=APIFeedbackSource(metadata={"from": "cliptrail"}),
    )
    return given.model_dump_json(exclude_none=True).encode()
