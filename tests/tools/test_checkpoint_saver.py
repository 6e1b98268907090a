"""Checkpoints on the disk: every type of the state comes back as it was, and no other type does."""

import asyncio
import logging
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Send
from pydantic import BaseModel, TypeAdapter

import cliptrail.state
from cliptrail.state.base import STORED, Frozen, stored
from cliptrail.state.context import Context
from cliptrail.state.errors import Failure, Incident, LibraryError
from cliptrail.state.evidence import Citation, Claim, Conflict, Coverage, Guide
from cliptrail.state.handoffs import (
    Complete,
    Exclusion,
    FanOut,
    Group,
    Handoff,
    HandoffResult,
    Intent,
    PartialResult,
    Task,
)
from cliptrail.state.path import Move
from cliptrail.state.plan import (
    Change,
    Expectation,
    Instance,
    InstanceId,
    Plan,
    Revision,
    Step,
    StoredPlan,
)
from cliptrail.state.request import Exchange, Notes, Stop, StopReason
from cliptrail.state.research import ResearchState
from cliptrail.state.steps import Skip, StepResult, StepTask, Superseded
from cliptrail.state.usage import ModelCall, usage
from cliptrail.tools.checkpoints import open_saver, serializer

CONFIG: RunnableConfig = {"configurable": {"thread_id": "abcd"}}
CITED = Citation(video_id="one", start=0.1, end=5, quote="heiß, “55 °C”\n")
CLAIM = Claim(id="extract.1", text="Heat it.", citations=(CITED,), verified=True)
STEP = Step(
    id="search",
    agent="search",
    inputs={"query": "oil", "limit": 3, "all": [None, 0.5]},
    expect=(Expectation(field="videos", at_least=2, distinct="channel"),),
)
PLAN = Plan(goal="oil", steps=(STEP, Step(id="x", agent="y", depends_on=("search",), tier="cheap")))
FAILURE = Failure(kind="blocked", message="No.", next_step="Wait.")
INTENT = Intent(words="Read.", capability="read_transcript", inputs={"video": "$item"}, last=True)
ENDS: tuple[Complete, Handoff, FanOut, PartialResult] = (
    Complete(result=("search_1",)),
    Handoff(intent=INTENT, state=("search_1",)),
    FanOut(intents=(INTENT, INTENT), join_intent=INTENT),
    PartialResult(error=FAILURE),
)


def task(result: HandoffResult | None) -> Task:
    """A task in every way that it can end."""
    out = (Exclusion(agent="a", reason="No."),)
    return Task(id="t", intent=INTENT, step=STEP, excluded=out, result=result, failure=FAILURE)


CALL = ModelCall(id="1", role="plan", kind="coordination", tier="cheap", model="m", usd=0.01)
RESULTS = (
    StepResult(id="search", agent="search", status="done", output={"videos": [{"a": 1}]}),
    StepResult(id="f[0]", agent="f", status="failed", failure=Failure(kind="source", message="No")),
    StepResult(id="f[1]", agent="f", status="skipped", skip=Skip(kind="absent", message="None")),
)
TASK = StepTask(
    instance=Instance(id=InstanceId("f", 0), agent="f", tier="cheap", accept_partial=False),
    known={row.id: row for row in RESULTS},
    sizes={"search": None, "f": 2},
    run="run",
    options=Context(max_calls=3, budget_usd=0.5),
    round=2,
    request="How?",
    notes=Notes(topic="oil", channels=("Quiet Forge",)),
)
STATE: ResearchState = {
    "request": "How?",
    "stored": StoredPlan(plan=PLAN),
    "options": Context(library="samples"),
    "started": 1.5,
    "notes": Notes(topic="oil", facts_wanted=("heat",)),
    "plan": PLAN,
    "revisions": (
        Revision(number=1, by="planner", plan=PLAN),
        Revision(
            number=2, by="person", plan=PLAN, changes=(Change(kind="changed", step="x", before=1),)
        ),
    ),
    "results": {row.id: row for row in RESULTS},
    "superseded": (Superseded(revision=1, result=RESULTS[1]),),
    "ledger": (CALL,),
    "incidents": (Incident(where="plan", what="repaired"),),
    "stop": Stop(reason="budget", message="Used up."),
    "path": (Move(by="search", turn="handoff", to=("transcript",), intent="Read.", reason="So."),),
    "wrap_up": Stop(reason="loop", message="The same again."),
    "conversation": (Exchange(request="Oil?", pattern="supervisor", status="complete"),),
    "tasks": tuple(map(task, (None, *ENDS))),
    "groups": (
        Group(id="group_1", branches=("a", "b"), join_intent=INTENT, outcome=ENDS[3]),
        Group(id="group_2", branches=("a", "b"), join_intent=INTENT, failure=FAILURE),
    ),
    "status": "partial",
    "guide": Guide(
        title="Oil",
        claims=(CLAIM,),
        conflicts=(Conflict(topic="heat", claims=("extract.1", "extract.2")),),
        coverage=(Coverage(channel="Quiet Forge", cited=True),),
        unverified=(CLAIM,),
    ),
    "usage": usage([CALL]),
    "files": ("oil.md",),
}


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [row.getMessage() for row in caplog.records if row.levelno >= logging.WARNING]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new" / "runs.sqlite"


