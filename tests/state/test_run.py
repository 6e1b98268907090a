"""A run over its state: every channel has a field, and every field the channel's default."""

from dataclasses import fields

from cliptrail.nodes.common.begin import ADDED_TO, KEPT, new_run
from cliptrail.nodes.common.running import run_of
from cliptrail.state.plan import Plan, Revision, Step
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run, defaults
from tests.nodes.finish.endings import ended


def test_a_run_has_a_field_for_each_channel() -> None:
    named = {"run" if row.name == "id" else row.name for row in fields(Run)}
    assert named == set(ResearchState.__annotations__) == set(defaults())


def test_an_empty_state_is_a_run_with_all_defaults() -> None:
    run = run_of(ResearchState())
    assert {row.name: getattr(run, row.name) for row in fields(Run) if row.name != "results"} == {
        row.name: getattr(Run(), row.name) for row in fields(Run) if row.name != "results"
    }
    assert dict(run.results) == {}


def test_a_new_run_sets_every_channel_that_it_does_not_keep() -> None:
    made = new_run()
    assert set(made) == set(ResearchState.__annotations__) - KEPT
    assert made.keys() >= ADDED_TO
    assert made["run"]
    assert made["run"] != new_run()["run"]


def test_what_earlier_runs_of_the_thread_left_is_told_apart() -> None:
    before = Plan(steps=(Step(id="search", agent="search"),))
    plan = Plan(steps=(*before.steps, Step(id="extract", agent="extract")))
    state = ResearchState(
        run="r",
        plan=plan,
        revisions=(
            Revision(number=1, by="earlier", plan=before),
            Revision(number=2, by="supervisor", plan=plan),
        ),
        results={name: ended(name, output={}) for name in ("search", "extract")},
    )
    run = run_of(state)
    assert run.id == "r"
    assert run.inherited_steps == {"search"}
    assert list(run.own_results) == ["extract"]
    assert run.in_force == run.revisions[-1]
    assert run_of({**state, "dispatched": 1}).in_force == run.revisions[0]
    assert Run().in_force is None
