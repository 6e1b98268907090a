"""What a run has open in a process: one for each run, closed at once, and bounded in number."""

from cliptrail.nodes.common import run_scope as module
from cliptrail.nodes.common.run_scope import close_run_scope, run_scope
from cliptrail.nodes.common.step_results import publish
from cliptrail.state.context import Context
from cliptrail.tools.models.budget import Need
from cliptrail.tools.sharing import MOST

FREE = Need(model="m", input_tokens=1, least=1, most=1, price=lambda *_: 0.0)


def test_all_nodes_of_a_run_share_one_until_it_is_closed() -> None:
    first = run_scope("one")
    assert run_scope("one") is first
    assert run_scope("two") is not first
    close_run_scope("one")
    assert run_scope("one") is not first
    close_run_scope("one")
    close_run_scope("two")
    close_run_scope("unknown")


async def test_runs_that_never_end_are_forgotten_but_not_one_that_goes_on() -> None:
    going_on = run_scope("goes on").rounds.open(1, ["a"])
    await run_scope("asks").budget.reserve("call", FREE, Context())
    for number in range(MOST + 5):
        left = run_scope(f"left {number}").rounds.open(1, ["a"])
        publish(left.expect("a"))
    known = set(module._SCOPES)
    assert len(known) == MOST
    assert {"goes on", "asks"} <= known
    assert "left 0" not in known
    assert run_scope("goes on").rounds.get(1) is going_on
    for name in known:
        close_run_scope(name)
