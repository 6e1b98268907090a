"""What a run tells in a pipe: a mapped step's absent and skipped instances in one line each."""

from io import StringIO
from typing import Literal

from rich.console import Console

from cliptrail.cli.views import LinesView
from cliptrail.state.events import Event, PlanMade, StepEnded, StepStarted
from cliptrail.state.plan import Estimate, Plan, Revision, Step
from cliptrail.state.steps import Skip, StepResult

READ = Step(id="read", agent="transcript", for_each="$search.videos[:3]", inputs={"video": "$item"})
PLAN = Plan(steps=(Step(id="search", agent="search", inputs={"query": "x", "limit": 3}), READ))


def made(number: int) -> Event:
    return PlanMade(revision=Revision(number=number, by="planner", plan=PLAN), estimate=Estimate())


def done(place: int) -> list[Event]:
    name = f"read[{place}]"
    result = StepResult(id=name, agent="transcript", status="done", output={})
    return [StepStarted(id=name, agent="transcript", at=0), StepEnded(result=result)]


def skipped(place: int, kind: Literal["absent", "upstream"], why: str = "Not needed.") -> Event:
    skip = Skip(kind=kind, message=why)
    name = f"read[{place}]"
    return StepEnded(result=StepResult(id=name, agent="transcript", status="skipped", skip=skip))


def told(*events: Event, verbose: bool = False) -> list[str]:
    """The lines about the mapped step."""
    console = Console(file=StringIO(), record=True, width=120)
    view = LinesView(console, verbose=verbose)
    for event in events:
        view.tell(event)
    return [line for line in console.export_text().splitlines() if line.startswith("read")]


def test_what_a_later_plan_runs_again_counts_only_when_it_has_ended_again() -> None:
    first = [made(1), *done(0), skipped(1, "absent"), skipped(2, "absent")]
    second = [made(2), *done(0), skipped(2, "absent"), *done(1)]
    assert told(*first, *second) == [
        "read[0]: done in 0.0 s",
        "read: 1 of 3 elements were there",
        "read[0]: done in 0.0 s",
        "read[1]: done in 0.0 s",
        "read: 2 of 3 elements were there",
    ]


def test_instances_that_are_skipped_for_the_same_reason_are_one_line() -> None:
    no_search = "Cannot run: search failed."
    assert told(made(1), *(skipped(place, "upstream", no_search) for place in range(3))) == [
        f"read[0..2]: skipped: {no_search}"
    ]
    reasons = ("one", "other", "one")
    rows = [skipped(place, "upstream", why) for place, why in enumerate(reasons)]
    assert told(made(1), *rows) == ["read[0], read[2]: skipped: one", "read[1]: skipped: other"]
    assert len(told(made(1), *rows, verbose=True)) == len(rows)
