"""The options of a run, made of what the command line was given."""

from typing import Any

from pydantic import ValidationError

from state.context import Context
from state.errors import UsageError
from tools.text.cleaning import encodable


def context_of(**given: Any) -> Context:
    """Give the options of a run.

    Raises:
        UsageError: one of them has a value that does not fit.
    """
    try:
        return Context(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        shown = encodable(str(given[name]))
        raise UsageError(
            f"--{name.replace('_', '-')} {shown} is not right: {first['msg']}.",
            "See: cliptrail research --help",
        ) from error
