"""Saving: complete files under safe names, nothing overwritten, and no exception whatever fails."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.runtime import Runtime

from cliptrail.nodes.finish.save import save, trail_of, write
from cliptrail.state.context import Context
from cliptrail.state.errors import OutputError, UsageError
from cliptrail.state.plan import Change, Cost, Estimate, Plan, Revision, Step
from cliptrail.state.request import Notes, Stop
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run
from cliptrail.state.trail import Timing, Trail
from cliptrail.state.usage import ModelCall
from cliptrail.tools.library import Library
from tests.nodes.finish.endings import GUIDE, ROW, by_step, composed, extracted, read

LIBRARY = "own.sqlite"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture(autouse=True)
def library(installation: Path) -> Path:
    """A library with the one video that the claims cite."""
    installation.mkdir()
    with Library(installation / LIBRARY) as opened:
        opened.add(ROW)
    return installation / LIBRARY


def trail(run: str = "run", **more: Any) -> Trail:
    facts = {
        "thread_id": "t",
        "run_id": run,
        "request": "How hot must the oil be?",
        "pattern": "planner",
        "status": "complete",
        "stop_reason": "done",
        "engine": "none",
        "guide": GUIDE,
        "sources": ({"video_id": "one", "title": "About one"},),
        "timing": Timing(started=1.0, ended=2.0, seconds=1.0),
    }
    return Trail.model_validate({**facts, **more})


def put(made: Trail, out: Path, name: str = "", **options: Any) -> list[str]:
    """Write a trail's files; their names."""
    run = Run(file_name=name)
    return [Path(path).name for path in write(made, run, Context(**options), out)]


def state_of(**more: Any) -> ResearchState:
    facts: dict[str, Any] = {
        "run": "run",
        "request": "How hot must the oil be?",
        "pattern": "planner",
        "results": by_step(read(), composed()),
        "notes": Notes(channels=("Quiet Forge",)),
        "started": 1.0,
    }
    return ResearchState(**{**facts, **more})  # type: ignore[typeddict-item]


def saved(library: Path, *, options: dict[str, Any] | None = None, **more: Any) -> Any:
    context = Context(library=str(library), **(options or {}))
    return asyncio.run(save(state_of(**more), runtime=Runtime(context=context)))


def files(folder: Path) -> dict[str, bytes]:
    return {row.name: row.read_bytes() for row in folder.iterdir()}


# --- names ---------------------------------------------------------------------------------------

DEFAULT = "how_hot_must_the_oil_be.md"
NAMES = [
    ("oil.md", "oil.md"),
    ("oil", "oil.md"),
    ("../../x.md", "x.md"),
    ("..\\..\\x.md", "x.md"),
    ("/etc/cron.d/brisket", "brisket.md"),
    (".bashrc", "bashrc.md"),
    ("..", DEFAULT),
    ("folder/", DEFAULT),
    ("CON", DEFAULT),
    ("nul.txt", DEFAULT),
    ("com1.md", DEFAULT),
    ("a\0b\nc*?.md", "a_b_c.md"),
    ("", DEFAULT),
]


@pytest.mark.parametrize(("suggestion", "name"), NAMES)
def test_a_suggested_name_stays_in_the_folder(suggestion: str, name: str, out: Path) -> None:
    made = trail(notes=Notes(output_file=suggestion))
    assert put(made, out) == [name, name.replace(".md", ".trail.json")]
    assert sorted(files(out)) == sorted([name, name.replace(".md", ".trail.json")])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text("./\\~:$ a"))
def test_no_name_leads_out_of_the_folder(out: Path, suggestion: str) -> None:
    (path, _) = write(trail(), Run(file_name=suggestion), Context(overwrite=True), out)
    assert Path(path).resolve().parent == out.resolve()
    assert not Path(path).name.startswith(".")


def test_the_callers_name_goes_before_that_of_the_request(out: Path) -> None:
    made = trail(notes=Notes(output_file="theirs.md"))
    assert put(made, out, "mine.md") == ["mine.md", "mine.trail.json"]


def test_a_link_that_leads_out_of_the_folder_is_refused(out: Path, tmp_path: Path) -> None:
    out.mkdir()
    (out / "x.md").symlink_to(tmp_path / "elsewhere.md")
    with pytest.raises(UsageError, match="leads out of the output folder"):
        put(trail(), out, "x.md")
    assert not (tmp_path / "elsewhere.md").exists()


