"""`cliptrail research`: what it writes, what it prints, what it refuses to replace."""

from pathlib import Path

import pytest

from cliptrail.state.trail import Trail
from tests.cli.command import AUTO, REQUEST, SAMPLES, invoke, statuses, trail_in
from tests.cli.conftest import Example


def test_a_run_without_questions_is_complete_and_both_files_are_there(example: Example) -> None:
    assert example.ran.code == 0
    assert (example.trail.status, example.trail.stop_reason) == ("complete", "done")
    assert example.trail.request == REQUEST
    text = example.guide.read_text(encoding="utf-8")
    assert example.trail.guide is not None
    assert {row.channel for row in example.trail.guide.coverage if row.cited} == {
        "Cinder Porch",
        "Smoke Ledger",
    }
    assert text.count("https://youtu.be/") >= len(example.trail.guide.claims)


def test_json_is_the_written_trail_and_nothing_else_on_stdout(example: Example) -> None:
    written = example.guide.with_name("out.trail.json").read_text(encoding="utf-8")
    assert example.ran.out == written
    assert Trail.model_validate_json(example.ran.out) == example.trail


def test_progress_goes_to_stderr_a_line_an_event(example: Example) -> None:
    asked, *lines = example.ran.err.splitlines()
    assert asked == f"Looking for answers in the bundled samples (pattern planner): {REQUEST}"
    assert lines[0].startswith("plan: revision 1, 10 steps, 2 calls, ")
    shown = {line.partition(":")[0] for line in lines if ": done in " in line}
    assert shown == {row.id for row in example.trail.audit if row.outcome == "done"}
    assert lines[-2:] == [
        f"written: {example.guide}",
        f"written: {example.guide.with_name('out.trail.json')}",
    ]


def test_elements_that_are_not_there_are_counted_in_one_line(example: Example) -> None:
    (absent,) = [row.id for row in example.trail.audit if row.outcome == "skipped"]
    assert absent == "transcript_1[2]"
    lines = [line for line in example.ran.err.splitlines() if "transcript_1" in line]
    assert "transcript_1: 2 of 3 elements were there" in lines
    assert len(lines) == 3
    verbose = invoke("research", REQUEST, *AUTO, "-v").err
    assert f"{absent}: skipped: Not needed: there is no [2]." in verbose


def test_the_summary_goes_to_stdout_and_the_request_names_the_file(here: Path) -> None:
    ran = invoke("research", REQUEST, *AUTO)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "The guide is complete."
    assert "3 model calls (1 coordination, 2 work)" in ran.out
    assert lines[-2:] == [
        f"Written: {here / 'pork_loin_guide.md'}",
        f"Written: {here / 'pork_loin_guide.trail.json'}",
    ]
    assert "written:" not in ran.err
    assert (here / "pork_loin_guide.md").is_file()
    assert trail_in(here / "pork_loin_guide.trail.json").thread_id in statuses()


def test_verbose_shows_every_model_call(example: Example) -> None:
    lines = invoke("research", REQUEST, *AUTO, "-v").err.splitlines()
    shown = [row.split()[1].rstrip(":") for row in lines if row.startswith("model: ")]
    assert shown == [call.role for call in example.trail.ledger]
    assert "compose: started" in lines


@pytest.mark.parametrize("taken", ["out.md", "out.trail.json"])
def test_a_file_that_exists_is_replaced_only_if_told_so(here: Path, taken: str) -> None:
    (here / taken).write_text("mine")
    given = ("research", REQUEST, *AUTO, "--output", "out.md")
    refused = invoke(*given)
    assert refused.code == 2
    assert refused.err == (
        f"Error: {here / taken} already exists. Allow overwriting (--overwrite), or choose another "
        "output.\n"
    )
    assert [row.name for row in here.iterdir()] == [taken]
    assert (here / taken).read_text() == "mine"
    assert invoke(*given, "--overwrite").code == 0
    assert (here / taken).read_text() != "mine"


def test_a_run_goes_on_in_another_folder_with_the_same_library_and_output(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = ("library", "export", "ct-hotfastz", *SAMPLES, "--output", "hot.json")
    assert invoke(*video).code == 0
    assert invoke("library", "import", "hot.json", "--library", "own.sqlite").code == 0
    given = ("--library", "own.sqlite", "--output", "out.md")
    waiting = invoke("research", "How do I cook a pork loin hot and fast?", *given)
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    assert invoke("resume", waiting.thread, answers="a\n").code == 0
    assert (here / "out.md").is_file()
    assert not list((here / "elsewhere").iterdir())
