"""Re-planning: what is finished stays, the person is asked again, and it comes to an end."""

from pathlib import Path
from typing import Any

import pytest

from cliptrail.agents import registry
from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent, agents
from cliptrail.graphs.planner import build
from cliptrail.nodes.common.retry import retry
from cliptrail.state.base import Frozen
from cliptrail.state.errors import Blocked, BudgetExceeded, CliptrailError, NoCaptions
from cliptrail.state.events import PlanMade
from cliptrail.state.plan import Cost, Expectation, Plan, Step, StoredPlan
from cliptrail.state.trail import StepAudit, Trail
from tests.graphs.playing import BRISKET, Play, steps
from tests.nodes.scripted_model import as_answer, scripted


class Wanted(Frozen):
    rows: int = 1


class Row(Frozen):
    name: str


class Rows(Frozen):
    rows: tuple[Row, ...] = ()


class Counted:
    """What the test agents did, and which of them shall fail."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.errors: dict[str, CliptrailError] = {}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Register `count`, which gives as many rows as it is told to, or fails."""
    monkeypatch.setattr(registry, "_AGENTS", agents())
    counted = Counted()

    @agent(capabilities=("count",), cost=Cost(seconds=1))
    async def count(inputs: Wanted, ctx: AgentContext) -> Rows:
        """Return rows."""
        counted.ran.append(ctx.step)
        if ctx.step in counted.errors:
            raise counted.errors[ctx.step]
        return Rows(rows=tuple(Row(name=str(number)) for number in range(inputs.rows)))

    return counted


def count(name: str, rows: int, *after: str, at_least: int = 0) -> Step:
    expect = (Expectation(field="rows", at_least=at_least),) if at_least else ()
    return Step(
        id=name, agent="count", inputs={"rows": rows}, depends_on=tuple(after), expect=expect
    )


FIRST = (count("first", 1), count("second", 1, "first", at_least=2), count("last", 1, "second"))
BETTER = (FIRST[0], count("second", 2, "first", at_least=2), FIRST[2])


def plan(*rows: Step) -> StoredPlan:
    return StoredPlan(plan=Plan(goal="Count", steps=rows))


def answer(*rows: Step) -> dict[str, Any]:
    return as_answer(Plan(goal="Count", steps=rows))


def audit_of(output: dict[str, Any]) -> tuple[StepAudit, ...]:
    return trail_of(output).audit


def trail_of(output: dict[str, Any]) -> Trail:
    (path,) = [path for path in output["files"] if path.endswith(".json")]
    return Trail.model_validate_json(Path(path).read_bytes())