# --- nothing is overwritten ----------------------------------------------------------------------


@pytest.mark.parametrize("taken", ["x.md", "x.trail.json"])
def test_files_of_others_stay_as_they_are(taken: str, out: Path) -> None:
    out.mkdir()
    (out / taken).write_bytes(b"precious")
    assert put(trail("one"), out, "x") == ["x-2.md", "x-2.trail.json"]
    assert put(trail("two"), out, "x") == ["x-3.md", "x-3.trail.json"]
    assert files(out)[taken] == b"precious"


def test_overwriting_must_be_asked_for(out: Path) -> None:
    put(trail("one"), out, "x")
    assert put(trail("two"), out, "x", overwrite=True) == ["x.md", "x.trail.json"]
    assert len(files(out)) == 2


@pytest.mark.parametrize("taken", [False, True], ids=["own name", "numbered name"])
def test_a_second_try_of_a_run_completes_its_own_files(taken: bool, out: Path) -> None:
    if taken:
        put(trail("another"), out, "x")
    first = put(trail(), out, "x")
    (out / first[0]).unlink()  # killed after the trail, before the guide
    before = set(files(out))
    assert put(trail(status="partial"), out, "x") == first
    assert set(files(out)) == before | {first[0]}
    assert b'"partial"' in files(out)[first[1]]


def call(name: str) -> ModelCall:
    return ModelCall(id=name, role="compose", kind="work", tier="cheap", model="offline:rules")


def test_a_fork_of_a_run_leaves_the_files_of_the_first_way(out: Path) -> None:
    first = put(trail(ledger=(call("before"), call("after"))), out, "x")
    kept = files(out)
    forked = trail(ledger=(call("before"), call("other")))
    assert put(forked, out, "x") == ["x-2.md", "x-2.trail.json"]
    assert {name: files(out)[name] for name in first} == kept
    assert put(forked, out, "x") == ["x-2.md", "x-2.trail.json"]  # killed while it was written


def test_a_run_that_tries_again_replaces_the_files_that_it_named(out: Path) -> None:
    before = write(trail(ledger=(call("one"),)), Run(), Context(), out)
    again = trail(ledger=(call("one"), call("two")))
    assert write(again, Run(files=before), Context(), out) == before


@pytest.mark.parametrize("told", [b"", b"[]", b"{}", b'{"run_id": "run", "ledger": [1]}', b"\xff"])
def test_a_trail_that_cannot_be_read_is_not_ones_own(told: bytes, out: Path) -> None:
    out.mkdir()
    (out / "x.trail.json").write_bytes(told)
    assert put(trail(), out, "x") == ["x-2.md", "x-2.trail.json"]
    assert files(out)["x.trail.json"] == told


# --- what fails ----------------------------------------------------------------------------------


