"""The options of a run, made of what the command line was given."""

from typing import Any

from pydantic import ValidationError

from cliptrail.options import checked
from cliptrail.state.context import Context, flag_of
from cliptrail.state.errors import UsageError
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
    return checked(context)


def given_only(**named: Any) -> dict[str, Any]:
    """Return those options that the command line names; of the others the run's own stay."""
    return {name: value for name, value in named.items() if value is not None}
