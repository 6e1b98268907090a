"""How commands end: 0, 2, 3, 4; each error names the next step and shows no traceback."""

from pathlib import Path

import pytest

from tests.cli.command import (
    AUTO,
    REQUEST,
    Ran,
    cliptrail,
    finished,
    invoke,
    record,
    statuses,
    trail_in,
)
from tools.settings import settings

TRAIL = Path("pork_loin_guide.trail.json")
UNKNOWN_CHANNEL = REQUEST.replace("Smoke Ledger", "Ember Nonsuch")
UNANSWERABLE = "How do I repair a violin bridge?"


def is_one_error(ran: Ran, code: int, *words: str) -> None:
    """Check that a command ended with an error of one line, which says these words."""
    assert ran.code == code
    assert ran.out == ""
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1
    for part in words:
        assert part in ran.err


def test_a_channel_that_does_not_exist_makes_the_guide_partial() -> None:
    ran = invoke("research", UNKNOWN_CHANNEL, *AUTO)
    assert ran.code == 3
    assert ran.out.startswith("The guide is partial.\n")
    assert "Ember Nonsuch is not cited: The search found no video of it." in ran.out
    guide = trail_in(TRAIL).guide
    assert guide is not None
    assert [(row.channel, row.cited) for row in guide.coverage] == [
        ("Cinder Porch", True),
        ("Ember Nonsuch", False),
    ]
    assert set(statuses().values()) == {"partial"}


def test_a_request_that_nobody_answers_gives_a_trail_and_no_guide(here: Path) -> None:
    ran = invoke("research", UNANSWERABLE, *AUTO, "--output", "out.md")
    assert ran.code == 4
    assert ran.out.startswith("There is no guide.\nNo video says anything on this. Ask in other")
    assert [row.name for row in here.glob("out*")] == ["out.trail.json"]
    trail = trail_in(here / "out.trail.json")
    assert (trail.status, trail.stop_reason, trail.guide) == ("failed", "no_evidence", None)


@pytest.mark.parametrize(("calls", "code"), [("0", 4), ("1", 4), ("2", 3)])
def test_a_used_up_budget_ends_in_the_tail_and_a_larger_one_goes_on(calls: str, code: int) -> None:
    ran = invoke("research", REQUEST, *AUTO, "--output", "out.md", "--max-calls", calls)
    assert ran.code == code
    assert "Raise --max-calls and resume" in ran.out
    before = trail_in(Path("out.trail.json"))
    assert (before.stop_reason, before.usage.calls) == ("budget", int(calls))
    assert invoke("resume", before.thread_id, "--max-calls", "10").code == 0
    after = trail_in(Path("out.trail.json"))
    assert (after.status, after.run_id) == ("complete", before.run_id)
    assert finished(before).items() <= finished(after).items()
    assert [row.role for row in after.ledger] == ["planner", "extract", "compose"]
    assert after.ledger[: len(before.ledger)] == before.ledger


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["research", " "], ("The request is empty.", "Ask a question")),
        (["research", "x", "--pattern", "tower"], ("no pattern 'tower'", "There are: planner")),
        (["research", "x", "--library", "no.sqlite"], ("no library no.sqlite", "library import")),
        (["research", "x", "--output", "no/x.md"], ("no does not exist. Make it first.",)),
        (["research", "x", "--output", "."], ("is not a Markdown file. Name it like guide.md.",)),
        (["research", "x", "--output", "x.txt"], ("not a Markdown file. Name it like guide.md.",)),
        (["plan", ""], ("The request is empty.", "Ask a question")),
        (["run", "no.yaml"], ("no.yaml cannot be read", "Check its name.")),
        (["run", "notes.txt"], ("notes.txt is not a plan", "cliptrail plan REQUEST")),
    ],
)
def test_wrong_usage_is_told_before_anything_is_written(
    installation: Path, here: Path, arguments: list[str], words: tuple[str, ...]
) -> None:
    (here / "notes.txt").write_text("buy charcoal")
    is_one_error(invoke(*arguments), 2, *words)
    assert not installation.exists()


@pytest.mark.parametrize("arguments", [["research", "x"], ["plan", "x"], ["resume", "abcd"]])
@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("nobody:x", ("nobody:x cannot be used", "Name it as provider:model")),
        ("openai:x", ("There is no key for openai:x", "Set OPENAI_API_KEY", "offline:rules")),
    ],
)
def test_a_model_that_cannot_be_used_is_told_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], model: str, words: tuple[str, ...]
) -> None:
    record("abcd", "waiting")
    monkeypatch.setenv("CLIPTRAIL_ALLOW_MODEL_REQUESTS", "true")
    settings.cache_clear()
    is_one_error(invoke(*arguments, "--model", model), 2, *words)
    assert statuses() == {"abcd": "waiting"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["research"],
        ["research", "x", "--approve", "perhaps"],
        ["research", "x", "--max-calls", "-1"],
        ["research", "x", "--budget-usd", "much"],
        ["resaerch", "x"],
    ],
)
def test_options_that_no_command_has_end_with_2_and_point_to_the_help(arguments: list[str]) -> None:
    ran = invoke(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "--help" in ran.err


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("CLIPTRAIL_MODEL_RETRIES", "many", ("is not right", "Mend it in the environment")),
        ("CLIPTRAIL_AGENTS", "no.py", ("There is no agent file", "Mend CLIPTRAIL_AGENTS.")),
        ("CLIPTRAIL_AGENTS", "bad.py", ("NameError", "Mend the file, or take it out of")),
    ],
)
def test_a_wrong_setting_is_told_by_every_command(
    here: Path, variable: str, value: str, words: tuple[str, ...]
) -> None:
    (here / "bad.py").write_text("charcoal")
    is_one_error(cliptrail("threads", variables={variable: value}), 2, *words)


@pytest.mark.parametrize(
    "arguments", [["research", "x", *AUTO], ["threads"], ["resume"]], ids=lambda row: str(row[0])
)
def test_a_data_folder_that_is_none_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    (here / "file").write_text("")
    monkeypatch.setenv("CLIPTRAIL_DATA_DIR", "file")
    settings.cache_clear()
    is_one_error(invoke(*arguments), 4, "cannot be used", "Check CLIPTRAIL_DATA_DIR")


def test_bytes_that_are_no_text_do_no_harm() -> None:
    ran = invoke("research", "How do I steam milk \udcff?", *AUTO)
    assert ran.code == 0
    assert "How do I steam milk ?" in invoke("threads").out


@pytest.mark.parametrize(
    "wrong", [("--library", "\udcff.sqlite"), ("--max-calls", "99999"), ("--model", "m" * 300)]
)
def test_an_option_that_does_not_fit_is_named(wrong: tuple[str, str]) -> None:
    ran = invoke("research", "How?", "--approve", "auto", *wrong)
    assert ran.code == 2
    assert f"Error: {wrong[0]} " in ran.err
