"""Lets code without `await` read an async generator, whether or not an event loop is running.

Without a running loop, a loop of its own runs in the calling thread, so that Ctrl-C stops the work
at once. With one, as in a notebook, the work gets a loop in a thread of its own and the caller
waits for it: a second loop cannot run in the same thread.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from contextvars import copy_context
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Runs(Protocol):
    """Runs a coroutine to its end and returns what it returns."""

    def __call__(self, work: Coroutine[Any, Any, T], /) -> T:
        """Run it."""
        ...


def iterate(items: AsyncGenerator[T, None]) -> Generator[T, None, None]:
    """Yield what an async generator yields; between two items its loop stands still.

    Args:
        items: closed in the end, also if the caller stops early.
    """
    with reading(items) as run:
        while (item := run(_next(items))) is not None:
            yield item


async def _next(items: AsyncGenerator[T, None]) -> T | None:
    return await anext(items, None)


@contextmanager
def reading(items: AsyncGenerator[Any, None]) -> Iterator[Runs]:
    """Return what runs coroutines that read an async generator, which is closed in the end.

    Ctrl-C cancels the coroutine that runs, and is then raised as KeyboardInterrupt.

    Args:
        items: the generator; nothing else may read it.
    """
    with _loop() as run:
        try:
            yield run
        finally:
            # An interrupt that struck the loop itself leaves a stop behind, which ends one run,
            with suppress(RuntimeError):
                run(asyncio.sleep(0))
            # and a reader that is still pending, which the end of the loop cancels.
            if not getattr(items, "ag_running", False):
                run(items.aclose())


@contextmanager
def _loop() -> Iterator[Runs]:
    if _runs_a_loop():
        with _in_thread() as run:
            yield run
        return
    with asyncio.Runner() as runner:
        runner.get_loop().set_default_executor(_DaemonThreads())
        yield runner.run


@contextmanager
def _in_thread() -> Iterator[Runs]:
    runner = asyncio.Runner()  # entered nowhere: its loop is made in the thread that runs it
    with ThreadPoolExecutor(1, "cliptrail") as thread:
        try:
            yield _InThread(thread, runner)
        finally:
            thread.submit(runner.close).result()


def _runs_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class _InThread:
    """Runs coroutines in another thread, in the context of this one."""

    def __init__(self, thread: ThreadPoolExecutor, runner: asyncio.Runner) -> None:
        self.thread = thread
        self.runner = runner
        self.context = copy_context()
        self.loop = thread.submit(runner.get_loop).result()

    def __call__(self, work: Coroutine[Any, Any, T], /) -> T:
        done = self.thread.submit(self.runner.run, work, context=self.context)
        try:
            return done.result()
        except KeyboardInterrupt:  # a notebook's stop button
            self.loop.call_soon_threadsafe(self._cancel)
            wait([done])
            raise

    def _cancel(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()


class _DaemonThreads(ThreadPoolExecutor):
    """Threads for blocking calls that nobody waits for once the loop has ended.

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
