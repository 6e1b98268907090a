"""The library: a typed result in three lines, in scripts, in async code and in notebooks."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

import cliptrail
from cliptrail.errors import Unanswered, UsageError
from cliptrail.state.context import Context
from cliptrail.state.trail import Trail
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Threads

REQUEST = "How do I steam milk for a flat white?"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the program, in which runs write by default."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLIPTRAIL_OUTPUT_DIR", ".")
    settings.cache_clear()
    return tmp_path


def test_a_question_gives_a_guide_with_its_trail(here: Path) -> None:
    result = cliptrail.research(REQUEST, library="samples", output="milk.md")
    assert result.status == "complete"
    assert result.guide is not None
    assert result.guide.claims
    assert result.files == (here / "milk.md", here / "milk.trail.json")
    assert result.markdown == (here / "milk.md").read_text(encoding="utf-8")
    assert result.trail == Trail.model_validate_json((here / "milk.trail.json").read_bytes())
    assert result.trail.guide == result.guide
    assert result.message.startswith("The guide is complete.")
    assert Threads(settings().runs_file).find(result.thread).status == "complete"


def test_a_run_that_finds_nothing_is_a_result_too() -> None:
    result = cliptrail.research("How do I paint a boat?", library="samples")
    assert (result.status, result.guide, result.markdown) == ("failed", None, "")
    assert "says anything on this" in result.message
    assert result._repr_markdown_() == result.message
    assert [path.suffix for path in result.files] == [".json"]


def test_a_result_cannot_be_changed() -> None:
    result = cliptrail.research(REQUEST, library="samples")
    with pytest.raises(ValueError, match="frozen"):
        result.status = "failed"


async def test_async_code_awaits_it() -> None:
    result = await cliptrail.aresearch(REQUEST, library="samples")
    assert result.status == "complete"


async def test_two_runs_share_a_loop() -> None:
    ask = [cliptrail.aresearch(REQUEST, library="samples") for _ in range(2)]
    first, second = await asyncio.gather(*ask)
    assert (first.status, second.status) == ("complete", "complete")
    assert set(first.files).isdisjoint(second.files)


async def test_it_works_while_an_event_loop_runs_as_in_a_notebook() -> None:
    result = cliptrail.research(REQUEST, library="samples")
    kinds = [type(item).__name__ for item in cliptrail.stream(REQUEST, library="samples")]
    assert result.status == "complete"
    assert (kinds[0], kinds[-1]) == ("Started", "Result")


def test_a_program_may_name_any_path_and_a_server_in_its_process_may_not(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    result = cliptrail.research(REQUEST, library="samples", output=elsewhere / "milk.md")
    assert result.files[0].parent == elsewhere

    refused = asyncio.run(
        cliptrail.graph("planner").ainvoke(
            {"request": REQUEST},
            context=Context(library="samples", output_dir=str(elsewhere), approval="auto"),
        )
    )
    assert refused["status"] == "failed"
    assert "output folder" in refused["message"]


def test_a_follow_up_goes_on_from_what_was_found() -> None:
    options = {"library": "samples", "max_calls": 9}
    first = cliptrail.research(REQUEST, pattern="supervisor", **options)  # type: ignore[arg-type]
    second = cliptrail.research("And how hot should it get?", thread=first.thread[:6])
    assert second.thread == first.thread
    assert second.trail.pattern == "supervisor"
    assert second.trail.options["max_calls"] == 9


def test_a_run_that_ended_early_tries_again(here: Path) -> None:
    first = cliptrail.research(REQUEST, library="samples", max_calls=1)
    assert (first.status, first.trail.stop_reason) == ("failed", "budget")
    again = cliptrail.research(thread=first.thread, max_calls=9, output="again.md")
    assert (again.status, again.thread) == ("complete", first.thread)
    assert again.files[0] == here / "again.md"
    with pytest.raises(UsageError, match="is complete"):
        cliptrail.research(thread=first.thread)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"request": ""}, "The request is empty"),
        ({"pattern": "tango"}, "no pattern 'tango'"),
        ({"max_call": 3}, "There is no option 'max_call'. The options are: source, library"),
        ({"max_calls": -1}, "The option max_calls=-1 is not valid"),
        ({"library": "nowhere.sqlite"}, "There is no library"),
        ({"library": "~nobody-of-this-name/x"}, "is not a usable file"),
        ({"output": "guide.txt"}, "not a Markdown file"),
        ({"source": "youtube"}, "the bundled samples cannot be changed"),
        ({"model": "openai:gpt-5.4"}, "switched off"),
        ({"thread": "nobody"}, "no thread 'nobody'"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    here: Path, given: dict[str, object], said: str
) -> None:
    options: dict[str, object] = {"request": REQUEST, "library": "samples", **given}
    with pytest.raises(UsageError, match=said):
        cliptrail.research(**options)  # type: ignore[arg-type]
    assert not [row for row in here.rglob("*") if row.suffix in (".md", ".json")]


def test_a_plan_is_approved_by_a_function() -> None:
    asked: list[object] = []

    def approve(question: object) -> None:
        asked.append(question)
        assert isinstance(question, cliptrail.Approval)
        assert question.plan.steps
        question.approve()

    result = cliptrail.research(REQUEST, library="samples", approval="ask", on_question=approve)
    assert result.status == "complete"
    assert len(asked) == 1


async def test_a_plan_is_approved_by_an_async_function() -> None:
    async def shorten(question: object) -> None:
        assert isinstance(question, cliptrail.Approval)
        await asyncio.sleep(0)
        question.edit(question.plan.model_copy(update={"goal": "Milk"}))

    result = await cliptrail.aresearch(
        REQUEST, library="samples", approval="ask", on_question=shorten
    )
    assert result.trail.plan is not None
    assert result.trail.plan.goal == "Milk"
    assert [row.by for row in result.trail.revisions] == ["planner", "person"]


def test_an_async_function_is_refused_where_nobody_awaits_it() -> None:
    async def approve(question: object) -> None:
        raise AssertionError

    with pytest.raises(UsageError, match="aresearch"):
        cliptrail.research(REQUEST, library="samples", approval="ask", on_question=approve)


def test_a_rejected_plan_ends_the_run() -> None:
    def refuse(question: object) -> None:
        assert isinstance(question, cliptrail.Approval)
        question.reject()

    result = cliptrail.research(REQUEST, library="samples", approval="ask", on_question=refuse)
    assert (result.status, result.trail.stop_reason) == ("failed", "rejected")


def test_a_question_that_nobody_answers_is_an_error_that_tells_how_to_go_on() -> None:
    with pytest.raises(Unanswered, match="Pass on_question") as caught:
        cliptrail.research(REQUEST, library="samples", approval="ask")
    waiting = Threads(settings().runs_file).find(caught.value.thread)
    assert waiting.status == "waiting"
    result = cliptrail.research(
        thread=caught.value.thread,
        on_question=lambda question: question.approve(),  # type: ignore[union-attr]
    )
    assert result.status == "complete"


NOTEBOOK = """
import asyncio, json
import cliptrail

async def cell():
    result = cliptrail.research({request!r}, library="samples")
    return result.status

print(json.dumps(asyncio.run(cell())))
"""


def test_a_program_ends_when_its_work_is_done() -> None:
    """No thread, and no connection, keeps a script or the kernel of a notebook alive."""
    code = NOTEBOOK.format(request=REQUEST)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, json.loads(done.stdout or "null")) == (0, "complete"), done.stderr
