"""Connections to model servers: kept for as long as an event loop works, and closed with it.

A connection belongs to the loop that opened it. A client that all loops shared would leave those
of an ended loop open, and offer them to the next one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from openai import DefaultAsyncHttpxClient

T = TypeVar("T")
_CLIENTS: WeakKeyDictionary[asyncio.AbstractEventLoop, "DefaultAsyncHttpxClient"] = (
    WeakKeyDictionary()
)
_RUNS: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()
"""How many runs use the connections of a loop."""


def http_client() -> "DefaultAsyncHttpxClient | None":
    """Return the running loop's client; None where no loop runs, for then nobody asks either."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    if loop not in _CLIENTS:
        # Imported here: openai takes a second, and a run without its models needs none of it.
        from openai import DefaultAsyncHttpxClient

        _CLIENTS[loop] = DefaultAsyncHttpxClient()
    return _CLIENTS[loop]


async def close_connections() -> None:
    """Close what the running loop has open."""
    client = _CLIENTS.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.aclose()


@asynccontextmanager
async def shared_connections() -> AsyncIterator[None]:
    """Keep the connections of the running loop until the last of its runs has ended."""
    loop = asyncio.get_running_loop()
    _RUNS[loop] = _RUNS.get(loop, 0) + 1
    try:
        yield
    finally:
        _RUNS[loop] -= 1
        if not _RUNS[loop]:
            await close_connections()


@contextmanager
def work_loop() -> Iterator[asyncio.Runner]:
    """Return a loop for several pieces of work, and close its connections in the end."""
    with asyncio.Runner() as runner:
        try:
            yield runner
        finally:
            runner.run(close_connections())


async def closing(work: Awaitable[T]) -> T:
    """Do all that a loop is there for, and close its connections; for `asyncio.run`."""
    try:
        return await work
    finally:
        await close_connections()
