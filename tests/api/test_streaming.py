"""The stream: typed items in their order, questions that are answered in place, early stops."""

import asyncio
from contextlib import aclosing, closing
from pathlib import Path

import pytest

import cliptrail
from cliptrail.events import FileWritten, ModelCalled, PlanMade, RunEnded, StepEnded, StepStarted
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


def test_the_items_come_in_their_order() -> None:
    items = list(cliptrail.stream(REQUEST, library="samples"))
    kinds = [type(item) for item in items]
    assert (kinds[0], kinds[-1]) == (cliptrail.Started, cliptrail.Result)
    assert kinds.index(PlanMade) < kinds.index(StepStarted) < kinds.index(StepEnded)
    assert kinds.index(FileWritten) < kinds.index(RunEnded)
    started = {item.id for item in items if isinstance(item, StepStarted)}
    ended = {item.result.id for item in items if isinstance(item, StepEnded)}
    assert started
    assert started <= ended
    result = items[-1]
    assert isinstance(result, cliptrail.Result)
    calls = [item.call for item in items if isinstance(item, ModelCalled)]
    assert {call.id for call in calls} == {call.id for call in result.trail.ledger}


async def test_async_code_gets_the_same_items() -> None:
    kinds = [type(item) async for item in cliptrail.astream(REQUEST, library="samples")]
    assert (kinds[0], kinds[-1]) == (cliptrail.Started, cliptrail.Result)


def test_nothing_starts_before_the_first_item() -> None:
    items = cliptrail.stream(REQUEST, library="samples")
    assert not settings().runs_file.exists()
    items.close()


def test_a_question_is_answered_where_it_comes() -> None:
    seen: list[str] = []
    for item in cliptrail.stream(REQUEST, library="samples", approval="ask"):
        seen.append(type(item).__name__)
        if isinstance(item, cliptrail.Approval):
            item.approve()
    assert seen.index("PlanMade") < seen.index("Approval") < seen.index("StepStarted")
    assert seen[-1] == "Result"


def test_without_an_answer_the_run_waits_and_can_be_resumed() -> None:
    items = list(cliptrail.stream(REQUEST, library="samples", approval="ask"))
    waiting = items[-1]
    assert isinstance(waiting, cliptrail.Waiting)
    assert waiting.questions == tuple(
        item.text for item in items if isinstance(item, cliptrail.Approval)
    )
    resumed = cliptrail.stream(thread=waiting.thread)
    started = next(resumed)
    assert isinstance(started, cliptrail.Started)
    assert [type(item) for item in started.earlier] == [PlanMade, ModelCalled]
    for item in resumed:
        if isinstance(item, cliptrail.Approval):
            item.approve()
    assert isinstance(item, cliptrail.Result)
    assert item.status == "complete"


def test_a_stream_that_is_closed_stops_its_run_which_can_be_resumed() -> None:
    with closing(cliptrail.stream(REQUEST, library="samples")) as items:
        started = next(items)
        for item in items:
            if isinstance(item, StepEnded):
                break
    assert isinstance(started, cliptrail.Started)
    assert Threads(settings().runs_file).find(started.thread).status == "stopped"
    assert cliptrail.research(thread=started.thread).status == "complete"


async def test_a_cancelled_run_can_be_resumed() -> None:
    started: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        async with aclosing(cliptrail.astream(REQUEST, library="samples")) as items:
            async for item in items:
                if isinstance(item, cliptrail.Started):
                    started.set_result(item.thread)

    task = asyncio.create_task(work())
    thread = await started
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    result = await cliptrail.aresearch(thread=thread)
    assert result.status == "complete"


def test_a_thread_runs_once_at_a_time() -> None:
    with closing(cliptrail.stream(REQUEST, library="samples")) as items:
        started = next(items)
        assert isinstance(started, cliptrail.Started)
        with pytest.raises(cliptrail.errors.UsageError, match="is running"):
            cliptrail.research(thread=started.thread)
