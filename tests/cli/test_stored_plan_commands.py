"""`cliptrail plan` and `cliptrail run`: a plan made once, read, and run again without planning."""

from pathlib import Path

import pytest
import yaml

from cliptrail.plans.files import load
from cliptrail.running import new_thread
from cliptrail.state.context import Context
from cliptrail.state.plan import StoredPlan
from cliptrail.state.trail import Trail
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Threads
from tests.cli.command import AUTO, REQUEST, SAMPLES, cliptrail, invoke, statuses, trail_in

FAULTY = """
request: Which loin?
steps:
- {id: search, agent: serch, inputs: {query: loin}}
- {id: search, agent: search}
- {id: read, agent: transcript, inputs: {video: $item}, for_each: $search.videos}
- {id: compose, agent: compose, inputs: {claims: $extract.claims}, depends_on: [nothing]}
"""
FAULTS = ("search.agent: ", "search.id: ", "search.inputs.query: ", "read.for_each: ")
MORE_FAULTS = ("compose.inputs.claims: ", "compose.depends_on: ")
WITH_PARAMETERS = """
request: How do I cook a pork loin on a kamado with {channel}?
parameters: {channel: null, most: 1}
notes: {topic: pork loin, channels: ["{channel}"]}
goal: Find out how {channel} cooks it.
steps:
- {id: search, agent: search, inputs: {query: pork loin kamado, channel: "{channel}", limit: 2}}
- {id: read, agent: transcript, inputs: {video: $item}, for_each: "$search.videos[:{most}]"}
- {id: extract, agent: extract, inputs: {transcripts: $read}}
- {id: compose, agent: compose, inputs: {claims: $extract.claims}}
"""


@pytest.fixture
def faulty(here: Path) -> str:
    (here / "faulty.yaml").write_text(FAULTY)
    return "faulty.yaml"


@pytest.fixture
def template(here: Path) -> str:
    (here / "template.yaml").write_text(WITH_PARAMETERS)
    return "template.yaml"


def test_a_plan_is_written_and_nothing_of_it_runs(here: Path) -> None:
    ran = invoke("plan", REQUEST, *SAMPLES)
    assert ran.code == 0
    (file,) = here.glob("*.plan.yaml")
    assert ran.out.splitlines()[-1] == f"Run it with: cliptrail run {file.name} --library samples"
    assert "transcript_2[0..2]" in ran.out
    assert load(file).request == REQUEST
    assert statuses() == {}


def test_the_command_shown_runs_the_plan_on_the_same_source(here: Path) -> None:
    plan = ("plan", "How do I steam milk?", "--output")
    own = invoke(*plan, "own plan.yaml").out.splitlines()[-1]
    assert own == "Run it with: cliptrail run 'own plan.yaml'"
    youtube = invoke(*plan, "tube.yaml", "--source", "youtube").out.splitlines()[-1]
    assert youtube == "Run it with: cliptrail run tube.yaml --source youtube"


def test_a_stored_plan_runs_without_a_planning_call_and_gives_the_same_guide(here: Path) -> None:
    assert invoke("plan", REQUEST, *SAMPLES, "--output", "plan.yaml").code == 0
    ran = cliptrail("run", "plan.yaml", *AUTO)
    assert ran.code == 0
    trail = trail_in(here / "pork_loin_guide.trail.json")
    assert (trail.status, trail.usage.calls, trail.usage.coordination.calls) == ("complete", 2, 0)
    assert [row.by for row in trail.revisions] == ["file"]
    assert trail.plan == load(here / "plan.yaml").plan


def test_a_plan_is_given_as_json_on_stdout_and_in_the_file(here: Path) -> None:
    ran = invoke("plan", REQUEST, *SAMPLES, "--output", "plan.json", "--json")
    assert ran.code == 0
    assert ran.err == f"Looking for answers in the bundled samples (plan only): {REQUEST}\n"
    (here / "printed.json").write_text(ran.out)
    assert load(here / "printed.json") == load(here / "plan.json")


def test_a_plan_that_exists_is_replaced_only_if_told_so(here: Path) -> None:
    (here / "plan.yaml").write_text("mine")
    given = ("plan", REQUEST, *SAMPLES, "--output", "plan.yaml")
    refused = invoke(*given, "--max-calls", "0")  # so that a planning call would be told instead
    assert refused.code == 2
    assert "plan.yaml already exists. Allow overwriting (--overwrite)" in refused.err
    assert (here / "plan.yaml").read_text() == "mine"
    assert invoke(*given, "--overwrite").code == 0
    assert load(here / "plan.yaml").steps


def test_a_faulty_plan_is_told_with_all_its_faults_a_line_each(faulty: str) -> None:
    ran = invoke("run", faulty, *AUTO)
    assert (ran.code, ran.out) == (2, "")
    asked, *faults, last = ran.err.splitlines()
    assert asked.startswith("Looking for answers in the bundled samples (plan faulty.yaml): ")
    for place in (*FAULTS, *MORE_FAULTS):
        assert [line for line in faults if line.startswith(f"  {place}")], place
    assert last == (
        f"Error: faulty.yaml has {len(faults)} faults, named above. Fix the file and run it again."
    )
    assert statuses() == {}


def test_parameters_fill_a_plan(template: str, here: Path) -> None:
    given = ("run", template, *AUTO, "--output", "out.md", "--json")
    ran = invoke(*given, "--param", "channel=Smoke Ledger", "-p", "most=2")
    assert ran.code == 0
    trail = Trail.model_validate_json(ran.out)
    assert trail.request == "How do I cook a pork loin on a kamado with Smoke Ledger?"
    assert {row.channel for row in trail.sources} == {"Smoke Ledger"}
    assert [row.outcome for row in trail.audit if row.id.startswith("read[")] == ["done", "done"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "The plan needs a value for 'channel'. Add: --param channel=VALUE"),
        (("-p", "channel"), "--param 'channel' has no value. Write it as --param name=value."),
        (("-p", "=x"), "--param '' has no value. Write it as --param name=value."),
        (("-p", "chanel=x"), "The plan has no parameter 'chanel'. It has: channel, most."),
    ],
)
def test_a_wrong_parameter_is_told(template: str, options: tuple[str, ...], message: str) -> None:
    ran = invoke("run", template, *AUTO, *options)
    assert (ran.code, ran.out, ran.err) == (2, "", f"Error: {message}\n")


def test_a_run_killed_before_its_first_checkpoint_still_has_its_plan(template: str) -> None:
    text = WITH_PARAMETERS.replace("{channel}", "Smoke Ledger").replace("{most}", "1")
    data = yaml.safe_load(text)
    stored = StoredPlan.model_validate({"plan": {"steps": data["steps"]}, "notes": data["notes"]})
    options = Context(library="samples", approval="auto")
    thread = new_thread("Which loin?", "planner", options, "out.md", stored)
    Threads(settings().runs_file).put(thread)
    assert invoke("resume", thread.thread_id).code == 0
    assert trail_in(Path("out.trail.json")).usage.coordination.calls == 0
