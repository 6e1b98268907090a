"""The public functions: ask a question and get a typed result, or its events one by one.

The command line stands on these too: there is no second way to run a graph on this machine.
"""

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import aclosing
from pathlib import Path
from typing import Any, Unpack

from langgraph.checkpoint.base import BaseCheckpointSaver

from cliptrail.blocking import iterate, reading
from cliptrail.checks import check_run
from cliptrail.errors import Unanswered, UsageError
from cliptrail.events import Approval, Question, Waiting
from cliptrail.options import Options, anchored, context_of
from cliptrail.output import guide_target
from cliptrail.result import Result
from cliptrail.running import Graph, Item, compiled, new_thread, run
from cliptrail.state.context import Context
from cliptrail.state.plan import StoredPlan
from cliptrail.tools.settings import settings
from cliptrail.tools.text.cleaning import encodable
from cliptrail.tools.threads import Thread, Threads
from cliptrail.tools.workspace import own_machine

DEFAULT_PATTERN = "planner"
OnQuestion = Callable[[Approval | Question], object]
"""Told of each question; calls one of its methods to answer it. For async runs, may be async."""


def research(
    request: str = "",
    *,
    pattern: str = "",
    thread: str = "",
    output: str | Path | None = None,
    plan: StoredPlan | None = None,
    on_question: OnQuestion | None = None,
    **options: Unpack[Options],
) -> Result:
    """Ask a question and return the guide with its trail.

    Blocks until the run has ended, in a notebook too; in async code use `aresearch`.

    Args:
        request: the question, in your words. Empty to go on with `thread`: a run that was
            interrupted or waits goes on from its last checkpoint, and one that ended early tries
            again what failed.
        pattern: how the agents coordinate; empty for the thread's own, or "planner".
        thread: id of an earlier run, or how it begins: options that are not given stay as they
            were there, and the patterns that remember build on what was found.
        output: path of the guide, ending in .md; None for a name taken from the request, in the
            output folder.
        plan: a stored plan to carry out: then no plan is made.
        on_question: called with each `Approval` and `Question`; answer by its methods.
        options: the fields of `Context`. For a new thread `approval` is "auto" unless given.

    Returns:
        How the run ended. A run that failed is a result too: see its `status` and `message`.

    Raises:
        UsageError: the run cannot start: an option, a name or a path is wrong.
        Unanswered: the run waits for an answer; go on with its `thread`.
        LibraryError: the file with the saved runs cannot be used.
    """
    given: Any = {"pattern": pattern, "thread": thread, "output": output, "plan": plan, **options}
    items = astream(request, **given)
    with reading(items) as do:
        while not isinstance(item := do(_question_or_result(items)), Result):
            if on_question:
                _refuse_async(on_question(item))
        return item


async def aresearch(
    request: str = "",
    *,
    pattern: str = "",
    thread: str = "",
    output: str | Path | None = None,
    plan: StoredPlan | None = None,
    on_question: OnQuestion | None = None,
    **options: Unpack[Options],
) -> Result:
    """Ask a question and return the guide with its trail: `research` for async code.

    `on_question` may be an async function. Cancelling the task stops the run; it can be resumed.
    """
    given: Any = {"pattern": pattern, "thread": thread, "output": output, "plan": plan, **options}
    async with aclosing(astream(request, **given)) as items:
        while not isinstance(item := await _question_or_result(items), Result):
            answered = on_question(item) if on_question else None
            if inspect.isawaitable(answered):
                await answered
        return item


async def _question_or_result(
    items: AsyncGenerator[Item, None],
) -> Approval | Question | Result:
    async for item in items:
        if isinstance(item, Waiting):
            raise _unanswered(item)
        if isinstance(item, Approval | Question | Result):
            return item
    raise AssertionError("A run ends with a result, or waits.")


