"""The agents that a plan may name: one list for planner, router, validator and graph.

An agent is an async function with typed input and output; `@agent` registers it. A user's own
agent is one Python file, named in the setting `CLIPTRAIL_AGENTS`, or an entry point of the group
`cliptrail.agents`, which names the module that registers it.
"""

import importlib
import inspect
import re
import typing
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cliptrail.agents.context import AgentContext
from cliptrail.plans.agents import AgentSpec, Sizes
from cliptrail.plans.types import describe
from cliptrail.state.base import Later, Tier
from cliptrail.state.errors import UsageError
from cliptrail.state.plan import Cost
from cliptrail.state.research import ResearchState
from cliptrail.tools.plugins import load_file, load_plugins
from cliptrail.tools.settings import settings

In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)
Run = Callable[[Any, AgentContext], Awaitable[BaseModel]]


@dataclass(frozen=True, kw_only=True)
class Agent(AgentSpec):
    """A specialist with the function that does its work."""

    run: Run = field(repr=False)


_AGENTS: dict[str, Agent] = {}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TAKEN = frozenset(ResearchState.__annotations__) | frozenset(
    {"begin", "annotate", "planner", "approve", "dispatch", "save", "summary"}
    | {"agent", "messages", "supervisor", "synthesizer", "router", "validate", "goal_check"}
)
"""Names that a graph uses for its own nodes and channels."""


def agent(
    *,
    capabilities: Iterable[str],
    cost: Cost | Callable[[Sizes], Cost],
    tier: Tier = "cheap",
    accept_partial: bool = False,
    offered: bool = True,
) -> Callable[
    [Callable[[In, AgentContext], Awaitable[Out]]], Callable[[In, AgentContext], Awaitable[Out]]
]:
    """Register an agent: name and summary from the function, types from its annotations.

    Args:
        capabilities: what it can be chosen for.
        cost: what one run is expected to cost: fixed, or by the number of elements that each
            input can have. Prices are filled in from the tier's model.
        tier: model tier unless a step says otherwise.
        accept_partial: run although some inputs failed.
        offered: may a model choose it?

    Raises:
        UsageError: the name is taken or no name for an agent, or the annotations are missing.
    """

    def register(
        run: Callable[[In, AgentContext], Awaitable[Out]],
    ) -> Callable[[In, AgentContext], Awaitable[Out]]:
        takes, gives = _signature(run)
        name = _checked_name(getattr(run, "__name__", ""))
        summary = inspect.cleandoc(run.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        _AGENTS[name] = Agent(
            name=name,
            summary=summary,
            capabilities=frozenset(capabilities),
            input=takes,
            output=gives,
            tier=tier,
            cost=cost if callable(cost) else lambda _: cost,
            run=run,
            accept_partial=accept_partial,
            offered=offered,
        )
        return run

    return register


def _checked_name(name: str) -> str:
    if name in _AGENTS:
        raise UsageError(f"There are two agents named {name!r}.", "Rename one of them.")
    if name in _TAKEN or not _NAME.fullmatch(name):
        raise UsageError(
            f"An agent cannot be named {name!r}: the graph uses that name, or it is not made of "
            "lower-case letters, digits and underscores.",
            "Rename the function.",
        )
    return name


def _signature(run: Callable[..., Any]) -> tuple[type[BaseModel], type[BaseModel]]:
    hints = typing.get_type_hints(run)
    gives = hints.pop("return", None)
    takes = next(iter(hints.values()), None)
    for found in (takes, gives):
        if not (isinstance(found, type) and issubclass(found, BaseModel)):
            raise UsageError(
                f"The agent {getattr(run, '__name__', run)!r} must take and give Pydantic models.",
                "Annotate it: async def name(inputs: MyInput, ctx: AgentContext) -> MyOutput.",
            )
    assert takes is not None and gives is not None  # noqa: PT018 - for the type checker
    return takes, gives


def agents() -> dict[str, Agent]:
    """Return all registered agents by name: ours first, then those of files, then of plugins.

    A plugin that cannot be loaded is left out, and the log says so.

    Raises:
        UsageError: a file of the setting `CLIPTRAIL_AGENTS` cannot be imported.
    """
    importlib.import_module("cliptrail.agents")
    for file in settings().agent_files:
        load_file(file, "CLIPTRAIL_AGENTS")
    for _ in load_plugins("cliptrail.agents"):
        pass  # importing registers
    return dict(_AGENTS)


def declared_outputs() -> dict[str, type[BaseModel]]:
    """Return the output type of each registered agent by its name; see `agents`."""
    return {name: agent.output for name, agent in agents().items()}


def offered() -> dict[str, Agent]:
    """Return those agents by name that a model may choose; see `agents`."""
    return {name: agent for name, agent in agents().items() if agent.offered}


def described(agent: Agent) -> dict[str, Any]:
    """Describe an agent for who chooses among them: what it does, takes and gives."""
    return {
        "name": agent.name,
        "does": agent.summary,
        "capabilities": sorted(agent.capabilities),
        "inputs": _fields(agent.input, with_default=True),
        "output": _fields(agent.output, with_default=False),
        "tier": agent.tier,
    }


def _fields(model: type[BaseModel], *, with_default: bool) -> dict[str, str]:
    return {
        name: f"{describe(field.annotation)}{_range(field)}"
        f"{_default(field) if with_default else ''}"
        f"{': ' + ' '.join(field.description.split()) if field.description else ''}"
        for name, field in model.model_fields.items()
        # What a guide holds beside its first fields is for readers, and for no other step.
        if Later() not in field.metadata
    }


def _range(field: FieldInfo) -> str:
    """Say between which values a number must lie: ", 1 to 50"."""
    bounds = {type(row): row for row in field.metadata if isinstance(row, Ge | Le)}
    least, most = bounds.get(Ge), bounds.get(Le)
    if isinstance(least, Ge) and isinstance(most, Le):
        return f", {least.ge} to {most.le}"
    return ""


def _default(field: FieldInfo) -> str:
    """Say whether an input may be left out, and what holds then."""
    if field.is_required():
        return ", required"
    value = field.get_default(call_default_factory=True, validated_data={})
    return f", default {value}" if isinstance(value, int | float) else ", optional"


def understudies(agent: Agent) -> list[Agent]:
    """Return the agents that can stand in for one: a capability in common, and types that fit."""
    return [
        other
        for other in agents().values()
        if other.name != agent.name
        and other.capabilities & agent.capabilities
        and issubclass(agent.input, other.input)
        and issubclass(other.output, agent.output)
    ]
