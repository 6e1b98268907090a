"""How commands end: 0, 2, 3, 4; each error names the next step and shows no traceback."""

import os
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest

from cliptrail.running import continuation, saved, taken_up
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Threads
from tests.cli.command import (
    AUTO,
    REQUEST,
    SAMPLES,
    cliptrail,
    finished,
    invoke,
    is_one_error,
    record,
    statuses,
    trail_in,
)

TRAIL = Path("pork_loin_guide.trail.json")
UNKNOWN_CHANNEL = REQUEST.replace("Smoke Ledger", "Ember Nonsuch")
UNANSWERABLE = "How do I repair a violin bridge?"


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
    assert ran.out.startswith("There is no guide.\nNo video in the bundled samples (")
    assert " videos) says anything on this. Ask in other words" in ran.out
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
        (["research", "x", "--output", "no/x.md"], ("no does not exist. Create it first.",)),
        (["research", "x", "--output", "."], ("is not a Markdown file. Call it guide.md, say.",)),
        (["research", "x", "--output", "x.txt"], ("not a Markdown file. Call it guide.md, say.",)),
        (["research", "\x1b\x07"], ("The request is empty.", "Ask a question")),
        (["research", "how " * 3000], ("has 12000 characters; 8000 are allowed.", "Shorten it")),
        (["research", "x", "--library", "y" * 300], ("File name too long", "Choose another one.")),
        (
            ["research", "x", "--library", "~nobody-of-this-name/x"],
            ("is not a usable file", "Choose another"),
        ),
        (
            ["research", "x", "--output", f"{'y' * 300}.md"],
            ("File name too long", "another output"),
        ),
        (["research", "x", "--output", f"{'y/' * 600}x.md"], ("too long", "Choose a shorter one")),
        (
            ["research", "x", "--output", f"{'y' * 100}.md"],
            ("does not work on every system", "Call it y"),
        ),
        (
            ["research", "x", "--output", "~nobody-of-this-name/x.md"],
            ("not a usable path", "another"),
        ),
        (["research", "x", "--output", "con.md"], ("does not work on every", "Call it guide.md")),
        (["research", "x", "--output", ".x.md"], ("does not work on every system", "Call it x.md")),
        (["research", "x", "--output", "notes.txt/x.md"], ("does not exist.", "Create it first.")),
        (
            ["research", "x", "--output", "loop.md"],
            ("already exists", "Allow overwriting (--overwrite)"),
        ),
        (
            ["research", "x", "--output", "loop.md", "--overwrite"],
            ("leads out", "plain name"),
        ),
        (
            ["research", "x", "--output", "kept.md"],
            ("kept.trail.json already exists", "--overwrite"),
        ),
        (
            ["research", "x", "--output", "kept.md", "--overwrite"],
            ("is not a file that can be", "Choose another"),
        ),
        (["research", "x", "--output", "pipe.md", "--overwrite"], ("not a Markdown file", "Call")),
        (["plan", ""], ("The request is empty.", "Ask a question")),
        (["plan", "x", "--output", "no/x.yaml"], ("no does not exist. Create it first.",)),
        (["plan", "x", "--output", "."], ("is a folder.", "Name a file in it.")),
        (["plan", "x", "--output", ""], ("is a folder.", "Name a file in it.")),
        (["plan", "x", "--output", "loop.md"], ("loop.md already exists.", "--overwrite")),
        (["plan", "x", "--output", "y" * 300], ("File name too long.", "Choose another output")),
        (
            ["plan", "x", "--output", "~nobody-of-this-name/x"],
            ("not a usable path", "another output"),
        ),
        (["search", ""], ("The query is empty.", "Enter words")),
        (["search", "x" * 501], ("501 characters; 500 are allowed.", "Use fewer words.")),
        (["library", "search", "\x1b"], ("The query is empty.", "Enter words")),
        (["trail", "pipe.md.yaml"], ("pipe.md.yaml is no file.", "Name a .trail.json file")),
        (["trail", "y" * 300], ("File name too long.", "Name a .trail.json file")),
        (["run", "pipe.md"], ("pipe.md is no file.", "Check its name.")),
        (["run", "y" * 300], ("File name too long.", "Check its name.")),
        (["run", "no.yaml"], ("no.yaml cannot be read", "Check its name.")),
        (["run", "notes.txt"], ("notes.txt is not a plan", "cliptrail plan REQUEST")),
    ],
)
def test_wrong_usage_is_told_before_anything_is_written(
    installation: Path, here: Path, arguments: list[str], words: tuple[str, ...]
) -> None:
    (here / "notes.txt").write_text("buy charcoal")
    (here / "loop.md").symlink_to("loop.md")
    (here / "kept.trail.json").mkdir()
    for name in ("pipe.md", "pipe.md.yaml"):
        os.mkfifo(here / name)
    before = sorted(here.iterdir())
    is_one_error(invoke(*arguments), 2, *words)
    assert sorted(here.iterdir()) == before
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
        ["research", "x", "--budget-usd", "nan"],
        ["research", "x", "--budget-usd", "inf"],
        ["research", "x", "--max-tokens", f"1{'0' * 30}"],
        ["research", "x", "--max-calls", "9" * 5000],
        ["library", "show", "x", "--at", "inf"],
        ["library", "import"],
        ["library", "\x1b[2J"],
        ["resaerch", "x"],
    ],
)
def test_options_that_no_command_has_end_with_2_and_point_to_the_help(arguments: list[str]) -> None:
    is_one_error(invoke(*arguments), 2, "See: cliptrail", " --help")


