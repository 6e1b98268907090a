"""The options of a run, made of what the command line was given."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cliptrail.state.context import LIBRARY, Context, flag_of
from cliptrail.state.errors import UsageError
from cliptrail.tools.library.opening import SAMPLES
from cliptrail.tools.settings import settings
from cliptrail.tools.sources.registry import source_named
from cliptrail.tools.text.cleaning import encodable


def context_of(**given: Any) -> Context:
    """Return the options of a run.

    Raises:
        UsageError: one of them has a value that does not fit.
    """
    try:
        context = Context(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        shown = encodable(str(given[name]))
        raise UsageError(
            f"{flag_of(name)} {shown} is not right: {first['msg']}.",
            "See: cliptrail research --help",
        ) from error
    source = source_named(context.source)
    if source.name != LIBRARY and context.library == SAMPLES:
        raise UsageError(
            f"What {source.title} gives is kept in the library, and the bundled samples cannot be "
            "changed.",
            f"Leave out --source {source.name}, or name a library of your own.",
        )
    return context


def given_only(**named: Any) -> dict[str, Any]:
    """Return those options that the command line names; of the others the run's own stay."""
    return {name: value for name, value in named.items() if value is not None}


def anchored(context: Context) -> Context:
    """Name library and folder by their whole paths, for when it is resumed in another folder."""
    places = {"output_dir": str(settings().output_dir.expanduser().absolute())}
    if context.library not in ("", SAMPLES):
        places["library"] = str(Path(context.library).expanduser().absolute())
    return context.model_copy(update=places)