async def test_a_shortfall_asks_the_planner_and_then_the_person(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play(approval="ask")
    with scripted(monkeypatch, answer(*BETTER)) as script:
        await play.ask(BRISKET, stored=plan(*FIRST))
        await play.decide("approve")
    assert counted.ran == ["first", "second"]  # what follows waits for the new plan
    assert script.data("setback") == "second fell short: 1 of at least 2 rows."
    assert [row["status"] for row in script.data("outcome")] == ["done", "fell short"]
    question = await play.question()
    assert (question["args"]["revision"], question["args"]["finished"]) == (2, ["first"])
    assert [row["field"] for row in question["args"]["changes"]] == ["inputs.rows"]
    assert "second fell short" in question["description"]
    assert "first: count, done already" in question["description"]
    output = await play.decide("approve")
    assert counted.ran == ["first", "second", "second", "last"]
    rows = [(row.id, row.revision, row.superseded, row.reason) for row in audit_of(output)]
    assert rows == [
        ("first", 1, False, ""),
        ("second", 2, False, ""),
        ("last", 1, False, ""),
        ("second", 1, True, "1 of at least 2 rows"),
    ]
    assert [row.reason for row in trail_of(output).revisions] == [
        "",
        "second fell short: 1 of at least 2 rows.",
    ]


async def test_without_a_person_the_new_plan_is_told_and_runs(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(monkeypatch, answer(*BETTER)):
        told = await Play().watch({"request": BRISKET, "stored": plan(*FIRST)}, "custom")
    made = [PlanMade.model_validate(row) for row in told if row["kind"] == "plan_made"]
    assert [row.finished for row in made] == [(), ("first",)]
    assert [str(row) for row in made[1].revision.changes] == ["second.inputs.rows: 1 → 2"]
    assert made[1].estimate.steps["first"] == Cost()
    assert counted.ran[-1] == "last"


async def test_re_planning_is_bounded_and_what_fell_short_is_used(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = (FIRST[0], count("other", 1, at_least=2), count("last", 1, "other"))
    with scripted(monkeypatch, answer(*still)) as script:
        output = await Play().ask(BRISKET, stored=plan(*FIRST))
    assert len(script.prompts) == 1
    assert counted.ran == ["first", "second", "other", "last"]
    assert (output["status"], output["stop_reason"]) == ("failed", "inadequate")
    assert "other fell short: 1 of at least 2 rows." in output["message"]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([401], "No new plan could be made"),
        ([answer(*FIRST)], "had no better plan"),
        ([answer(Step(id="a", agent="nobody"))] * 3, "No valid new plan was made"),
    ],
    ids=["error", "same", "invalid"],
)
async def test_without_a_better_plan_the_approved_one_goes_on(
    answers: list[Any], why: str, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(monkeypatch, *answers):
        output = await Play().ask(BRISKET, stored=plan(*FIRST))
    assert counted.ran == ["first", "second", "last"]
    assert output["stop_reason"] == "inadequate"
    assert any(why in row.what for row in trail_of(output).incidents)


async def test_a_new_plan_that_changes_what_is_done_goes_back(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = answer(count("first", 3), *BETTER[1:])
    with scripted(monkeypatch, changed, answer(*BETTER)) as script:
        await Play().ask(BRISKET, stored=plan(*FIRST))
    assert any("first: is done" in row for row in script.data("faults"))
    assert counted.ran == ["first", "second", "second", "last"]


async def test_whoever_wants_no_re_planning_gets_none(counted: Counted) -> None:
    output = await Play(max_replans=0).ask(BRISKET, stored=plan(*FIRST))
    assert counted.ran == ["first", "second", "last"]
    assert (output["stop_reason"], output["usage"].calls) == ("inadequate", 0)


async def test_a_step_that_failed_is_replaced_and_nothing_else_runs_twice(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted.errors["second"] = NoCaptions("No captions.")
    instead = (FIRST[0], count("instead", 2, "first"), count("last", 1, "instead"))
    with scripted(monkeypatch, answer(*instead)) as script:
        output = await Play().ask(BRISKET, stored=plan(*FIRST))
    assert script.data("setback") == "second failed: No captions."
    assert counted.ran == ["first", "second", "instead", "last"]
    rows = {row.id: (row.outcome, row.superseded) for row in audit_of(output)}
    assert rows["second"] == ("failed", True)


@pytest.mark.parametrize("error", [Blocked("Refused."), BudgetExceeded("Spent.")])
async def test_what_no_plan_can_mend_is_not_planned_anew(
    error: CliptrailError, counted: Counted
) -> None:
    counted.errors["second"] = error
    output = await Play().ask(BRISKET, stored=plan(*FIRST))
    assert output["usage"].calls == 0
    assert counted.ran == ["first", "second"]


async def asked_anew(patch: pytest.MonkeyPatch) -> Play:
    """A run whose second step fell short, and whose better plan waits for approval."""
    play = Play(approval="ask")
    with scripted(patch, answer(*BETTER)):
        await play.ask(BRISKET, stored=plan(*FIRST))
        await play.decide("approve")
    return play


async def test_a_rejected_new_plan_ends_with_what_was_found_and_can_be_asked_again(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = await asked_anew(monkeypatch)
    output = await play.decide("reject")
    assert output["stop_reason"] == "rejected"
    assert trail_of(output).plan == plan(*FIRST).plan
    assert [row.outcome for row in audit_of(output)] == ["done", "done", None]
    await play.run(retry(await play.state()))  # type: ignore[arg-type]
    assert (await play.question())["args"]["revision"] == 2
    await play.decide("approve")
    assert counted.ran == ["first", "second", "second", "last"]


async def test_another_process_goes_on_where_the_new_plan_waits(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = await asked_anew(monkeypatch)
    play.graph = build().compile(checkpointer=play.saver)
    await play.decide("approve")
    assert counted.ran == ["first", "second", "second", "last"]


@pytest.mark.parametrize("dispatch", ["eager", "levels"])
async def test_the_offline_engine_looks_at_more_videos(dispatch: str) -> None:
    find, *rest = steps()
    few = find.model_copy(
        update={
            "inputs": {**find.inputs, "limit": 1},
            "expect": (Expectation(field="videos", at_least=2),),
        }
    )
    output = await Play(dispatch=dispatch).ask(BRISKET, stored=plan(few, *rest))
    assert output["status"] == "complete"
    trail = trail_of(output)
    assert trail.plan is not None
    assert trail.plan.steps[0].inputs["limit"] == 2
    assert len(trail.sources) == 2


async def test_the_offline_engine_reads_further_videos_where_claims_are_few() -> None:
    find, fetch, read, write = steps()
    wanting = read.model_copy(
        update={
            "inputs": {**read.inputs, "limit": 80},
            "expect": (Expectation(field="claims", at_least=45, only="verified"),),
        }
    )
    output = await Play().ask(BRISKET, stored=plan(find, fetch, wanting, write))
    rows = {row.id: (row.outcome, row.superseded) for row in audit_of(output)}
    assert rows["fetch[0]"] == ("done", False)  # what was read is kept
    assert rows["fetch_more[0]"] == ("done", False)
    assert len(trail_of(output).sources) == 2
    calls = [call.role for call in trail_of(output).ledger]
    assert calls == ["extract", "planner", "extract", "compose"]