@contextmanager
def small_disk(most: int) -> Iterator[None]:
    """Let no file grow beyond a size: the system's own error, as when a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_nothing_half_written(out: Path) -> None:
    with small_disk(100), pytest.raises(OutputError, match=r"x\.trail\.json cannot be written"):
        put(trail(), out, "x")
    assert files(out) == {}


def test_the_trail_comes_first(out: Path) -> None:
    (out / "x.md").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"x\.md cannot be written"):
        put(trail(), out, "x", overwrite=True)
    assert (out / "x.trail.json").is_file()


def test_a_folder_that_is_missing_is_made(library: Path, out: Path) -> None:
    result = saved(library, options={"output_dir": str(out / "a/b")})
    assert (result["status"], result["stop_reason"]) == ("complete", "done")
    assert [Path(path).parent for path in result["files"]] == [out / "a/b"] * 2


def test_a_folder_that_cannot_be_is_told_in_the_state(library: Path, out: Path) -> None:
    out.write_text("a file, not a folder")
    result = saved(library)
    assert (result["status"], result["stop_reason"]) == ("failed", "failure")
    assert "cannot be written" in result["message"]
    assert "resume --output" in result["message"]
    assert (result["files"], result["guide"].claims) == ((), GUIDE.claims)
    assert [row.where for row in result["incidents"]] == ["save"]


def test_a_full_disk_is_told_in_the_state(library: Path, out: Path) -> None:
    saved(library, options={"overwrite": True})  # opens the library beforehand
    with small_disk(100):
        result = saved(library)
    assert (result["status"], result["stop_reason"]) == ("failed", "failure")
    assert "cannot be written" in result["message"]


def test_why_it_was_stopped_is_told_too(library: Path, out: Path) -> None:
    out.write_text("a file, not a folder")
    result = saved(library, stop=Stop(reason="budget", message="The budget is used up."))
    assert result["message"].startswith("The budget is used up. ")
    assert "cannot be written" in result["message"]


@pytest.mark.parametrize("stop", [None, Stop(reason="budget", message="Enough.")])
def test_what_was_found_is_written_although_the_library_is_gone(
    stop: Stop | None, installation: Path
) -> None:
    result = saved(installation / "missing.sqlite", stop=stop)
    assert result["status"] == ("partial" if stop else "complete")
    trail = Trail.model_validate_json(Path(result["files"][1]).read_bytes())
    assert any("missing.sqlite" in row.what for row in trail.incidents)
    assert "“heat the oil to 55 degrees” Quiet Forge, Oil" in Path(result["files"][0]).read_text()


def test_a_video_that_the_library_lost_is_still_named(installation: Path, out: Path) -> None:
    empty = installation / "empty.sqlite"
    Library(empty).close()
    result = saved(empty)
    page = Path(result["files"][0]).read_text()
    assert result["status"] == "complete"
    assert "“heat the oil to 55 degrees” Quiet Forge, Oil, 0:00\n" in page


def test_claims_of_a_video_that_nobody_read_are_not_believed(installation: Path) -> None:
    empty = installation / "empty.sqlite"
    Library(empty).close()
    result = saved(empty, results=by_step(extracted(*GUIDE.claims)), notes=Notes())
    assert (result["status"], result["stop_reason"]) == ("failed", "no_evidence")
    assert "none could be verified" in result["message"]


def test_what_only_says_that_it_is_verified_is_not_believed(library: Path) -> None:
    told = GUIDE.claims[0].model_copy(update={"text": "Heat the oil to 900 degrees."})
    result = saved(library, results=by_step(extracted(told, *GUIDE.claims[1:])), notes=Notes())
    texts = [row.text for row in result["guide"].claims] if result["guide"] else []
    assert told.text not in texts


# --- the trail -----------------------------------------------------------------------------------


def test_the_trail_reads_back_as_it_was_written(library: Path) -> None:
    plan = Plan(goal="Oil", steps=(Step(id="a", agent="search", inputs={"query": "oil"}),))
    change = Change(kind="changed", step="a", field="depends_on", before=(), after=("b",))
    revision = Revision(number=1, by="person", plan=plan, changes=(change,))
    call = ModelCall(id="1", role="planner", kind="coordination", tier="cheap", model="m", usd=None)
    result = saved(library, plan=plan, revisions=(revision,), ledger=(call,))
    text = Path(result["files"][1]).read_text()
    again = Trail.model_validate_json(text)
    assert again.model_dump_json(indent=1) + "\n" == text
    assert (again.guide, again.ledger, again.usage.usd) == (result["guide"], (call,), None)
    assert [row.id for row in again.audit] == ["a"]


def test_the_estimate_is_the_one_that_was_made_with_the_plan(library: Path) -> None:
    estimate = Estimate(steps={"a": Cost(usd=0.5)}, total=Cost(usd=0.5), critical_path=("a",))
    plan = Plan(steps=(Step(id="a", agent="compose"),))
    revisions = (Revision(number=1, by="file", plan=plan, estimate=estimate),)
    result = saved(library, plan=plan, revisions=revisions)
    trail = Trail.model_validate_json(Path(result["files"][1]).read_bytes())
    assert (trail.estimate, trail.audit[0].planned.usd) == (estimate, 0.5)


def test_a_trail_that_could_not_be_written_is_made_from_the_state(library: Path, out: Path) -> None:
    out.write_text("a file, not a folder")
    state = state_of()
    result = saved(library)
    state.update(result)
    made = asyncio.run(trail_of(state, Context(library=str(library)), "thread"))
    assert (made.status, made.stop_reason, made.thread_id) == ("failed", "failure", "thread")
    assert made.stop_message == result["message"]
    assert made.guide == result["guide"]