def graph_over(
    saver: BaseCheckpointSaver[Any], given: list[StepTask]
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """A node that leaves the whole state behind and, after a break, one that is sent a task."""
    builder = StateGraph(ResearchState)
    builder.add_node("begin", lambda state: STATE)
    builder.add_node("step", RunnableLambda(given.append))
    builder.add_edge(START, "begin")
    builder.add_conditional_edges("begin", lambda state: [Send("step", TASK)], ["step"])
    return builder.compile(checkpointer=saver, interrupt_before=["step"])


async def test_the_whole_state_comes_back_in_another_process(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given: list[StepTask] = []
    await run_once(file)
    async with open_saver(file) as saver:
        graph = graph_over(saver, given)
        values = (await graph.aget_state(CONFIG)).values
        assert all(type(values[name]) in (type(value), list) for name, value in STATE.items())
        assert TypeAdapter(ResearchState).validate_python(values) == STATE
        assert given == []
        await graph.ainvoke(None, CONFIG)
    assert given == [TASK]
    assert warnings(caplog) == []


def test_every_channel_with_a_type_of_ours_was_tried() -> None:
    hints = get_type_hints(ResearchState, include_extras=False)
    untried = {str(hints[name]) for name in hints if name not in STATE}
    assert untried <= {"<class 'str'>", "<class 'int'>", str(StopReason)}


@pytest.mark.parametrize("reader", [serializer, JsonPlusSerializer], ids=["ours", "a server's"])
def test_a_type_that_was_moved_is_read_from_what_was_stored_before(
    reader: Callable[[], JsonPlusSerializer], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = serializer().dumps_typed({"claims": (CLAIM,)})
    assert b"cliptrail.state.evidence" not in written[1]

    class Moved(Frozen):
        """A claim, as another module may define it one day."""

        id: str
        text: str
        section: str = ""
        citations: tuple[Citation, ...] = ()
        verified: bool = False
        reason: str = ""
        joined: tuple[str, ...] = ()
        objects_to: str = ""
        objection: str = ""
        objection_reason: str = ""

    monkeypatch.delitem(STORED, "Claim")
    Moved.__name__ = "Claim"
    stored(Moved)
    try:
        (claim,) = reader().loads_typed(written)["claims"]
    finally:
        del STORED["Claim"]
    assert type(claim) is Moved
    assert claim.citations == (CITED,)


def test_no_two_types_are_stored_under_one_name() -> None:
    with pytest.raises(TypeError, match="Two types are stored as"):
        stored(type("Claim", (BaseModel,), {}))
    with pytest.raises(AttributeError, match="no stored type 'Unheard'"):
        cliptrail.state.Unheard  # noqa: B018


def test_every_type_of_a_channel_has_a_stable_name() -> None:
    types = [type(row) for row in (*STATE.values(), TASK, *RESULTS) if isinstance(row, BaseModel)]
    assert {row.__module__ for row in types} == {"cliptrail.state"}


class Foreign(BaseModel):
    word: str = "charcoal"


@dataclass
class Plain:
    word: str = "charcoal"


@pytest.mark.parametrize("value", [Foreign(), Plain()])
def test_a_type_that_is_not_ours_comes_back_as_no_object(
    value: object, caplog: pytest.LogCaptureFixture
) -> None:
    written = JsonPlusSerializer(allowed_msgpack_modules=True).dumps_typed([value, CLAIM])
    assert serializer().loads_typed(written) == [{"word": "charcoal"}, CLAIM]
    assert "Blocked" in warnings(caplog)[0]


def test_pickled_code_is_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (tmp_path / "sprung").touch, ()

    with pytest.raises(NotImplementedError):
        serializer().loads_typed(("pickle", pickle.dumps(Trap())))
    with pytest.raises(TypeError):
        serializer().dumps_typed(Trap())
    assert list(tmp_path.iterdir()) == []


async def run_once(file: Path) -> None:
    async with open_saver(file) as saver:
        await graph_over(saver, []).ainvoke({"request": "How?"}, CONFIG)


class TestBroken:
    @staticmethod
    def told(file: Path) -> None:
        before = set(threading.enumerate())
        with pytest.raises(LibraryError) as caught:
            asyncio.run(run_once(file))
        assert str(file) in caught.value.message
        assert caught.value.next_step == "Check CLIPTRAIL_DATA_DIR, or move the file away."
        for left in set(threading.enumerate()) - before:
            left.join(10)  # one that never ends would keep the process from ending
            assert not left.is_alive()

    def test_a_file_that_is_no_database(self, file: Path) -> None:
        file.parent.mkdir()
        file.write_text("charcoal " * 1000)
        self.told(file)
        assert file.read_text() == "charcoal " * 1000

    def test_a_folder_in_its_place(self, file: Path) -> None:
        file.mkdir(parents=True)
        self.told(file)

    def test_a_file_where_its_folder_should_be(self, file: Path) -> None:
        file.parent.write_text("")
        self.told(file)

    def test_a_database_that_lost_its_pages(self, file: Path) -> None:
        asyncio.run(run_once(file))
        content = file.read_bytes()
        file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
        self.told(file)
