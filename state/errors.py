"""Everything that can go wrong, as one tree, and its form as a value.

CliptrailError
├── UsageError             a wrong option, name, path or plan: the user can fix it
│   └── Unanswered         the run waits for a decision that nobody made
├── SourceError            where videos come from
│   ├── VideoNotFound      deleted, private, or not an id
│   ├── NoCaptions         the video has no captions in the wanted languages
│   ├── Blocked            the source refuses this network: the batch must stop
│   └── SourceUnavailable  time limit, 429, 5xx, an answer that is not understood
├── LibraryError           the library file is locked, corrupt, or of another version
├── ModelError
│   ├── ModelUnavailable   time limit, 429, 5xx, connection lost: worth a retry
│   ├── ModelRejected      wrong key, unknown model: no retry can help
│   ├── ModelRefused       the model declined to answer
│   └── BadAnswer          the answer does not fit the schema asked for
├── BudgetExceeded         the next call would pass a limit of calls, tokens or dollars
├── OutputError            guide or trail cannot be written
└── InputMissing           a step's input is not there, or not of its type
"""

from typing import Literal

from pydantic import Field

from cliptrail.state.base import Frozen

FailureKind = Literal[
    "usage",
    "source",
    "not_found",
    "no_captions",
    "blocked",
    "unavailable",
    "library",
    "model",
    "model_unavailable",
    "model_rejected",
    "model_refused",
    "bad_answer",
    "budget",
    "output",
    "input_missing",
    "internal",
]


class Failure(Frozen):
    """Why something did not happen, as a value that a checkpoint can hold."""

    kind: FailureKind
    """The closed reason, for programs."""
    message: str
    """What happened, to which video or step, for people."""
    next_step: str = ""
    """What the user can do about it; empty when nothing can be done."""


class CliptrailError(Exception):
    """Base of all errors raised on purpose.

    Args:
        message: what happened, to what.
        next_step: what the user can do about it.
    """

    kind: FailureKind = "internal"

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()

    def as_failure(self) -> Failure:
        """Return this error as a value."""
        return Failure(kind=self.kind, message=self.message, next_step=self.next_step)


class UsageError(CliptrailError):
    """A wrong option, name, path or plan."""

    kind: FailureKind = "usage"


class Unanswered(UsageError):
    """The run waits for a decision, and the program that started it made none.

    Args:
        message: what is asked.
        next_step: how to go on.
        thread: id of the run, to go on with.
    """

    def __init__(self, message: str, next_step: str = "", *, thread: str = "") -> None:
        super().__init__(message, next_step)
        self.thread = thread


class SourceError(CliptrailError):
    """Something about the place where videos come from."""

    kind: FailureKind = "source"


class VideoNotFound(SourceError):
    """The video is deleted, private, or the id is not one."""

    kind: FailureKind = "not_found"


class NoCaptions(SourceError):
    """The video has no captions in the wanted languages."""

    kind: FailureKind = "no_captions"


class Blocked(SourceError):
    """The source refuses this network; asking on would make it worse."""

    kind: FailureKind = "blocked"


class SourceUnavailable(SourceError):
    """A time limit, 429, 5xx, or an answer that is not understood."""

    kind: FailureKind = "unavailable"


class LibraryError(CliptrailError):
    """The library file cannot be used."""

    kind: FailureKind = "library"


class ModelError(CliptrailError):
    """Something about a model call."""

    kind: FailureKind = "model"


class ModelUnavailable(ModelError):
    """A time limit, 429, 5xx or a lost connection: worth a retry."""

    kind: FailureKind = "model_unavailable"


class ModelRejected(ModelError):
    """A wrong key or an unknown model: no retry can help."""

    kind: FailureKind = "model_rejected"


class ModelRefused(ModelError):
    """The model declined to answer."""

    kind: FailureKind = "model_refused"


class BadAnswer(ModelError):
    """The answer does not fit the schema that was asked for."""

    kind: FailureKind = "bad_answer"


class BudgetExceeded(CliptrailError):
    """The next call would pass a limit."""

    kind: FailureKind = "budget"


class OutputError(CliptrailError):
    """Guide or trail cannot be written."""

    kind: FailureKind = "output"


class InputMissing(CliptrailError):
    """A step's input is not there, or not of its type."""

    kind: FailureKind = "input_missing"


class Incident(Frozen):
    """Something that did not go as planned but was dealt with: a fallback, a repair, a retry."""

    where: str = Field(description="Node, step or service in which it happened.")
    what: str = Field(description="What happened and what was done instead.")
