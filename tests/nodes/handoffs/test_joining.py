"""The fan-in: what the branches of a group found is joined, also where a branch mapped its work."""

from nodes.handoffs.board import Board
from nodes.handoffs.joining import fan_in
from nodes.plans.growing import grown
from state.context import Context
from state.handoffs import FanOut, Intent
from state.plan import Plan, Revision, Step
from state.research import ResearchState
from tests.nodes.tail.endings import GOOD, extracted, failed

ONE = Intent(words="Look here.")
OTHER = Intent(words="Look there.")
STEPS = (
    Step(id="search_1", agent="search", inputs={"query": "oil"}),
    Step(
        id="transcript_1",
        agent="transcript",
        for_each="$search_1.videos[:3]",
        inputs={"video": "$item"},
    ),
    Step(
        id="extract_1",
        agent="extract",
        for_each="$transcript_1",
        inputs={"transcripts": ["$item"]},
    ),
    Step(id="search_2", agent="search", inputs={"query": "brine"}),
)


def test_each_part_of_a_mapped_step_that_gave_something_is_joined() -> None:
    found = extracted(GOOD)
    results = {
        name: found.model_copy(update={"id": name}) for name in ("extract_1[0]", "extract_1[2]")
    }
    results["extract_1[1]"] = failed("extract_1[1]")
    state = ResearchState(plan=Plan(steps=STEPS), results=results)
    board = Board.of(state)
    group = board.fan_out(FanOut(intents=(ONE, OTHER), join_intent=ONE), None)
    one, other = board.branches(group)
    board.change(one, status="done", steps=("extract_1",))
    board.change(other, status="done", steps=("search_2",))
    (join,) = fan_in(board, state)
    assert join.inputs["claims"] == [["$extract_1[0].claims", "$extract_1[2].claims"]]
    assert isinstance(grown(state, [join], "goal_check", "", Context()), Revision)
