"""The options of a run as keyword arguments, and how they become its Context."""

from pathlib import Path
from typing import Any, Literal, TypedDict

from pydantic import ValidationError

from cliptrail.state.context import LIBRARY, Context
from cliptrail.state.errors import UsageError
from cliptrail.tools.library.opening import SAMPLES
from cliptrail.tools.settings import settings
from cliptrail.tools.sources.registry import source_named
from cliptrail.tools.text.cleaning import encodable


class Options(TypedDict, total=False):
    """The fields of `Context`, for editors and type checkers; docs/settings.md explains each."""

    source: str
    library: str
    fresh: bool
    output_dir: str
    overwrite: bool
    approval: Literal["ask", "auto"]
    model: str
    max_calls: int
    max_tokens: int | None
    budget_usd: float | None
    dispatch: Literal["eager", "levels"]
    max_steps: int
    max_revisions: int
    max_replans: int
    max_rounds: int
    max_context: int
    validation: Literal["capability", "model"]
    annotate: bool


def context_of(base: Context, given: Options) -> Context:
    """Return the options of a run, validated.

    Args:
        base: the options that hold where none is given.
        given: what the caller chose.

    Raises:
        UsageError: an unknown option, or a value that does not fit.
    """
    try:
        context = Context(**{**dict(base), **given})
    except ValidationError as error:
        raise _explained(error) from error
    return checked(context)


def checked(context: Context) -> Context:
    """Return options whose source is known and can keep what it gives.

    Raises:
        UsageError: there is no such source, or its transcripts would go into the bundled samples.
    """
    source = source_named(context.source)
    if source.name != LIBRARY and context.library == SAMPLES:
        raise UsageError(
            f"Transcripts from {source.title} are kept in the library, and the bundled samples "
            "cannot be changed.",
            f"Leave out the source {source.name}, or name a library of your own.",
        )
    return context


def _explained(error: ValidationError) -> UsageError:
    first = error.errors()[0]
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        known = ", ".join(Context.model_fields)
        return UsageError(f"There is no option {name!r}.", f"The options are: {known}.")
    shown: Any = encodable(repr(first["input"]))
    return UsageError(f"The option {name}={shown} is not valid: {first['msg']}.")


def anchored(context: Context) -> Context:
    """Return the options with absolute paths, so that a run can be resumed from another folder."""
    folder = context.output_dir or settings().output_dir
    places = {"output_dir": str(Path(folder).expanduser().absolute())}
    if context.library not in ("", SAMPLES):
        places["library"] = str(Path(context.library).expanduser().absolute())
    return context.model_copy(update=places)
