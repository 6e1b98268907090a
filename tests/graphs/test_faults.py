"""Every fault at every external call of every pattern: a typed end, and what was found is kept.

Here, unless another file of the tests is named:

- **The nth model question**: time-out, 429, 500, wrong key, hang-up, refused, malformed, cut off.
- **YouTube's search**: time-out, 429, 500, reset, not JSON, `{}`, nothing found.
- **YouTube's captions**, in the middle of a batch: time-out, 429, 500, reset, not JSON, `{}`,
  empty, none, deleted, blocked.
- **The library, read**: locked by a process, corrupt, older, newer, no library, missing, a folder;
  destroyed while a step runs (`test_contract`).
- **The library, written**: locked by a process, disk full.
- **Guide and trail**: not writable, folder that became a file, removed in the middle, disk full;
  names taken, links out, the trail before the guide (`nodes/finish/test_save`).
- **Checkpoint file**: locked in the middle, disk full (`cli/test_faulty_machine`); no database,
  lost pages, a folder in its place (`tools/test_checkpoint_saver`).
- **Budgets** in tokens and dollars: none at all, used up by the nth question; in calls
  (`test_contract`).
- **Two runs on one thread**: in one process; in two (`cli/test_kills`).
- **Cancelled** while a model, a search or captions are waited for, and gone on with; Ctrl-C
  (`cli/test_faulty_machine`, `cli/test_kills`); kill -9 (`cli/test_kills`).
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cliptrail.agents import registry
from cliptrail.nodes.common.retry import retry
from cliptrail.state.media import Transcript
from cliptrail.state.research import ResearchState
from cliptrail.state.trail import Trail
from cliptrail.tools.library import Library
from cliptrail.tools.library.bundled import bundled_transcripts
from cliptrail.tools.library.database import SCHEMA_VERSION
from cliptrail.tools.models.connections import closing
from cliptrail.tools.settings import settings
from tests.faults import Waiting, became_a_file, files_of_at_most, locked
from tests.graphs.contract import ended, files_in, replaced, trail_of
from tests.graphs.offline_server import Wire, wired
from tests.graphs.playing import BRISKET, PATTERNS, Play, each_call, stored, usual_calls
from tests.limits import SOON, brief
from tests.recorded_youtube import (
    PLAYER,
    SEARCH,
    TIMEDTEXT,
    WATCH,
    Answer,
    Asking,
    Replay,
    captioned,
    find_only,
    replay,
    speak,
    tls,
    youtube,
)
from tests.tools.models.model_server import (
    CUT,
    STALL,
    Asked,
    Reply,
    Say,
    answer,
    completion,
    error,
    refusal,
)
from tests.youtube_replies import REPLIES

__all__ = ["captioned", "replay", "tls", "youtube"]

pytestmark = pytest.mark.usefixtures("own_agents")
EVERY_PATTERN = tuple(PATTERNS)
PLANNING = [pattern for pattern, row in PATTERNS.items() if row.plans]


@pytest.fixture(scope="module")
def said() -> dict[str, Transcript]:
    return {row.video.video_id: row for row in bundled_transcripts()}


@pytest.fixture(autouse=True)
def nothing_unmeant(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test in which an exception came up that nobody had meant: it is logged as an error."""
    yield
    assert not [row.getMessage() for row in caplog.records if row.levelname == "ERROR"]


async def told(play: Play, *words: str, reason: str = "failure") -> tuple[dict[str, Any], Trail]:
    """Run to an end that is not complete, for a reason that state and trail tell; there is one."""
    output, trail = await ended(play, {"request": BRISKET})
    assert trail
    assert (output["status"], output["stop_reason"]) == (
        "partial" if output["guide"] else "failed",
        reason,
    )
    for part in words:
        assert part in output["message"]
        assert part in trail.stop_message
    assert "Traceback" not in trail.model_dump_json()
    return output, trail


# --- models --------------------------------------------------------------------------------------

