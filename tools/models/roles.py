"""The roles that models are asked to play, and what each is for."""

from dataclasses import dataclass

from cliptrail.state.base import Tier
from cliptrail.state.errors import UsageError
from cliptrail.state.usage import CallKind


@dataclass(frozen=True)
class Role:
    """What a model is asked to be."""

    name: str
    kind: CallKind
    tier: Tier
    output_tokens: int
    """Length of a usual answer: with fewer tokens left in the budget the call is not made."""
    most_output_tokens: int = 16_000
    """Length that no answer should pass, thinking included: what a budget sets aside if it can."""


ROLES = {
    role.name: role
    for role in (
        Role("annotator", "coordination", "cheap", 300, 4_000),
        Role("planner", "coordination", "powerful", 1_500),
        Role("agent", "coordination", "powerful", 300, 4_000),
        Role("choose", "coordination", "cheap", 150, 2_000),
        Role("extract", "work", "capable", 2_000),
        Role("research", "coordination", "capable", 200, 2_000),
        Role("critic", "work", "capable", 1_500, 8_000),
        Role("compose", "work", "capable", 3_000),
        Role("supervisor", "coordination", "capable", 500, 4_000),
        # Of the handoff pattern.
        Role("synthesizer", "coordination", "powerful", 600, 8_000),
        Role("router", "coordination", "cheap", 150, 2_000),
        Role("validator", "coordination", "cheap", 100, 2_000),
        Role("goal_check", "coordination", "capable", 250, 4_000),
    )
}


def role(name: str) -> Role:
    """Return a role by name; an agent of the user's own works in the role "work".

    Raises:
        UsageError: the name is empty.
    """
    if not name:
        raise UsageError("A model call needs a role.", "Name it in ctx.ask(role, ...).")
    return ROLES.get(name, Role(name, "work", "capable", 1_000, 8_000))
