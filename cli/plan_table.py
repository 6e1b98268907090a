"""A plan before it runs, as a table: steps, agents, order, and estimated cost."""

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from cliptrail.agents.registry import agents
from cliptrail.cli.tables import plain
from cliptrail.plans.expansion import expand
from cliptrail.plans.views import cost_text
from cliptrail.state.plan import Cost, Estimate, Instance, Revision

WIDE = 100
"""Columns that a terminal needs for every column of the table."""
_MAPPED = re.compile(r"(\w+)\[(\d+)\]")


def show_plan(
    console: Console, revision: Revision, estimate: Estimate, done: Collection[str] = ()
) -> None:
    """Show a plan before it runs: its steps, agents, order, estimated cost, and what changed.

    A mapped step is one row; a narrow terminal is shown neither tiers nor briefs.

    Args:
        console: where to.
        revision: of the plan.
        estimate: of what is not done.
        done: ids of the instances that are done already.
    """
    plan = revision.plan
    console.print(Text(f"Plan, revision {revision.number}: {plain(plan.goal)}", style="bold"))
    for change in revision.changes:
        console.print(Text(f"  {plain(str(change))}", style="yellow"))
    names = ["Step", "Agent", "Estimate", "After"]
    names += ["Tier", "What for"] if console.width >= WIDE else []
    # Folded, because ids that are cut short cannot be told apart.
    table = Table(*(Column(name, overflow="fold") for name in names))
    for _, group in groupby(expand(plan, agents()), lambda row: row.step):
        table.add_row(*_cells(list(group), estimate, done)[: len(names)])
    console.print(table)
    console.print(
        f"In all {cost_text(estimate.total)}. Critical path (bold): about {estimate.seconds:.0f} s."
    )


def _cells(rows: list[Instance], estimate: Estimate, done: Collection[str]) -> list[Text]:
    names = [row.id for row in rows]
    on_path = not set(names).isdisjoint(estimate.critical_path)
    needs = dict.fromkeys(need for row in rows for need in row.needs)
    costs = [estimate.steps[name] for name in names if name not in done]
    return [
        Text(", ".join(ranges(names)), style="bold" if on_path else ""),
        Text(rows[0].agent),
        Text(_price(costs, len(rows) - len(costs))),
        Text(", ".join(ranges(needs))),
        Text(rows[0].tier),
        Text(plain(rows[0].brief)),
    ]


def _price(costs: Sequence[Cost], done: int) -> str:
    """What the instances of a step cost that are not done: one of them times their number."""
    if not costs:
        return "done"
    total, one = sum(costs, Cost()), costs[0]
    shown = f"{cost_text(total)}, {total.seconds:.0f} s"
    if len(costs) > 1 and all(cost == one for cost in costs):
        each = f"{one.seconds:.0f} s"
        calls = f"({cost_text(one)}, {each})" if one.calls else each
        shown = f"{len(costs)} × {calls}"
    return f"{done} done, {shown}" if done else shown


def ranges(names: Iterable[str]) -> list[str]:
    """Return ids of instances with the neighbours among them joined: "fetch[0..2]", "compose"."""
    joined: list[str] = []
    last: tuple[str, int, int] | None = None
    for name in names:
        found = _MAPPED.fullmatch(name)
        if found and last and (found[1], int(found[2])) == (last[0], last[2] + 1):
            joined.pop()
            last = (last[0], last[1], last[2] + 1)
        else:
            last = (found[1], int(found[2]), int(found[2])) if found else None
        several = last is not None and last[1] < last[2]
        joined.append(f"{last[0]}[{last[1]}..{last[2]}]" if last and several else name)
    return joined
