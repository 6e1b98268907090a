"""Runs a graph in this process: streams its events, asks the person, keeps the thread's record."""

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, StateSnapshot
from pydantic import ValidationError

from cliptrail.graphs.registry import pattern_named
from cliptrail.nodes.common.retry import retry
from cliptrail.state.context import Context
from cliptrail.state.errors import LibraryError, UsageError
from cliptrail.state.events import EVENT, Event
from cliptrail.state.plan import StoredPlan
from cliptrail.state.research import ResearchState, merge_ledger, merge_results
from cliptrail.tools.checkpoints import open_saver
from cliptrail.tools.models.connections import work_loop
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Thread, Threads

T = TypeVar("T")
Graph = CompiledStateGraph[Any, Context, Any, Any]


class _Threads(ThreadPoolExecutor):
    """Threads for what blocks, of which nobody awaits the end when the loop has ended.

    After Ctrl-C one of them may still wait for a network, and others for their turn after it.
    """

    def submit(self, act: Callable[..., T], /, *args: Any, **named: Any) -> "Future[T]":
        """Run a function in a thread of its own."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(act(*args, **named))
            except BaseException as error:  # noqa: BLE001 - whoever awaits the future gets it
                future.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return future


class View(Protocol):
    """What shows a run to a person."""

    def tell(self, event: Event) -> None:
        """Take in an event."""
        ...

    def recall(self, events: Iterable[Event]) -> None:
        """Take in what another process told already."""
        ...

    def live(self) -> AbstractContextManager[Any]:
        """Show what happens while the context is open."""
        ...


Ask = Callable[[dict[str, Any]], Any | None]
"""Puts an interrupt's payload to a person; None if there is no answer now."""


@dataclass(frozen=True)
class Ended:
    """A run that came to its tail, or waits."""

    thread: Thread
    state: ResearchState
    waiting: bool = False


def new_thread(
    request: str, pattern: str, context: Context, output: str, stored: StoredPlan | None
) -> Thread:
    """Return the record of a new thread."""
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


def execute(thread: Thread, start: Any, view: View, ask: Ask) -> Ended:
    """Run a thread until its tail, or until it waits for an answer that is not coming now.

    Args:
        thread: its record; written now and whenever it changes.
        start: the graph's input, a Command, or None to go on from the last checkpoint.
        view: shows what happens.
        ask: answers interrupts.

    Raises:
        UsageError: another process runs this thread.
    """
    threads = Threads(settings().runs_file)
    # One loop for all stretches: model clients keep connections that belong to it.
    with threads.lock(thread.thread_id), work_loop() as runner:
        thread = threads.put(thread)
        while True:
            with view.live(), _naming_the_way_back(thread):
                state, questions = runner.run(_stretch(thread, start, view))
            if not questions:
                break
            thread = threads.put(thread.model_copy(update={"status": "waiting"}))
            answers = {name: ask(payload) for name, payload in questions.items()}
            if None in answers.values():
                return Ended(thread, state, waiting=True)
            thread = threads.put(thread.model_copy(update={"status": "running"}))
            start = Command(resume=answers)
        ended = {"status": state["status"], "run": state["run"], "trace": state.get("trace", "")}
        thread = threads.put(thread.model_copy(update=ended))
        return Ended(thread, state)


@contextmanager
def _naming_the_way_back(thread: Thread) -> Iterator[None]:
    """Tell of a run whose checkpoints could not be written how it goes on: the earlier ones can."""
    try:
        yield
    except LibraryError as error:
        way = f"{error.next_step} Then: cliptrail resume {thread.thread_id}"
        raise LibraryError(error.message, way) from error


async def _stretch(
    thread: Thread, start: Any, view: View
) -> tuple[ResearchState, dict[str, dict[str, Any]]]:
    """Run until the tail or the next questions."""
    config = config_of(thread)
    asyncio.get_running_loop().set_default_executor(_Threads())
    async with open_saver(settings().runs_file) as saver:
        graph: Graph = pattern_named(thread.pattern).build().compile(checkpointer=saver)
        stream = graph.astream(
            start, config, context=thread.context, stream_mode="custom", durability="sync"
        )
        async for payload in stream:
            with suppress(ValidationError):  # a user's own agent may stream what is no event
                view.tell(EVENT.validate_python(payload))
        snapshot = await graph.aget_state(config)
    questions = {row.id: row.value for task in snapshot.tasks for row in task.interrupts}
    return snapshot.values, questions  # type: ignore[return-value]


def config_of(thread: Thread) -> RunnableConfig:
    """A run's LangGraph configuration: thread, and what its trace is called from the start."""
    return {
        "configurable": {"thread_id": thread.thread_id},
        "run_name": f"cliptrail {thread.pattern}",
        "tags": [f"pattern:{thread.pattern}"],
        "metadata": {"pattern": thread.pattern, "thread": thread.thread_id},
        "recursion_limit": 10_000,
    }


def beginning(thread: Thread) -> dict[str, Any]:
    """Return the input that starts a thread."""
    return {"request": thread.request, "output": thread.output, "stored": thread.stored}


def continuation(thread: Thread, state: ResearchState) -> Any:
    """Return the input that makes a thread go on.

    A run that was interrupted goes on from its checkpoint. One that ended without being complete
    tries again what failed, keeps what is done, and writes to the thread's output.

    Args:
        thread: its record.
        state: the values that `saved` gives.

    Raises:
        UsageError: it never started, or is complete.
    """
    if not state:
        return beginning(thread)
    if not thread.ended:
        return None
    if thread.status == "complete":
        raise UsageError(f"The thread {thread.thread_id} is complete.", "Ask a new question.")
    return retry(state, thread.output, pattern_named(thread.pattern).decides)


def saved(thread: Thread) -> StateSnapshot:
    """Return what is saved of a thread; its values are empty if it never began.

    Raises:
        LibraryError: it is damaged, or the file cannot be used.
    """
    return asyncio.run(_saved(thread))


async def _saved(thread: Thread) -> StateSnapshot:
    async with open_saver(settings().runs_file) as saver:
        graph: Graph = pattern_named(thread.pattern).build().compile(checkpointer=saver)
        try:
            return await graph.aget_state(config_of(thread))
        except (LookupError, TypeError, ValueError) as error:  # bytes that are no checkpoint
            raise LibraryError(
                f"What is saved of the thread {thread.thread_id} is damaged.",
                f"Ask again, and remove it: cliptrail threads remove {thread.thread_id}",
            ) from error


def taken_up(snapshot: StateSnapshot, start: Any) -> ResearchState:
    """A thread's state as it goes on: what runs again is not there, what was left pending is.

    Args:
        snapshot: what is saved of it.
        start: what `continuation` gives.
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
