"""Plan against actual: a row for each instance, with what was planned beside what was."""

from hypothesis import given
from hypothesis import strategies as st

from cliptrail.plans.audit import LONGEST, audit
from cliptrail.plans.estimate import estimate
from cliptrail.plans.expansion import expand
from cliptrail.state.errors import Failure
from cliptrail.state.plan import Cost, Estimate, Instance, Plan, Revision, Step
from cliptrail.state.steps import Skip, StepResult, Superseded
from cliptrail.state.trail import StepAudit
from cliptrail.state.usage import ModelCall
from tests.plans.sample_agents import AGENTS, Made, absent, done, failed, made_plans

PLAN = Plan(
    steps=(
        Step(id="find", agent="find", brief="look", inputs={"query": "q"}),
        Step(id="read", agent="read", for_each="$find.items[:2]", inputs={"item": "$item"}),
        Step(id="pick", agent="pick", inputs={"documents": "$read"}),
    )
)
ROWS: tuple[Instance, ...] = expand(PLAN, AGENTS)
PLANNED: Estimate = estimate(ROWS, AGENTS, lambda *_: 0.5)
EARLIER = PLAN.steps[0].model_copy(update={"inputs": {"query": "other"}})
REVISIONS = (
    Revision(number=1, by="planner", plan=Plan(steps=(EARLIER,))),
    Revision(number=2, by="planner", plan=PLAN, estimate=PLANNED),
)


def call(number: int, step: str, usd: float | None = 0.25) -> ModelCall:
    return ModelCall(
        id=str(number),
        role="extract",
        kind="work",
        step=step,
        tier="cheap",
        model="m",
        input_tokens=100,
        output_tokens=10,
        usd=usd,
    )


def rows(*results: StepResult, ledger: tuple[ModelCall, ...] = ()) -> dict[str, StepAudit]:
    known = {result.id: result for result in results}
    found = audit(REVISIONS, 2, AGENTS, known, (), ledger, started=100.0)
    assert [row.id for row in found] == [row.id for row in ROWS]
    return {row.id: row for row in found}


def test_a_step_that_was_done_shows_who_did_it_when_and_for_how_much() -> None:
    result = done("find").model_copy(update={"agent": "other", "started": 101.5, "seconds": 2.25})
    ledger = (call(1, "find"), call(2, "find"), call(3, "pick"), call(4, ""))
    row = rows(result, ledger=ledger)["find"]
    assert row == StepAudit(
        id="find",
        planned_agent="find",
        agent="other",
        brief="look",
        inputs={"query": "q"},
        outcome="done",
        gave={"body": ""},
        planned=Cost(seconds=1),
        actual=Cost(calls=2, input_tokens=200, output_tokens=20, usd=0.5, seconds=2.25),
        started=1.5,
        revision=2,
    )


def test_what_came_of_a_step_is_told_in_short() -> None:
    output = {"answer": "steel", "text": "x" * 900, "claims": [{}, {}], "video": {"id": "one"}}
    row = rows(done("find").model_copy(update={"output": output}))["find"]
    assert row.gave == {"answer": "steel", "text": "x" * LONGEST, "claims": 2}


def test_a_failure_says_why_and_keeps_what_it_cost() -> None:
    failure = Failure(kind="blocked", message="Refused.", next_step="Wait.")
    result = failed("pick").model_copy(update={"failure": failure, "started": 103.0})
    row = rows(result, ledger=(call(1, "pick", usd=None),))["pick"]
    assert (row.outcome, row.reason, row.started) == ("failed", "Refused. Wait.", 3.0)
    assert (row.actual.calls, row.actual.usd) == (1, None)
    assert row.planned.calls == 1
    assert row.planned.usd == 0.5


def test_a_skipped_step_was_done_by_nobody() -> None:
    row = rows(absent("read[1]").model_copy(update={"started": 102.0}))["read[1]"]
    assert (row.outcome, row.agent, row.planned_agent) == ("skipped", "", "read")
    assert row.reason == "no such element"
    assert row.started is None
    assert row.actual == Cost()


def test_a_step_that_the_run_never_came_to_says_so() -> None:
    row = rows()["pick"]
    assert (row.outcome, row.reason) == (None, "The run ended before it.")
    assert (row.agent, row.started, row.actual) == ("", None, Cost())
    assert row.needs == ("read[0]", "read[1]")


def test_a_step_of_a_clock_that_went_back_did_not_start_before_the_run() -> None:
    assert rows(done("find").model_copy(update={"started": 99.0}))["find"].started == 0.0


def test_what_a_later_plan_replaced_stands_beside_what_replaced_it() -> None:
    was = done("find").model_copy(update={"started": 101.0, "shortfall": "1 of at least 2 items"})
    now = done("find").model_copy(update={"started": 105.0})
    calls = [
        call(number, "find").model_copy(update={"started": at})
        for number, at in enumerate([101.5, 105.5, 106.0])
    ]
    old = Superseded(revision=1, result=was)
    found = audit(REVISIONS, 2, AGENTS, {"find": now}, (old,), calls, started=100.0)
    first, last = found[0], found[-1]
    assert (first.revision, first.superseded, first.actual.calls) == (2, False, 2)
    assert (last.revision, last.superseded, last.actual.calls) == (1, True, 1)
    assert (last.inputs, last.reason) == ({"query": "other"}, "1 of at least 2 items")


def test_a_step_that_a_later_plan_kept_was_brought_by_the_first() -> None:
    kept = PLAN.model_copy(update={"steps": PLAN.steps[:2]})
    first = Revision(number=1, by="planner", plan=kept, estimate=PLANNED)
    found = audit((first, REVISIONS[1]), 2, AGENTS, {}, (), (), started=0.0)
    assert [(row.id, row.revision) for row in found] == [
        ("find", 1),
        ("read[0]", 1),
        ("read[1]", 1),
        ("pick", 2),
    ]


def test_a_plan_that_is_not_in_force_yet_is_not_audited() -> None:
    found = audit(REVISIONS, 1, AGENTS, {}, (), (), started=0.0)
    assert [row.id for row in found] == ["find"]


ENDS = st.sampled_from(["done", "failed", "skipped", None])


@given(made_plans(), st.data())
def test_every_instance_has_a_row_and_every_call_is_counted_once(
    made: Made, data: st.DataObject
) -> None:
    instances = expand(made.plan, AGENTS)
    times = st.integers(0, 5).map(float)

    def ended(name: str) -> StepResult | None:
        status = data.draw(ENDS)
        skip = Skip(kind="absent", message="m") if status == "skipped" else None
        started = data.draw(times)
        if status is None:
            return None
        return StepResult(id=name, agent=name, status=status, skip=skip, started=started)

    names = [row.id for row in instances]
    results = {name: row for name in names if (row := ended(name))}
    replaced = [row for name in data.draw(st.lists(st.sampled_from(names))) if (row := ended(name))]
    ledger = [
        call(number, step).model_copy(update={"started": data.draw(times)})
        for number, step in enumerate(data.draw(st.lists(st.sampled_from(names))))
    ]
    revision = Revision(number=1, by="file", plan=made.plan)
    older = [Superseded(revision=1, result=row) for row in replaced]
    found = audit((revision,), 1, AGENTS, results, older, ledger, started=0.0)
    assert [row.id for row in found] == [*names, *(row.id for row in replaced)]
    assert sum(entry.actual.calls for entry in found) == len(ledger)
    for entry in found[: len(names)]:
        assert entry.outcome == (results[entry.id].status if entry.id in results else None)
        assert bool(entry.agent) == (entry.outcome in ("done", "failed"))
