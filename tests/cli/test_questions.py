"""Steps that ask, at the command line: a number or the words, later, or never."""

from pathlib import Path

import pytest

from tests.cli.command import AUTO, Ran, invoke

PLAN = """\
cliptrail_plan: 1
request: How do I dial in espresso?
notes: {topic: dial in espresso}
steps:
  - id: taste
    agent: ask
    inputs: {question: "Light or dark?", choices: [light roast, dark roast]}
  - {id: find, agent: search, inputs: {query: "espresso ${taste.answer}", limit: 2}}
  - {id: fetch, agent: transcript, for_each: "$find.videos[:2]", inputs: {video: $item}}
  - {id: read, agent: extract, inputs: {transcripts: $fetch}}
  - {id: write, agent: compose, inputs: {claims: $read.claims}}
"""


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("plan.yaml").write_text(PLAN)
    return "plan.yaml"


def run(plan: str, answers: str) -> Ran:
    return invoke("run", plan, *AUTO, "--output", "out.md", answers=answers)


@pytest.mark.parametrize("answer", ["1", "light roast"])
def test_a_question_is_answered_by_number_or_words(plan: str, answer: str) -> None:
    ran = run(plan, f"{answer}\n")
    assert ran.code == 0
    assert "Light or dark?" in ran.err
    assert "2. dark roast" in ran.err


def test_a_wrong_answer_is_told_and_asked_again(plan: str) -> None:
    ran = run(plan, "green\n\n2\n")
    assert ran.code == 0
    assert "The answer must be one of: light roast, dark roast." in ran.err


def test_a_question_can_wait_for_another_day(plan: str) -> None:
    ran = run(plan, "q\n")
    assert ran.code == 3
    again = invoke("resume", ran.thread, answers="1\n")
    assert again.code == 0


def test_who_declines_gets_what_can_be_had_without(plan: str) -> None:
    ran = run(plan, "reject I do not know\n")
    assert ran.code == 4
    assert "I do not know" in ran.out
