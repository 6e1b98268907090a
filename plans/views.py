"""A plan for people, as plain lines: who does what, after what, for how much."""

from collections.abc import Collection, Mapping

from cliptrail.plans.agents import AgentSpec
from cliptrail.plans.expansion import expand
from cliptrail.state.plan import Cost, Estimate, Instance, Plan

LEAST_USD = 0.0001
"""What is shown of dollars; less than this is not free."""


def outline(
    plan: Plan, estimate: Estimate, agents: Mapping[str, AgentSpec], done: Collection[str] = ()
) -> str:
    """Return a plan and its estimate as text, one line an instance.

    Args:
        plan: one without faults.
        estimate: of this plan.
        agents: the registry.
        done: ids of the instances that are done already.
    """
    rows = [_line(row, estimate, done) for row in expand(plan, agents)]
    path = " → ".join(estimate.critical_path)
    return "\n".join(
        [
            plan.goal or "A plan",
            *rows,
            f"In all {cost_text(estimate.total)}; the end waits for {path} "
            f"(about {estimate.seconds:.0f} s).",
        ]
    )


def _line(row: Instance, estimate: Estimate, done: Collection[str]) -> str:
    if row.id in done:
        return f"   {row.id}: {row.agent}, done already"
    mark = "*" if row.id in estimate.critical_path else " "
    after = f"  after {', '.join(row.needs)}" if row.needs else ""
    cost = cost_text(estimate.steps[row.id])
    return f" {mark} {row.id}: {row.agent} [{row.tier}] {cost}{after}"


def cost_text(cost: Cost) -> str:
    """Return a cost in a few words."""
    if not cost.calls:
        return "no model call"
    tokens = cost.input_tokens + cost.output_tokens
    return f"{counted(cost.calls, 'call')}, {tokens:,.0f} tokens, {usd_text(cost.usd)}"


def counted(number: float, noun: str) -> str:
    """Return a number with its noun: "1 call", "2 calls"."""
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


def usd_text(usd: float | None) -> str:
    """Return dollars; say that it is free, or that the price is not known."""
    if not usd:
        return "price unknown" if usd is None else "free"
    return f"${usd:.4f}" if usd >= LEAST_USD else f"under ${LEAST_USD}"