def test_a_choice_that_there_is_not_is_told_in_plain_words() -> None:
    ran = invoke("research", "x", "--approve", "perhaps")
    is_one_error(ran, 2, "Invalid value for '--approve': 'perhaps' is not one of 'ask', 'auto'.")


def test_a_wrong_setting_is_told_by_every_command() -> None:
    wrong = {"CLIPTRAIL_MODEL_RETRIES": "many"}
    ran = cliptrail("threads", variables=wrong)
    is_one_error(ran, 2, "is not right", "Mend it in the environment")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("x" * 300, ("There is no file", "Mend CLIPTRAIL_AGENTS.")),
        ("no.py", ("There is no file", "Mend CLIPTRAIL_AGENTS.")),
        ("bad.py", ("NameError", "Mend the file, or take it out of")),
    ],
)
def test_agents_that_cannot_be_had_are_told_before_a_run_is_recorded(
    here: Path, file: str, words: tuple[str, ...]
) -> None:
    (here / "bad.py").write_text("charcoal")
    ran = cliptrail("research", "x", *AUTO, variables={"CLIPTRAIL_AGENTS": file})
    is_one_error(ran, 2, *words)
    assert statuses() == {}


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


@pytest.mark.parametrize("folder", ["file", "file/x", "/proc/nobody", "y" * 300])
@pytest.mark.parametrize("how", ["--output", "CLIPTRAIL_OUTPUT_DIR"])
def test_a_folder_that_takes_no_files_is_told_before_anything_is_paid(
    here: Path, installation: Path, monkeypatch: pytest.MonkeyPatch, folder: str, how: str
) -> None:
    (here / "file").write_text("")
    monkeypatch.setenv("CLIPTRAIL_OUTPUT_DIR", folder if how != "--output" else ".")
    settings.cache_clear()
    option = ("--output", f"{folder}/x.md") if how == "--output" else ()
    is_one_error(invoke("research", REQUEST, *AUTO, *option), 2, folder[:70])
    assert not installation.exists()


def test_a_guide_that_could_not_be_written_is_written_elsewhere_by_resume(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "gone").mkdir()
    waiting = invoke("research", REQUEST, *SAMPLES, "--output", "gone/x.md", answers="q\n")
    assert invoke("resume", waiting.thread, "--output", "y.md").code == 2  # it has not ended
    (here / "gone").rmdir()
    (here / "gone").write_text("")
    ran = invoke("resume", waiting.thread, "--approve", "auto")
    assert ran.code == 4
    assert "cannot be written: its folder is a file. Mend that and resume" in ran.out
    is_one_error(invoke("resume", "--output", "no/y.md"), 2, "does not exist.")
    assert invoke("resume", "--output", "y.md").code == 0
    assert trail_in(here / "y.trail.json").status == "complete"
    assert (here / "y.md").read_text().startswith("# ")


def test_a_step_that_runs_again_is_told_of_once_when_its_library_is_back(here: Path) -> None:
    video = ("library", "export", "ct-hotfastz", *SAMPLES, "--output", "hot.json")
    assert invoke(*video).code == 0
    assert invoke("library", "import", "hot.json", "--library", "own.sqlite").code == 0
    request = "How do I cook a pork loin hot and fast?"
    given = ("--library", "own.sqlite", "--max-replans", "0")
    assert invoke("research", request, *given, answers="q\n").code == 3
    (here / "own.sqlite").rename(here / "away")
    (here / "own.sqlite").write_bytes(b"charcoal " * 1000)
    failed = invoke("resume", "--approve", "auto")
    assert failed.code == 4
    assert "\ntranscript[0..7]: skipped: Cannot run: search failed.\nextract: " in failed.err
    thread = Threads(settings().runs_file).find("")
    before = saved(thread)
    start = continuation(thread, before.values)  # type: ignore[arg-type]
    assert before.values["results"]
    assert taken_up(before, start)["results"] == {}
    (here / "away").replace(here / "own.sqlite")
    ran = invoke("resume")
    assert ran.code == 0
    lines = [line for line in ran.err.splitlines() if line.startswith("transcript")]
    told = [line.partition(" in ")[0] for line in lines]
    assert told == ["transcript[0]: done", "transcript: 1 of 8 elements were there"]


@pytest.mark.parametrize("damage", ["cut", "another value", "lost names"])
def test_a_saved_run_that_is_damaged_is_told_and_can_be_removed(damage: str) -> None:
    thread = invoke("research", REQUEST, *SAMPLES, answers="q\n").thread
    with closing(sqlite3.connect(settings().runs_file)) as db, db:
        for row, data in list(db.execute("SELECT rowid, checkpoint FROM checkpoints")):
            spoilt = {
                "cut": data[: len(data) // 2],
                "another value": b"\x00",
                "lost names": data.replace(b"versions_seen", bytes(13)),
            }
            new = (spoilt[damage], row)
            db.execute("UPDATE checkpoints SET checkpoint = ? WHERE rowid = ?", new)
    for words in (["resume"], ["chat", thread]):
        is_one_error(invoke(*words), 4, f"thread {thread} is damaged.", f"threads remove {thread}")
    assert invoke("threads", "remove", thread, "--yes").code == 0
    assert statuses() == {}


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
    assert ran.err.startswith("Error: ")
    assert wrong[0] in ran.err


def test_the_version_is_that_of_the_package() -> None:
    ran = invoke("--version")
    assert (ran.code, ran.out) == (0, f"cliptrail {version('cliptrail')}\n")
