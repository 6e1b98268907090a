"""What the runs and threads of one process share: one maker a thing, and never too many things."""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST = 1_000
"""Values that a table keeps, e.g. runs of which a process remembers what they have open."""


class Turns(Generic[K]):
    """Locks by key, each kept only while somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[K, tuple[threading.Lock, int]] = {}

    @contextmanager
    def of(self, key: K) -> Iterator[None]:
        """Hold the key's lock; wait while another thread holds it."""
        with self._guard:
            lock, users = self._locks.get(key, (threading.Lock(), 0))
            self._locks[key] = lock, users + 1
        try:
            with lock:
                yield
        finally:
            self._leave(key)

    def _leave(self, key: K) -> None:
        with self._guard:
            lock, users = self._locks.pop(key)
            if users > 1:
                self._locks[key] = lock, users - 1

    def __len__(self) -> int:
        return len(self._locks)


class Recent(Generic[K, V]):
    """A table that forgets what was not used for longest, for runs that never come to their end.

    What is busy stays, however long ago it was used. All methods may be called from any thread.

    Args:
        busy: tells whether a value is in use just now.
        most: values beyond which the longest unused goes.
    """

    def __init__(self, busy: Callable[[V], bool] = lambda _: False, most: int = MOST) -> None:
        self._busy, self._most = busy, most
        self._lock = threading.Lock()
        self._rows: dict[K, V] = {}
        """The one used last comes last."""

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return a key's value; `make` makes it, once, where there is none."""
        with self._lock:
            value = self._rows.pop(key) if key in self._rows else make()
            self._keep(key, value)
            return value

    def put(self, key: K, value: V) -> V:
        """Set a key's value, and give it back."""
        with self._lock:
            self._rows.pop(key, None)
            self._keep(key, value)
            return value

    def _keep(self, key: K, value: V) -> None:
        self._rows[key] = value
        if len(self._rows) > self._most:
            unused = (row for row in self._rows if row != key and not self._busy(self._rows[row]))
            for row in list(unused)[: len(self._rows) - self._most]:
                del self._rows[row]

    def drop(self, key: K) -> None:
        """Forget a key, if it is known."""
        with self._lock:
            self._rows.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._rows.clear()

    def __iter__(self) -> Iterator[K]:
        with self._lock:
            return iter(list(self._rows))

    def __contains__(self, key: K) -> bool:
        return key in self._rows
