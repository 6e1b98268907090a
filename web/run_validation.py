"""What a run may be started with: what cannot be is refused before there is a run.

A run that began with it would end with an error on its thread, in LangGraph's words and not ours.
"""

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from cliptrail.state.context import LIBRARY, Context
from cliptrail.state.errors import UsageError
from cliptrail.tools.sources.registry import source_named

EXAMPLE = '{"request": "How do I steam milk?"}'
SAYING = ("resume", "update", "goto")
"""What a command can say."""
OWN_CONTEXT = "__context_provided__"
"""How the server marks options that came as such, and not with what it adds itself."""


def fault(given: Mapping[str, Any]) -> str:
    """Return why no run can be started so; empty if one can.

    Args:
        given: input, command, context and config of the run, as a LangGraph server has them.
    """
    words = given.get("input")
    if words is not None and not isinstance(words, dict):
        return f"The input is no object. Give one such as {EXAMPLE}."
    command = given.get("command")
    if command and all(command.get(name) is None for name in SAYING):
        return "The command says nothing. Answer a question with its resume."
    return _fault_of_options(given.get("context") or {}, given.get("config") or {})


def _fault_of_options(options: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    own = bool((config.get("configurable") or {}).get(OWN_CONTEXT))
    for name in options:
        if own and name not in Context.model_fields:
            close = difflib.get_close_matches(str(name), Context.model_fields, n=1)
            meant = f" Did you mean {close[0]}?" if close else ""
            return f"There is no option {str(name)[:40]!r}.{meant}"
    known = {name: value for name, value in options.items() if name in Context.model_fields}
    try:
        Context.model_validate(known)
    except ValidationError as error:
        first = error.errors()[0]
        return f"The option {first['loc'][0]} is not right: {first['msg']}."
    return _fault_of_source(known.get("source"))


def _fault_of_source(name: str | None) -> str:
    try:
        source_named(name or LIBRARY)
    except UsageError as error:
        return str(error)
    return ""
