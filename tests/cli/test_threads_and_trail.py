"""`threads`, `trail`, and what `resume` makes of ids."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cliptrail.state.evidence import LeftOut
from tests.cli.command import REQUEST, SAMPLES, at_terminal, invoke, record, statuses
from tests.cli.conftest import Example


def test_without_runs_the_list_is_empty() -> None:
    ran = invoke("threads")
    assert (ran.code, ran.out, ran.err) == (0, "", "There are no runs yet.\n")
    assert invoke("threads", "--json").out == "[]\n"


def test_each_run_is_a_line_the_last_one_first() -> None:
    record("aaaa", "complete", "Which loin?\n\x1b[2J")
    record("bbbb", "partial")
    lines = [line.split("\t") for line in invoke("threads").out.splitlines()]
    assert [(row[0], row[1], row[2]) for row in lines] == [
        ("bbbb", "partial", "planner"),
        ("aaaa", "complete", "planner"),
    ]
    assert lines[1][-1] == "Which loin? [2J"
    assert statuses() == {"bbbb": "partial", "aaaa": "complete"}


def test_at_a_terminal_runs_are_a_table() -> None:
    record("aaaa", "complete", "Which [bold]loin?")
    with at_terminal("threads") as process:
        assert process.end() == 0
    for words in ("Thread", "Status", "aaaa", "Which [bold]loin?"):
        assert words in process.shown


def test_json_of_runs_holds_request_and_options() -> None:
    waiting = invoke("research", REQUEST, *SAMPLES, "--max-calls", "7", answers="q\n")
    (row,) = json.loads(invoke("threads", "--json").out)
    assert (row["thread_id"], row["request"]) == (waiting.thread, REQUEST)
    assert (row["context"]["max_calls"], row["context"]["library"]) == (7, "samples")


def test_a_trail_is_shown_whole_and_its_guide_names_it(example: Example) -> None:
    trail = example.trail
    ran = invoke("trail", str(example.guide))
    assert ran.code == 0
    assert ran.out == invoke("trail", str(example.guide.with_name("out.trail.json"))).out
    assert ran.out.startswith(f"{REQUEST}\nplanner: complete (done)\n")
    parts = ran.out.split("\n\n")
    assert [part.splitlines()[0] for part in parts[1:4]] == [
        "Plan and actual",
        "Ledger",
        "Evidence",
    ]
    plan, ledger, evidence = (
        [row.split("\t") for row in part.splitlines()[2:]] for part in parts[1:4]
    )
    assert parts[1].splitlines()[1].split("\t")[:3] == ["Step", "Agent", "Outcome"]
    assert [(row[0], row[2]) for row in plan] == [(row.id, row.outcome) for row in trail.audit]
    assert [(row[0], row[1]) for row in ledger] == [
        ("planner", "1"),
        ("extract", "1"),
        ("compose", "1"),
        ("coordination", "1"),
        ("work", "2"),
        ("in all", "3"),
    ]
    assert trail.guide is not None
    cited = [row for claim in trail.guide.claims for row in claim.citations]
    assert [row[1] for row in evidence[: len(cited)]] == [row.video_id for row in cited]


def test_what_the_guide_leaves_out_is_shown_and_older_trails_know_nothing_of_it(
    example: Example, here: Path
) -> None:
    assert example.trail.guide is not None
    claim = example.trail.guide.claims[0].model_copy(update={"text": "Left behind."})
    rows = (LeftOut(claim=claim, reason="It is in no statement."),)
    trail = example.trail.model_copy(update={"left_out": rows})
    (here / "new.trail.json").write_text(trail.model_dump_json())
    (here / "old.trail.json").write_text(trail.model_dump_json(exclude={"left_out"}))
    shown, older = invoke("trail", "new.trail.json").out, invoke("trail", "old.trail.json").out
    assert "Left out of the guide\nClaim\tWhy\nLeft behind.\tIt is in no statement.\n" in shown
    assert "Left out of the guide" not in older


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("nothing.trail.json", "cannot be read: No such file or directory."),
        ("lonely.md", "lonely.trail.json cannot be read: No such file or directory."),
        ("data", "cannot be read: Is a directory."),
        ("broken.json", "is not a trail."),
        ("cut.trail.json", "is not a trail."),
        ("bytes.json", "is not a trail."),
    ],
)
def test_what_is_no_trail_is_told(example: Example, here: Path, file: str, words: str) -> None:
    (here / "data").mkdir()
    (here / "lonely.md").write_text("# Alone")
    (here / "broken.json").write_text('{"thread_id": 3}')
    (here / "cut.trail.json").write_text(example.ran.out[:5000])
    (here / "bytes.json").write_bytes(b"\xff\x00")
    ran = invoke("trail", file)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert "Name a .trail.json file" in ran.err


@pytest.mark.parametrize("more", [{}, {"colour": "red"}])
def test_a_trail_of_another_version_says_so_whatever_its_fields(here: Path, more: Any) -> None:
    (here / "x.trail.json").write_text(json.dumps({"version": 2, **more}))
    ran = invoke("trail", "x.trail.json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "Error: x.trail.json has trail format 2; this cliptrail reads format 1. "
        "Upgrade cliptrail.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "There is nothing to resume. See: cliptrail threads"),
        (["zz"], "There is no thread 'zz'. See: cliptrail threads"),
        (["ab"], "2 threads begin with 'ab'. Give more of its id."),
    ],
)
def test_a_thread_that_cannot_be_resumed_is_told(arguments: list[str], message: str) -> None:
    if arguments:
        record("abcd")
        record("abef")
    ran = invoke("resume", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"Error: {message}")
    assert set(statuses().values()) <= {"stopped"}


def test_a_complete_thread_is_not_resumed(
    example: Example, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(example.guide.parent / "data", here / "data")
    ran = invoke("resume", example.trail.thread_id)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"Error: The thread {example.trail.thread_id} is complete. Ask a new question.\n"
    )
    assert "nothing to resume" in invoke("resume").err
