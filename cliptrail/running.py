"""Runs a thread: streams its events, puts its questions, and keeps its record on this machine."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, StateSnapshot
from pydantic import ValidationError

from cliptrail.agents.person import ACTION as QUESTION
from cliptrail.agents.registry import agents
from cliptrail.checks import check_resumable
from cliptrail.events import Approval, Question, Started, Waiting
from cliptrail.graphs.registry import pattern_named
from cliptrail.nodes.common.retry import retry
from cliptrail.nodes.common.running import run_of
from cliptrail.nodes.finish.save import trail_of
from cliptrail.result import Result
from cliptrail.state.context import Context
from cliptrail.state.errors import LibraryError
from cliptrail.state.events import EVENT, Event, ModelCalled, PlanMade, StepEnded
from cliptrail.state.plan import Change, Estimate, Plan, Revision, StoredPlan
from cliptrail.state.research import (
    ResearchInput,
    ResearchOutput,
    ResearchState,
    merge_ledger,
    merge_results,
)
from cliptrail.state.trail import Trail
from cliptrail.tools.checkpoints import open_saver
from cliptrail.tools.models.connections import shared_connections
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Thread, Threads
from cliptrail.tools.workspace import own_machine

Graph = CompiledStateGraph[ResearchState, Context, ResearchInput, ResearchOutput]
Item = Started | Event | Approval | Question | Waiting | Result
"""What a run yields; it ends with a Result, or with Waiting."""


def compiled(pattern: str, checkpointer: BaseCheckpointSaver[Any] | None = None) -> Graph:
    """Return the compiled graph of a pattern.

    Args:
        pattern: its name.
        checkpointer: where it keeps its state; None to keep none.

    Raises:
        UsageError: there is no such pattern.
    """
    return pattern_named(pattern).build().compile(checkpointer=checkpointer, name=pattern)


def new_thread(
    request: str, pattern: str, context: Context, output: str, stored: StoredPlan | None
) -> Thread:
    """Return the record of a new thread; it is not written yet."""
    now = time.time()
    return Thread(
        thread_id=uuid.uuid4().hex[:12],
        request=request,
        pattern=pattern,
        status="running",
        context=context,
        output=output,
        stored=stored,
        created=now,
        updated=now,
    )


async def run(thread: Thread, *, resume: bool = False) -> AsyncGenerator[Item, None]:
    """Run a thread until it ends, or until a question is not answered.

    Args:
        thread: its record; written now and whenever it changes.
        resume: go on from the last checkpoint, or try again what failed; else start the request.

    Yields:
        Started, then the events; each question, which must be answered before the next item is
        asked for; in the end the Result, or Waiting if a question was not answered.

    Raises:
        UsageError: another process runs this thread, or it has nothing to resume.
        LibraryError: the file with the saved runs cannot be used.
    """
    threads = Threads(settings().runs_file)
    with threads.lock(thread.thread_id):
        async with shared_connections(), aclosing(_Run(threads, thread).items(resume)) as items:
            async for item in items:
                yield item


class _Run:
    def __init__(self, threads: Threads, thread: Thread) -> None:
        self.threads = threads
        self.thread = thread
        self.state: ResearchState = {}
        self.questions: list[Approval | Question] = []

    async def items(self, resume: bool) -> AsyncGenerator[Item, None]:
        start, earlier = await self._resumed() if resume else (beginning(self.thread), ())
        await self._put(status="running")
        yield Started(
            thread=self.thread.thread_id, pattern=self.thread.pattern, earlier=tuple(earlier)
        )
        while True:
            async with aclosing(self._until_questions(start)) as events:
                async for event in events:
                    yield event
            if not self.questions:
                break
            await self._put(status="waiting")
            for question in self.questions:
                yield question
            if open_ := [row.text for row in self.questions if row.decision is None]:
                yield Waiting(thread=self.thread.thread_id, questions=tuple(open_))
                return
            await self._put(status="running")
            start = Command(resume={row.id: row.decision for row in self.questions})
        state = self.state
        await self._put(status=state["status"], run=state["run"], trace=state.get("trace", ""))
        yield await self._result()

    async def _resumed(self) -> tuple[Any, Sequence[Event]]:
        snapshot = await _saved(self.thread)
        start = continuation(self.thread, snapshot.values)  # type: ignore[arg-type]
        return start, list(_events_before(taken_up(snapshot, start)))

    async def _put(self, **changed: Any) -> None:
        self.thread = await asyncio.to_thread(
            self.threads.put, self.thread.model_copy(update=changed)
        )

    async def _until_questions(self, start: Any) -> AsyncGenerator[Event, None]:
        """Run until the end or the next questions."""
        config = _config_of(self.thread)
        with _naming_the_way_back(self.thread):
            async with open_saver(settings().runs_file) as saver:
                graph = compiled(self.thread.pattern, saver)
                payloads = _payloads(graph, start, config, self.thread.context)
                async with aclosing(payloads):
                    async for payload in payloads:
                        with suppress(ValidationError):  # a user's agent may stream other things
                            yield EVENT.validate_python(payload)
                snapshot = await graph.aget_state(config)
        self.state = snapshot.values  # type: ignore[assignment]
        rows = [row for task in snapshot.tasks for row in task.interrupts]
        self.questions = [
            _asked(row.id, row.value, len(rows) - number) for number, row in enumerate(rows, 1)
        ]

    async def _result(self) -> Result:
        state, trail = self.state, await self._trail()
        return Result(
            thread=self.thread.thread_id,
            status=state["status"],
            message=state["message"],
            guide=state.get("guide"),
            trail=trail,
            files=tuple(map(Path, state.get("files", ()))),
        )

    async def _trail(self) -> Trail:
        """The trail as it was written; made anew if it could not be."""
        for path in self.state.get("files", ()):
            if path.endswith(".json"):
                text = await asyncio.to_thread(Path(path).read_bytes)
                return Trail.model_validate_json(text)
        with own_machine():
            return await trail_of(self.state, self.thread.context, self.thread.thread_id)


async def _payloads(
    graph: Graph, start: Any, config: RunnableConfig, context: Context
) -> AsyncGenerator[Any, None]:
    """Yield what a graph streams; only the graph, not who reads it, may name any path."""
    stream = cast(
        AsyncGenerator[Any, None],
        graph.astream(start, config, context=context, stream_mode="custom", durability="sync"),
    )
    async with aclosing(stream):
        while True:
            with own_machine():
                payload = await anext(stream, _END)
            if payload is _END:
                return
            yield payload


_END = object()


@contextmanager
def _naming_the_way_back(thread: Thread) -> Iterator[None]:
    """If checkpoints cannot be written, say how the run goes on from the earlier ones."""
    try:
        yield
    except LibraryError as error:
        way = f"{error.next_step} Then: cliptrail resume {thread.thread_id}"
        raise LibraryError(error.message, way) from error


def _config_of(thread: Thread) -> RunnableConfig:
    """A run's LangGraph configuration: its thread, and what its trace is called from the start."""
    return {
        "configurable": {"thread_id": thread.thread_id},
        "run_name": f"cliptrail {thread.pattern}",
        "tags": [f"pattern:{thread.pattern}"],
        "metadata": {"pattern": thread.pattern, "thread": thread.thread_id},
        "recursion_limit": 10_000,
    }


