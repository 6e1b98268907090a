"""The tasks: which task is open, which branch is the latest, and what a second try opens again."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cliptrail.nodes.common.reopened_tasks import reopened
from cliptrail.nodes.common.running import run_of
from cliptrail.nodes.handoff.joining import fan_in
from cliptrail.nodes.handoff.tasks import MOST_TRIES, HandoffTasks
from cliptrail.state.errors import Failure
from cliptrail.state.handoffs import Complete, FanOut, Handoff, Intent, PartialResult
from cliptrail.state.plan import Plan, Step
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run
from cliptrail.state.steps import StepResult

FIND = Intent(words="Find.", capability="find_videos")
READ = Intent(words="Read.", capability="read_transcript")
FAILURE = Failure(kind="unavailable", message="No.")


def tasks() -> HandoffTasks:
    return HandoffTasks.of(Run())


def two(join: Intent = READ) -> FanOut:
    return FanOut(intents=(FIND, FIND), join_intent=join)


def searched(*names: str) -> ResearchState:
    """A run in which these searches have found a video each."""
    video = {"video_id": "v", "title": "V"}
    rows = {
        name: StepResult(id=name, agent="search", status="done", output={"videos": [video]})
        for name in names
    }
    steps = tuple(Step(id=name, agent="search", inputs={"query": "x"}) for name in names)
    return ResearchState(plan=Plan(steps=steps), results=rows)


def test_what_is_on_the_board_goes_through_the_state() -> None:
    made = tasks()
    made.fan_out(two(), None)
    state: Any = ResearchState(tasks=made.update()["tasks"], groups=made.update()["groups"])
    assert HandoffTasks.of(run_of(state)).update() == {**made.update(), "path": ()}


def test_what_is_handed_on_stays_in_its_branch() -> None:
    made = tasks()
    group = made.fan_out(two(), None)
    first, second = made.branches(group)
    made.settle(first, Handoff(intent=READ, state=("search_1",)), again=True)
    later, other = made.branches(group)
    assert (later.intent, later.slot, later.retries) == (READ, 0, 1)
    assert other == second
    assert made.having("open") == [second, later]


def test_three_refusals_and_the_task_fails_with_the_whole_story() -> None:
    made = tasks()
    task = made.add(FIND)
    for number in range(MOST_TRIES):
        assert task.status == "open"
        step = Step(id="s", agent=f"agent_{number}", inputs={})
        task = made.turn_down(made.change(task, step=step), f"Reason {number}.", exclude=True)
    assert task.status == "failed"
    assert task.failure
    assert all(f"agent_{n}: Reason {n}." in task.failure.message for n in range(MOST_TRIES))
    assert [row.agent for row in task.excluded] == ["agent_0", "agent_1", "agent_2"]
    assert [row.turn for row in made.moves] == ["reject"] * 3


def test_what_is_unclear_excludes_nobody() -> None:
    made = tasks()
    step = Step(id="s", agent="search", inputs={})
    task = made.turn_down(made.change(made.add(FIND), step=step), "Hm.", exclude=False)
    assert (task.status, task.excluded, task.tries) == ("open", (), 1)


@given(st.lists(st.sampled_from(["done", "failed"]), min_size=2, max_size=5))
def test_branches_are_joined_once_and_in_order(ends: list[str]) -> None:
    names = [f"search_{number}" for number in range(len(ends))]
    made = tasks()
    group = made.fan_out(FanOut(intents=(FIND,) * len(ends), join_intent=READ), None)
    for task, end, name in zip(made.branches(group), ends, names, strict=True):
        made.change(task, status=end, steps=(name,), failure=FAILURE if end == "failed" else None)
    state = searched(*names)
    joined = fan_in(made, run_of(state))
    good = [name for name, end in zip(names, ends, strict=True) if end == "done"]
    assert [step.inputs for step in joined] == (
        [{"videos": [[f"${name}.videos"] for name in good]}] if good else []
    )
    outcome, failure = made.groups[group.id].outcome, made.groups[group.id].failure
    assert bool(failure) == (not good)
    assert isinstance(outcome, Complete) == (len(good) == len(ends))
    assert isinstance(outcome, PartialResult) == (0 < len(good) < len(ends))
    assert fan_in(made, run_of(state)) == []


@given(st.integers(1, 4), st.booleans())
def test_groups_within_groups_end_from_the_inside(depth: int, good: bool) -> None:
    made = tasks()
    group = made.fan_out(two(), None)
    for _ in range(depth):
        made.settle(made.branches(group)[0], two())
        group = [*made.groups.values()][-1]
    for task in made.having("open"):
        more = {} if good else {"failure": FAILURE}
        made.change(task, status="done" if good else "failed", steps=("search_1",), **more)
    for _ in range(depth + 1):
        for step in fan_in(made, run_of(searched("search_1"))):
            (task,) = [row for row in made.having("working") if row.steps == (step.id,)]
            made.change(task, status="done", result=Complete(result=task.steps))
    assert all(bool(row.outcome) == good for row in made.groups.values())
    assert all(bool(row.failure) != good for row in made.groups.values())
    assert made.having("split") == []


def test_a_second_try_opens_the_last_task_and_what_failed() -> None:
    made = tasks()
    first = made.add(FIND)
    made.settle(made.change(first, steps=("search_1",)), Handoff(intent=READ, state=("search_1",)))
    last = made.having("open")[0]
    made.settle(made.change(last, steps=("transcript_1",)), Complete())
    plan = Plan(steps=tuple(Step(id=n, agent="a") for n in ("search_1", "transcript_1", "rest")))
    update = reopened(made.by_id.values(), (), plan)
    again = {task.id: task for task in update["tasks"]}
    assert again[first.id].status == "done"
    assert (again[last.id].status, again[last.id].result) == ("working", None)
    assert again[last.id].steps == ("transcript_1", "rest")


def test_a_second_try_of_branches_that_failed_waits_for_them_again() -> None:
    made = tasks()
    group = made.fan_out(two(), None)
    made.settle(made.branches(group)[0], two())
    for task in made.having("open"):
        made.change(task, status="failed", steps=("search_1",), failure=FAILURE)
    assert fan_in(made, run_of(searched("search_1"))) == []
    update = reopened(made.by_id.values(), made.groups.values(), Plan())
    assert [task.status for task in update["tasks"]] == ["split", "working", "working", "working"]
    assert all(row.failure is None for row in update["groups"])