MODEL_FAULTS: dict[str, tuple[Say, str]] = {
    "time-out": (STALL, "did not answer in time"),
    "429": (error(429, "slow down"), "answered 429"),
    "500": (error(500, "oh no"), "answered 500"),
    "wrong key": (error(401), "refuses the key"),
    "hang-up": (CUT, "cannot be reached"),
    "refused": (refusal("I will not."), "declined to answer"),
    "malformed": (answer("Certainly!"), "does not fit"),
    "cut off": (lambda _: completion({"content": '{"a":'}, finish="length"), "was cut off"),
}
QUESTIONS = each_call(PATTERNS)
"""Each pattern with each question that it asks a model."""


@pytest.fixture
def warm(pattern: str, monkeypatch: pytest.MonkeyPatch, said: dict[str, Transcript]) -> None:
    """Let the offline engine have answered all questions, so that only what stalls is slow."""
    if pattern not in WARM:
        with wired(monkeypatch, Wire()):
            asyncio.run(closing(Play(pattern).ask(BRISKET)))
        WARM.add(pattern)


WARM: set[str] = set()


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(("pattern", "question"), QUESTIONS)
@pytest.mark.parametrize("fault", MODEL_FAULTS)
async def test_a_model_that_fails(
    pattern: str, fault: str, question: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    say, words = MODEL_FAULTS[fault]
    wire = Wire(question, say)
    with wired(monkeypatch, wire, timeout_s=brief(1) if fault == "time-out" else SOON):
        output, trail = await ended(Play(pattern), {"request": BRISKET})
    assert wire.failed
    assert trail
    failed = [call for call in trail.ledger if call.error]
    if not failed:  # an agent is told of a call that is not valid, and may make it anew
        assert (pattern, fault) == ("react", "malformed")
        assert any("not valid" in row.what for row in trail.incidents)
        return
    assert words in failed[-1].error
    if output["status"] == "complete":  # there was a way around it, which the trail shows
        assert any(words in row.what for row in trail.incidents)
    else:
        assert output["stop_reason"] in ("failure", "inadequate")
        assert words in output["message"]
    answered = [call for call in trail.ledger if not call.error]
    assert len(answered) >= question
    assert output["guide"] is not None or not any(call.role == "extract" for call in answered)


# --- budgets -------------------------------------------------------------------------------------

BUDGETS: dict[str, tuple[dict[str, Any], str]] = {
    "tokens": ({"max_tokens": 1_000_000}, "tokens; 0 of 1000000 are left"),
    "dollars": ({"budget_usd": 1.0}, "$0.0000 of $1.0000 are left"),
}
NOTHING: dict[str, tuple[dict[str, Any], str]] = {
    "calls": ({"max_calls": 0}, "budget of 0 model calls"),
    "tokens": ({"max_tokens": 0}, "0 of 0 are left"),
    "dollars": ({"budget_usd": 0.0}, "$0.0000 of $0.0000 are left"),
}


@pytest.mark.parametrize("kind", NOTHING)
async def test_no_budget_at_all(pattern: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options, words = NOTHING[kind]
    wire = Wire()
    with wired(monkeypatch, wire):
        output, _ = await told(Play(pattern, **options), words, reason="budget")
    assert (wire.questions, output["usage"].calls) == ([], 0)


@pytest.mark.parametrize(("pattern", "question"), QUESTIONS)
@pytest.mark.parametrize("kind", BUDGETS)
async def test_a_budget_that_a_call_uses_up(
    pattern: str, kind: str, question: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    options, words = BUDGETS[kind]
    wire = Wire(question, bill=100_000_000)
    with wired(monkeypatch, wire):
        play = Play(pattern, **options)
        output, trail = await ended(play, {"request": BRISKET})
    assert wire.failed
    assert trail
    assert len(wire.questions) == question + 1
    assert output["usage"].calls == len(wire.questions)
    if output["status"] != "complete":  # the last call may use up what no other call needs
        assert output["stop_reason"] == "budget"
        assert words in output["message"]
    if any(call.role == "extract" and not call.error for call in trail.ledger):
        assert output["guide"].claims


# --- YouTube -------------------------------------------------------------------------------------

SEARCH_FAULTS: dict[str, tuple[Answer, str, str]] = {
    "time-out": (Answer(manner="stall"), "failure", "did not answer in time"),
    "429": (Answer("no", 429), "blocked", "YouTube blocks this network"),
    "500": (Answer("no", 500), "failure", "answered 500"),
    "reset": (Answer(manner="reset"), "failure", "could not be reached"),
    "not JSON": (Answer("<html>"), "failure", "was not understood"),
    "{}": (Answer("{}"), "failure", "was not understood"),
}
CAPTION_FAULTS: dict[str, tuple[str, Answer, str, str]] = {
    "time-out": (WATCH, Answer(manner="stall"), "failure", "did not answer in time"),
    "429": (TIMEDTEXT, Answer("no", 429), "blocked", "YouTube blocks this network"),
    "500": (PLAYER, Answer("no", 500), "failure", "answered 500"),
    "reset": (TIMEDTEXT, Answer(manner="reset"), "failure", "could not be reached"),
    "not JSON": (PLAYER, Answer("<html>"), "failure", "was not understood"),
    "{}": (PLAYER, Answer("{}"), "failure", "was not understood"),
    "empty": (TIMEDTEXT, Answer(""), "failure", "no readable captions"),
    "none": (PLAYER, Answer(REPLIES["player_no_captions"]), "failure", "has no captions"),
    "deleted": (PLAYER, Answer(REPLIES["player_unavailable"]), "failure", "deleted or private"),
    "blocked": (
        PLAYER,
        Answer(REPLIES["player_request_blocked"]),
        "blocked",
        "blocks this network",
    ),
}
GOOD = 2
"""Videos whose captions come before the fault."""


@pytest.fixture
def talking(
    youtube: Replay,
    said: dict[str, Transcript],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Replay:
    """A YouTube that finds the videos of the samples, under other ids."""
    if "time-out" in request.node.name:
        monkeypatch.setenv("CLIPTRAIL_YOUTUBE_TIMEOUT_S", str(brief(0.6)))
        settings.cache_clear()
    on_topic = [row for row in said.values() if "brisket" in row.video.title.lower()]
    find_only(youtube, GOOD + 2)
    speak(youtube, on_topic)
    return youtube


def tubed(pattern: str, **options: Any) -> Play:
    return Play(pattern, source="youtube", library="", **options)


@pytest.mark.parametrize("fault", SEARCH_FAULTS)
async def test_a_search_that_fails(pattern: str, fault: str, talking: Replay) -> None:
    talking.replies[SEARCH], reason, words = SEARCH_FAULTS[fault]
    _, trail = await told(tubed(pattern), words, reason=reason)
    assert WATCH not in talking.paths
    assert "failed" in {row.outcome for row in trail.audit} <= {"failed", "skipped"}


async def test_a_search_that_finds_nothing(pattern: str, talking: Replay) -> None:
    talking.on(SEARCH, REPLIES["search_nothing"])
    _, trail = await told(tubed(pattern), "No video says anything", reason="no_evidence")
    assert any("found nothing" in row.what for row in trail.incidents)


@pytest.mark.parametrize("fault", CAPTION_FAULTS)
async def test_captions_that_fail_in_the_middle_of_a_batch(
    pattern: str, fault: str, talking: Replay
) -> None:
    path, instead, reason, words = CAPTION_FAULTS[fault]
    failing_from(talking, path, GOOD, instead)
    output, trail = await told(tubed(pattern), words, reason=reason)
    assert output["guide"].claims
    assert len(trail.sources) <= GOOD
    fetched = [row for row in trail.audit if row.agent == "transcript"]
    assert [row.outcome for row in fetched].count("done") == GOOD
    if reason == "blocked":
        assert talking.paths.count(WATCH) == GOOD + 1
    with Library(settings().library_file) as library:
        assert library.count() == GOOD


def failing_from(server: Replay, path: str, number: int, instead: Answer) -> None:
    """Let a path answer otherwise from the nth request on."""
    good = server.replies[path]
    seen = [0]

    class _Later(dict[str, Answer]):
        def get(self, key: str, default: Any = None) -> Any:
            if key != path:
                return super().get(key, default)
            seen[0] += 1
            return good if seen[0] <= number else instead

    server.replies = _Later(server.replies)


# --- the library ---------------------------------------------------------------------------------


def corrupt(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def of_version(number: int) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        with sqlite3.connect(file) as db:
            db.execute(f"PRAGMA user_version = {number}")
        db.close()

    return change


def foreign(file: Path) -> None:
    file.write_text("charcoal " * 1000)


def in_place(file: Path) -> None:
    file.unlink()
    file.mkdir()


LIBRARY_FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "corrupt": (corrupt, "is damaged"),
    "older": (of_version(SCHEMA_VERSION - 1), "of an older version"),
    "newer": (of_version(SCHEMA_VERSION + 1), "by a newer cliptrail"),
    "no library": (foreign, "is no SQLite file"),
    "missing": (Path.unlink, "There is no library"),
    "a folder": (in_place, "is a folder"),
}


@pytest.fixture
def library(installation: Path, said: dict[str, Transcript]) -> Path:
    """A library file of one's own with the samples in it."""
    installation.mkdir(exist_ok=True)
    with Library(installation / "own.sqlite") as opened:
        opened.add_many(said.values())
        opened.seal()
    return installation / "own.sqlite"


@pytest.mark.parametrize("fault", LIBRARY_FAULTS)
async def test_a_library_that_cannot_be_read(pattern: str, fault: str, library: Path) -> None:
    spoil, words = LIBRARY_FAULTS[fault]
    spoil(library)
    output, trail = await told(Play(pattern, library=str(library)), words)
    assert (output["guide"], trail.ledger, trail.audit) == (None, (), ()) or fault == "corrupt"
    assert "own.sqlite" in output["message"]


async def test_a_library_that_another_process_holds(pattern: str, library: Path) -> None:
    with locked(library):
        output, _ = await told(Play(pattern, library=str(library)), "is locked by another program")
        assert "try again" in output["message"]
    output, _ = await ended(Play(pattern, library=str(library)), {"request": BRISKET})
    assert output["status"] == "complete"


@pytest.mark.parametrize("pattern", PLANNING)
async def test_a_library_that_is_held_while_captions_come(
    pattern: str, talking: Replay, own_agents: dict[str, registry.Agent]
) -> None:
    with ExitStack() as stack:
        replaced(
            own_agents,
            "transcript",
            lambda: stack.enter_context(locked(settings().library_file)),
            then_work=True,
        )
        given = {"request": BRISKET, "stored": stored()}
        output, trail = await ended(tubed(pattern), given)
    assert trail
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert "library.sqlite is locked by another program" in output["message"]
    assert [row.outcome for row in trail.audit] == ["done", "failed", "skipped", "skipped"]


async def test_a_disk_that_gets_full_while_captions_come(
    pattern: str, talking: Replay, own_agents: dict[str, registry.Agent]
) -> None:
    with ExitStack() as stack:
        replaced(
            own_agents,
            "search",
            lambda: stack.enter_context(files_of_at_most(200_000)),
            then_work=True,
        )
        replaced(own_agents, "extract", stack.close, then_work=True)
        output, trail = await told(tubed(pattern), "library.sqlite cannot")
    fetched = [row.outcome for row in trail.audit if row.agent == "transcript"]
    assert set(fetched) == {"done", "failed"}
    assert output["guide"].claims


# --- guide and trail -----------------------------------------------------------------------------


def not_writable(out: Path, stack: ExitStack) -> None:
    """A place in which not even the system's owner can make a file."""
    out.rmdir()
    out.symlink_to("/proc/self")
    stack.callback(out.unlink)


def full(out: Path, stack: ExitStack) -> None:
    stack.enter_context(files_of_at_most(100))


OUTPUT_FAULTS = {
    "not writable": not_writable,
    "became a file": became_a_file,
    "disk full": full,
}


@pytest.mark.parametrize("fault", OUTPUT_FAULTS)
async def test_an_output_folder_that_fails_at_last_and_is_mended(
    pattern: str, fault: str, tmp_path: Path, own_agents: dict[str, registry.Agent]
) -> None:
    (tmp_path / "out").mkdir()
    with ExitStack() as stack:
        spoil = partial(OUTPUT_FAULTS[fault], tmp_path / "out", stack)
        replaced(own_agents, "compose", spoil, then_work=True)
        play = Play(pattern)
        output, trail = await ended(play, {"request": BRISKET})
    assert (output["status"], output["stop_reason"], trail) == ("failed", "failure", None)
    assert "cannot be written" in output["message"]
    found = output["guide"]
    assert found.claims
    assert files_in(tmp_path / "out") == []
    output = await play.run(retry(ResearchState(**await play.state())))  # type: ignore[typeddict-item]
    assert (output["status"], output["guide"], output["usage"].calls) == (
        "complete",
        found,
        usual_calls(pattern),
    )
    assert trail_of(output)


async def test_an_output_folder_that_is_removed_in_the_middle_is_made_again(
    pattern: str, tmp_path: Path, own_agents: dict[str, registry.Agent]
) -> None:
    (tmp_path / "out").mkdir()
    replaced(own_agents, "compose", (tmp_path / "out").rmdir, then_work=True)
    output, trail = await ended(Play(pattern), {"request": BRISKET})
    assert (output["status"], len(files_in(tmp_path / "out"))) == ("complete", 2)
    assert trail


# --- one thread, two runs; cancelled -------------------------------------------------------------


async def test_two_runs_on_one_thread_keep_apart(pattern: str, tmp_path: Path) -> None:
    play = Play(pattern)
    outputs = await asyncio.gather(*(play.ask(BRISKET) for _ in range(2)))
    assert [row["status"] for row in outputs] == ["complete"] * 2
    files = [set(row["files"]) for row in outputs]
    assert not files[0] & files[1]
    assert len(files_in(tmp_path / "out")) == 4
    trails = [trail for row in outputs if (trail := trail_of(row))]
    assert trails[0].run_id != trails[1].run_id
    assert [row.guide for row in trails] == [row["guide"] for row in outputs]
    assert [row.usage for row in trails] == [row["usage"] for row in outputs]
    assert (await play.state())["run"] in {row.run_id for row in trails}


async def cancelled_at(play: Play, waiting: Waiting) -> None:
    """Cancel a run when it waits, and let go of what it waits for."""
    running = asyncio.create_task(play.ask(BRISKET))
    assert await asyncio.to_thread(waiting.reached.wait, SOON)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    waiting.open.set()


@pytest.mark.parametrize(("pattern", "question"), QUESTIONS)
async def test_cancelled_while_a_model_thinks_it_goes_on_later(
    pattern: str, question: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Waiting()

    def say(asked: Asked) -> Reply:
        waiting.hold()
        return Reply(manner="cut")

    wire = Wire(question, say)
    play = Play(pattern)
    with wired(monkeypatch, wire):
        await cancelled_at(play, waiting)
        wire.fault = None
        output = await play.run(None)
    assert output["status"] == "complete"
    calls = [call.error for call in (await play.state())["ledger"]]
    usual = usual_calls(pattern)
    assert sorted(calls) == [*[""] * usual, "cancelled"]
    assert len(wire.questions) == usual


@pytest.mark.parametrize("path", [SEARCH, WATCH, TIMEDTEXT])
async def test_cancelled_while_youtube_is_waited_for_it_goes_on_later(
    pattern: str, path: str, talking: Replay
) -> None:
    waiting = Waiting()
    good = talking.replies[path]

    def slow(asking: Asking) -> str:
        waiting.hold()
        return good.body(asking) if callable(good.body) else good.body

    talking.on(path, slow)
    play = tubed(pattern)
    await cancelled_at(play, waiting)
    output = await play.run(None)
    assert output["status"] == "complete"
    with Library(settings().library_file) as library:
        assert library.count() == talking.paths.count(PLAYER)
