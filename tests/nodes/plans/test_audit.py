"""Plan against actual: a row for each instance, with what was planned beside what was."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.plans.audit import audit
from nodes.plans.estimate import estimate
from nodes.plans.expand import expand
from state.errors import Failure
from state.plan import Cost, Estimate, Instance, Plan, Step
from state.steps import Skip, StepResult
from state.trail import StepAudit
from state.usage import ModelCall
from tests.nodes.plans.sample_agents import AGENTS, Made, absent, done, failed, made_plans

PLAN = Plan(
    steps=(
        Step(id="find", agent="find", brief="look", inputs={"query": "q"}),
        Step(id="read", agent="read", for_each="$find.items[:2]", inputs={"item": "$item"}),
        Step(id="pick", agent="pick", inputs={"documents": "$read"}),
    )
)
ROWS: tuple[Instance, ...] = expand(PLAN, AGENTS)
PLANNED: Estimate = estimate(ROWS, AGENTS, lambda *_: 0.5)


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
    found = audit(ROWS, PLANNED, known, ledger, started=100.0, revision=2)
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
        planned=Cost(seconds=1),
        actual=Cost(calls=2, input_tokens=200, output_tokens=20, usd=0.5, seconds=2.25),
        started=1.5,
        revision=2,
    )


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


ENDS = st.sampled_from(["done", "failed", "skipped", None])


@given(made_plans(), st.data())
@settings(deadline=None)
def test_every_instance_has_a_row_and_every_steps_call_is_counted_once(
    made: Made, data: st.DataObject
) -> None:
    instances = expand(made.plan, AGENTS)
    results = {}
    for row in instances:
        status = data.draw(ENDS)
        if status:
            results[row.id] = StepResult(
                id=row.id,
                agent=row.agent,
                status=status,
                skip=Skip(kind="absent", message="m") if status == "skipped" else None,
            )
    names = [row.id for row in instances]
    steps = data.draw(st.lists(st.sampled_from(names)))
    ledger = tuple(call(number, step) for number, step in enumerate(steps))
    planned = estimate(instances, AGENTS, lambda *_: None)
    found = audit(instances, planned, results, ledger, started=0.0, revision=1)
    assert [row.id for row in found] == names
    assert sum(entry.actual.calls for entry in found) == len(ledger)
    for entry in found:
        assert entry.outcome == (results[entry.id].status if entry.id in results else None)
        assert bool(entry.agent) == (entry.outcome in ("done", "failed"))
        assert entry.planned == planned.steps[entry.id]