def stream(
    request: str = "",
    *,
    pattern: str = "",
    thread: str = "",
    output: str | Path | None = None,
    plan: StoredPlan | None = None,
    **options: Unpack[Options],
) -> Generator[Item, None, None]:
    """Ask a question and yield what happens, as it happens; arguments as in `research`.

    The call checks whether the run can start; it starts when the first item is asked for. To stop
    early, close the generator: the run can be resumed.

    Yields:
        Started, then events (`cliptrail.events`); each `Approval` and `Question`, to be answered by
        its methods before the next item is asked for; in the end a `Result`, or `Waiting` if a
        question was not answered.

    Raises:
        UsageError: the run cannot start: an option, a name or a path is wrong.
        LibraryError: the file with the saved runs cannot be used.
    """
    given: Any = {"pattern": pattern, "thread": thread, "output": output, "plan": plan, **options}
    return iterate(astream(request, **given))


def astream(
    request: str = "",
    *,
    pattern: str = "",
    thread: str = "",
    output: str | Path | None = None,
    plan: StoredPlan | None = None,
    **options: Unpack[Options],
) -> AsyncGenerator[Item, None]:
    """Ask a question and yield what happens, as it happens: `stream` for async code.

    To stop early, use `contextlib.aclosing` around it: an `async for` that is left does not close
    the generator at once.
    """
    with own_machine():
        record = _record(encodable(request), pattern, thread, output, plan, options)
    return run(record, resume=bool(thread and not request))


def graph(
    pattern: str = DEFAULT_PATTERN, *, checkpointer: BaseCheckpointSaver[Any] | None = None
) -> Graph:
    """Return the compiled LangGraph graph of a pattern, for code that runs graphs itself.

    Args:
        pattern: its name; `cliptrail patterns` lists them.
        checkpointer: where it keeps its state; it needs one to ask for approval.

    Raises:
        UsageError: there is no such pattern.
    """
    return compiled(pattern, checkpointer)


def _record(
    request: str,
    pattern: str,
    thread: str,
    output: str | Path | None,
    plan: StoredPlan | None,
    options: Options,
) -> Thread:
    """Return the record of the thread that is to run, checked."""
    found = Threads(settings().runs_file).find(thread) if thread else None
    base = found.context if found else Context(approval="auto")
    context = context_of(base, options)
    name = pattern or (found.pattern if found else DEFAULT_PATTERN)
    resumed = found is not None and not request
    check_run(found.request if found and resumed else request, name, context)
    context = anchored(context)
    if plan is not None and not request:
        raise UsageError("A stored plan needs its request.", "Give the request too.")
    if found and resumed:
        return _resumed(found.model_copy(update={"context": context, "pattern": name}), output)
    context, file = guide_target(context, Path(output) if output is not None else None)
    if found is None:
        return new_thread(request, name, context, file, plan)
    changed = {"request": request, "pattern": name, "context": context, "output": file}
    return found.model_copy(update={**changed, "stored": plan})


def _resumed(thread: Thread, output: str | Path | None) -> Thread:
    """Let a run that ended write elsewhere, if its first place did not work out."""
    if output is None:
        return thread
    if not thread.ended:
        raise UsageError(
            f"The thread {thread.thread_id} has not ended; it writes where it was told to.",
            "Resume it without an output.",
        )
    context, file = guide_target(thread.context, Path(output))
    return thread.model_copy(update={"context": context, "output": file})


def _unanswered(item: Waiting) -> Unanswered:
    return Unanswered(
        f"The run waits for an answer: {item.questions[0].splitlines()[0]}",
        f"Pass on_question, and thread={item.thread!r} to go on.",
        thread=item.thread,
    )


def _refuse_async(answered: object) -> None:
    if isinstance(answered, Awaitable):
        if inspect.iscoroutine(answered):
            answered.close()
        raise UsageError(
            "on_question is an async function, and research() does not await it.",
            "Use: await cliptrail.aresearch(…)",
        )
