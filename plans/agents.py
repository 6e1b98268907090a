"""What a plan needs to know of an agent: its types, its tier, its capabilities and its cost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from cliptrail.state.base import Tier
from cliptrail.state.plan import Cost

Sizes = Mapping[str, int]
"""How many elements each input of a step can have at most."""


@dataclass(frozen=True)
class AgentSpec:
    """A specialist as plans see it: one job, a typed input and output."""

    name: str
    """As plans name it, and as its node in the graph is called."""
    summary: str
    """What it does, in one sentence, for the planner."""
    capabilities: frozenset[str]
    """What it can be chosen for, e.g. "find_videos"."""
    input: type[BaseModel]
    output: type[BaseModel]
    tier: Tier
    """Model tier, unless the step says otherwise."""
    cost: Callable[[Sizes], Cost]
    """What one run is expected to cost, given how many elements each input can have."""
    accept_partial: bool = False
    """Does it make sense to run it although some of its inputs failed?"""
    offered: bool = True
    """May a model choose it? Otherwise only a graph's own nodes do."""
