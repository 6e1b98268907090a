"""Approval in the command line: answers by lines, at a terminal, later, or never."""

import json
import re
import sys
from pathlib import Path

import pytest

from cliptrail.state.trail import Trail
from tests.cli.command import (
    CHOICES,
    REQUEST,
    SAMPLES,
    at_terminal,
    cliptrail,
    invoke,
    statuses,
    trail_in,
)

RESEARCH = ("research", REQUEST, *SAMPLES)
TRAIL = Path("pork_loin_guide.trail.json")
GUIDE = Path("pork_loin_guide.md")
EDITOR = '''
"""Stands in for a person's editor: makes the next of the edits listed, keeps what it was shown."""
import json, pathlib, sys

file, edits = pathlib.Path(sys.argv[1]), pathlib.Path("edits.json")
text = file.read_text(encoding="utf-8")
(first, *rest) = json.loads(edits.read_text())
edits.write_text(json.dumps(rest))
with open("shown.txt", "a") as shown:
    shown.write(text)
for before, after in first:
    assert before in text
    text = text.replace(before, after)
file.write_text(text, encoding="utf-8")
'''


def roles(trail: Trail) -> list[str]:
    return [call.role for call in trail.ledger]


@pytest.mark.parametrize("answer", ["a", "approve", "Y", "maybe\n\na"])
def test_an_approved_plan_runs(answer: str) -> None:
    ran = invoke(*RESEARCH, answers=f"{answer}\n")
    assert ran.code == 0
    assert ran.err.count(CHOICES) == answer.count("\n") + 1
    assert roles(trail_in(TRAIL)) == ["planner", "extract", "compose"]


def test_before_asking_the_whole_plan_is_shown_with_its_price() -> None:
    shown = invoke(*RESEARCH, answers="q\n").err
    words = ("transcript_2[0..2]", "3 × 2 s", "capable", "Find videos of the")
    assert [row for row in words if row not in shown] == []
    assert re.search(r"In all 2 calls, [\d,]+ tokens, free\. Critical path \(bold\): about", shown)


def test_in_a_narrow_terminal_a_plan_is_short_and_no_step_loses_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = invoke(*RESEARCH, answers="q\n").err
    assert "…" not in shown
    assert "Tier" not in shown
    for name in ("search_1 ", "transcript_1[0..2] ", "transcript_2[0..2] ", "extract ", "compose "):
        assert sum(line.startswith(f"│ {name}") for line in shown.splitlines()) == 1
    assert shown.count("\n") <= 24


@pytest.mark.parametrize("answers", ["r only one video each\na\n", "r\nonly one video each\na\n"])
def test_a_reason_makes_the_planner_try_again_and_shows_what_changed(answers: str) -> None:
    ran = invoke(*RESEARCH, answers=answers)
    assert ran.code == 0
    assert "search_1.inputs.limit: 3 → 1" in ran.err
    trail = trail_in(TRAIL)
    first, second = trail.revisions
    assert (first.by, second.by) == ("planner", "planner")
    assert second.reason == "only one video each"
    assert second.changes
    assert roles(trail) == ["planner", "planner", "extract", "compose"]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ("r\n\n", "The plan was rejected."),
        ("n", "The plan was rejected."),
        ("r it is too blue\n", "The planner made the same plan again after: it is too blue"),
    ],
)
def test_a_rejected_plan_does_not_run(answers: str, why: str) -> None:
    ran = invoke(*RESEARCH, answers=answers)
    assert ran.code == 4
    assert why in ran.out
    trail = trail_in(TRAIL)
    assert (trail.status, trail.stop_reason, trail.guide) == ("failed", "rejected", None)
    assert {row.outcome for row in trail.audit} == {None}
    assert not GUIDE.exists()


def test_a_plan_rejected_in_haste_can_be_resumed_and_approved() -> None:
    invoke(*RESEARCH, answers="r\n\n")
    ran = invoke("resume", answers="a\n")
    assert ran.code == 0
    assert CHOICES in ran.err
    assert trail_in(TRAIL).status == "complete"
    assert GUIDE.exists()


def test_without_a_terminal_there_is_no_editing_but_another_question() -> None:
    ran = invoke(*RESEARCH, answers="e\nq\n")
    assert ran.code == 3
    assert "There is no terminal to edit in." in ran.err
    assert ran.err.count(CHOICES) == 2


@pytest.mark.parametrize("answers", ["q\n", ""])
def test_a_plan_can_wait_for_another_process(answers: str) -> None:
    waiting = invoke(*RESEARCH, "--json", answers=answers)
    assert (waiting.code, waiting.out) == (3, "")
    assert statuses() == {waiting.thread: "waiting"}
    assert not TRAIL.exists()
    again = invoke("resume", waiting.thread[:6])
    assert (again.code, again.thread) == (3, waiting.thread)
    assert CHOICES in again.err
    ran = cliptrail("resume", waiting.thread, answers="a\n")
    assert ran.code == 0
    assert roles(trail_in(TRAIL)) == ["planner", "extract", "compose"]
    assert statuses() == {waiting.thread: "complete"}


def edits(here: Path, *rows: list[tuple[str, str]]) -> str:
    """Make an editor that does these edits, one a call; give the command that starts it."""
    (here / "edits.json").write_text(json.dumps(rows))
    (here / "editor.py").write_text(EDITOR)
    return f"{sys.executable} {here / 'editor.py'}"


def test_at_a_terminal_a_plan_is_edited_until_it_is_valid_and_grows_as_a_tree(here: Path) -> None:
    wrong = [("agent: compose", "agent: nobody")]
    right = [("agent: nobody", "agent: compose"), ("[:3]", "[:1]")]
    with at_terminal(*RESEARCH, EDITOR=edits(here, wrong, right)) as process:
        before = process.until(CHOICES)
        process.type("e")
        code = process.end()
    assert code == 0
    assert "· transcript_1[2]" in before
    assert "· extract  extract  after transcript_1[0..2], transcript_2[0..2]" in before
    after = process.shown.rsplit("Answer: ", 1)[1]  # as it was drawn last
    for mark in ("✓ search_1", "✓ transcript_2[0]", "✓ extract", "✓ compose  compose"):
        assert mark in after
    assert "transcript_1[2]" not in after
    assert "The guide is complete." in after
    assert "# FAULT compose.agent: " in (here / "shown.txt").read_text(encoding="utf-8")
    _, edited = trail_in(TRAIL).revisions
    assert edited.by == "person"
    assert {change.field for change in edited.changes} == {"for_each"}


def test_an_editor_that_fails_and_ctrl_c_lose_nothing() -> None:
    with at_terminal(*RESEARCH, EDITOR="false") as process:
        process.until(CHOICES)
        process.type("e")
        assert "Editing failed. Set EDITOR to an editor that works." in process.until(CHOICES)
        assert process.interrupt() == 130
    (thread,) = statuses()
    assert f"Stopped. Go on with: cliptrail resume {thread}" in process.shown
    assert invoke("resume", thread, answers="a\n").code == 0
    assert roles(trail_in(TRAIL)) == ["planner", "extract", "compose"]