def _asked(name: str, request: dict[str, Any], following: int) -> Approval | Question:
    """Return what an interrupt asks: its payload is one of `cliptrail.state.approval`."""
    action = request["action_requests"][0]
    args, text = action["args"], action["description"]
    if action["name"] == QUESTION:
        return Question(
            id=name,
            text=text,
            following=following,
            step=args["step"],
            choices=tuple(args["choices"]),
        )
    revision = Revision(
        number=args["revision"],
        by="planner",
        plan=Plan.model_validate(args["plan"]),
        changes=tuple(Change.model_validate(row) for row in args["changes"]),
        reason=args["reason"],
    )
    return Approval(
        id=name,
        text=text,
        following=following,
        action=action["name"],
        revision=revision,
        estimate=Estimate.model_validate(args["estimate"]),
        finished=tuple(args["finished"]),
        note=text.rpartition("\n\n")[0],
    )


def beginning(thread: Thread) -> dict[str, Any]:
    """Return the input that starts a thread's request."""
    return {"request": thread.request, "output": thread.output, "stored": thread.stored}


def continuation(thread: Thread, state: ResearchState) -> Any:
    """Return the input that makes a thread go on.

    A run that was interrupted goes on from its checkpoint. One that ended without being complete
    tries again what failed, keeps what is done, and writes to the thread's output.

    Args:
        thread: its record.
        state: the values that `saved` returns.

    Raises:
        UsageError: it is complete.
    """
    if not state:
        return beginning(thread)
    if not thread.ended:
        return None
    check_resumable(thread)
    return retry(state, thread.output, pattern_named(thread.pattern).decides)


def saved(thread: Thread) -> StateSnapshot:
    """Return what is saved of a thread; its values are empty if it never began.

    Raises:
        LibraryError: it is damaged, or the file cannot be used.
    """
    return asyncio.run(_saved(thread))


async def _saved(thread: Thread) -> StateSnapshot:
    async with open_saver(settings().runs_file) as saver:
        graph = compiled(thread.pattern, saver)
        try:
            return await graph.aget_state(_config_of(thread))
        except (LookupError, TypeError, ValueError) as error:  # bytes that are not a checkpoint
            raise LibraryError(
                f"What is saved of the thread {thread.thread_id} is damaged.",
                f"Ask again, and remove it: cliptrail threads remove {thread.thread_id}",
            ) from error


def taken_up(snapshot: StateSnapshot, start: Any) -> ResearchState:
    """A thread's state as it goes on: without what runs again, with what was left pending.

    Args:
        snapshot: what is saved of it.
        start: what `continuation` returns.
    """
    state = _with_pending(snapshot)
    if isinstance(start, Command) and isinstance(start.update, dict):
        state["results"] = start.update["results"].value
    return state


def _with_pending(snapshot: StateSnapshot) -> ResearchState:
    """Return a thread's state with what the steps left of a dispatch that was interrupted."""
    state: ResearchState = {**snapshot.values}  # type: ignore[typeddict-item]
    for task in snapshot.tasks:
        written = task.result or {}
        results, ledger = written.get("results"), written.get("ledger")
        if isinstance(results, dict):  # else there is none, or an Overwrite
            state["results"] = merge_results(state.get("results", {}), results)
        if isinstance(ledger, tuple):
            state["ledger"] = merge_ledger(state.get("ledger", ()), ledger)
    return state


def _events_before(state: ResearchState) -> Iterator[Event]:
    """Return the events of a run that told what its state holds: plan, results, model calls."""
    run = run_of(state)
    revision = run.in_force
    # A user's agent may no longer exist; the run itself says so.
    if revision is not None and all(row.agent in agents() for row in revision.plan.steps):
        yield PlanMade(revision=revision, estimate=revision.estimate)
    for result in run.results.values():
        yield StepEnded(result=result)
    for call in run.ledger:
        yield ModelCalled(call=call)
