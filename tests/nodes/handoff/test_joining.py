"""The fan-in: what the branches of a group found is joined, also where a branch mapped its work."""

from cliptrail.nodes.common.growing_plan import grown
from cliptrail.nodes.common.running import run_of
from cliptrail.nodes.handoff.joining import fan_in
from cliptrail.nodes.handoff.tasks import HandoffTasks
from cliptrail.state.context import Context
from cliptrail.state.handoffs import FanOut, Intent
from cliptrail.state.plan import InstanceId, Plan, Revision, Step
from cliptrail.state.research import ResearchState
from tests.nodes.finish.endings import GOOD, extracted, failed

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
        name: found.model_copy(update={"id": InstanceId.parse(name)})
        for name in ("extract_1[0]", "extract_1[2]")
    }
    results["extract_1[1]"] = failed("extract_1[1]")
    run = run_of(ResearchState(plan=Plan(steps=STEPS), results=results))
    tasks = HandoffTasks.of(run)
    group = tasks.fan_out(FanOut(intents=(ONE, OTHER), join_intent=ONE), None)
    one, other = tasks.branches(group)
    tasks.change(one, status="done", steps=("extract_1",))
    tasks.change(other, status="done", steps=("search_2",))
    (join,) = fan_in(tasks, run)
    assert join.inputs["claims"] == [["$extract_1[0].claims", "$extract_1[2].claims"]]
    assert isinstance(grown(run, [join], "goal_check", "", Context()), Revision)
