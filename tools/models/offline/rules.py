"""The registry of the offline engine's rules, and what a rule sees of a prompt."""

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cliptrail.state.errors import BadAnswer, UsageError

ROLES_PACKAGE = "cliptrail.tools.models.offline.roles"


@dataclass(frozen=True)
class Prompt:
    """What a rule answers."""

    text: str
    """The text of all messages."""
    last: str = ""
    """The text of the last message that came from a person."""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON schema of the answer that is asked for."""

    def data(self, name: str) -> Any:
        r"""Give the JSON between <name> and </name> in the last human message.

        Data cannot close its fence, since prompts write "<" inside of it as \u003c.

        Returns:
            The value, or None where there is no such fence.

        Raises:
            BadAnswer: the fence holds no JSON, or there is more than one of that name.
        """
        if (found := self.lines(name)) is None:
            return None
        try:
            return json.loads(found)
        except ValueError as error:
            raise BadAnswer(f"The offline engine found no JSON in <{name}>: {error}.") from error

    def lines(self, name: str) -> str | None:
        """Give the text between <name> and </name> in the last human message, as it stands.

        Raises:
            BadAnswer: there is more than one of that name.
        """
        found = re.findall(rf"<{re.escape(name)}>([^<]*)</{re.escape(name)}>", self.last)
        if len(found) > 1:
            raise BadAnswer(f"The offline engine found <{name}> {len(found)} times in a prompt.")
        return found[0] if found else None


Rule = Callable[[Prompt], dict[str, Any]]
"""Answers a prompt with the fields of the schema that was asked for."""

RULES: dict[str, Rule] = {}
"""Title of a schema, or name of a tool → the rule that fills it."""


def rule(name: str) -> Callable[[Rule], Rule]:
    """Register a function as the rule for a schema's title or a tool's name.

    Raises:
        UsageError: there is already a rule of that name.
    """

    def register(function: Rule) -> Rule:
        if name in RULES:
            raise UsageError(
                f"There are two offline rules for {name}.", "Rename one, or remove it."
            )
        RULES[name] = function
        return function

    return register


@dataclass(frozen=True)
class Done:
    """A tool call of the dialogue, and what came of it."""

    tool: str
    result: Any
    """As data; None if the result held none."""


@dataclass(frozen=True)
class Dialogue:
    """What a policy goes on from."""

    prompt: Prompt
    """The last message that came from a person, and all texts."""
    tools: frozenset[str]
    """Names of those that may be called."""
    done: tuple[Done, ...] = ()
    """Every call since that message."""
    latest: frozenset[str] = frozenset()
    """Names of the tools of the last turn."""


Call = tuple[str, dict[str, Any]]
"""Name of a tool and its arguments."""
Policy = Callable[[Dialogue], list[Call] | str]
"""Decides what to call next; words end the dialogue."""

POLICIES: dict[frozenset[str], Policy] = {}
"""Names of tools → what decides among them, and further ones, where the choice is free."""


def policy(*tools: str) -> Callable[[Policy], Policy]:
    """Register a function as what decides where these tools can be called.

    Raises:
        UsageError: there is already a policy for them.
    """

    def register(function: Policy) -> Policy:
        names = frozenset(tools)
        if names in POLICIES:
            raise UsageError(
                f"There are two offline policies for {sorted(names)}.", "Remove one of them."
            )
        POLICIES[names] = function
        return function

    return register


def policy_for(tools: frozenset[str]) -> Policy | None:
    """Return what decides among tools; None if nothing does."""
    load_rules()
    return next((row for names, row in POLICIES.items() if names <= tools), None)


@cache
def load_rules() -> None:
    """Import every module of `ROLES_PACKAGE` once, so that its rules register."""
    # Not at import time: rules may import what imports the engine.
    package = importlib.import_module(ROLES_PACKAGE)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{ROLES_PACKAGE}.{module.name}")
