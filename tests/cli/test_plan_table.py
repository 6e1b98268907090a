"""The table of a plan: mapped steps in one row, ids that can be told apart, prices that add up."""

import re
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from cliptrail.cli.plan_table import ranges, show_plan
from cliptrail.state.plan import Cost, Estimate, Plan, Revision, Step

MAPPED = st.tuples(st.sampled_from(["fetch", "fetch_1", "read"]), st.integers(0, 4))
NAMES = st.lists(st.one_of(st.just("compose"), MAPPED.map(lambda row: f"{row[0]}[{row[1]}]")))
PLAN = Plan(
    goal="Read.",
    steps=(
        Step(id="search", agent="search", inputs={"query": "x", "limit": 3}),
        Step(
            id="fetch", agent="transcript", for_each="$search.videos[:3]", inputs={"video": "$item"}
        ),
        Step(id="read", agent="extract", inputs={"transcripts": "$fetch"}),
    ),
)


def unfolded(name: str) -> list[str]:
    found = re.fullmatch(r"(\w+)\[(\d+)\.\.(\d+)\]", name)
    if found is None:
        return [name]
    return [f"{found[1]}[{index}]" for index in range(int(found[2]), int(found[3]) + 1)]


@given(NAMES)
def test_joined_ids_name_the_same_instances_in_the_same_order(names: list[str]) -> None:
    assert [name for joined in ranges(names) for name in unfolded(joined)] == names


def test_neighbours_are_joined_and_no_others() -> None:
    names = ["a", "f[0]", "f[1]", "f[2]", "f[4]", "g[5]", "f[0]"]
    assert ranges(names) == ["a", "f[0..2]", "f[4]", "g[5]", "f[0]"]


def shown(costs: dict[str, Cost], *done: str, width: int = 90) -> list[list[str]]:
    """The cells of each row."""
    console = Console(width=width, file=StringIO(), record=True)
    estimate = Estimate(steps=costs, total=sum(costs.values(), Cost()))
    show_plan(console, Revision(number=1, by="file", plan=PLAN), estimate, done)
    rows = [line for line in console.export_text().splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in row.strip("│").split("│")] for row in rows]


def test_what_is_done_is_not_priced_again_and_unequal_costs_are_added() -> None:
    dear, cheap = Cost(seconds=3), Cost(seconds=2)
    names = [f"fetch[{index}]" for index in range(3)]
    costs = {"search": cheap, "read": Cost(calls=1, usd=None), **dict.fromkeys(names, cheap)}
    for last, done, estimate in [
        (cheap, (), "3 × 2 s"),
        (cheap, ("fetch[0]",), "1 done, 2 × 2 s"),
        (dear, (), "no model call, 7 s"),
        (dear, tuple(names), "done"),
    ]:
        search, fetch, read = shown({**costs, "fetch[2]": last}, *done)
        assert fetch == ["fetch[0..2]", "transcript", estimate, "search"]
        assert read[2:] == ["1 call, 0 tokens, price unknown, 0 s", "fetch[0..2]"]
        assert search[3] == ""
