"""What the threads and runs of one process share: made once, one at a time, and not for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from cliptrail.tools.sharing import Recent, Turns

MANY = 8


class TestTurns:
    def test_of_one_key_one_has_the_turn_and_of_others_nobody_waits(self) -> None:
        turns, both = Turns[str](), threading.Barrier(2)
        inside, most = [0], [0]

        def same(_: int) -> None:
            with turns.of("same"):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

        def other(key: str) -> None:
            with turns.of(key):
                both.wait(10)  # breaks if the two keys exclude each other

        with ThreadPoolExecutor(MANY) as pool:
            list(pool.map(same, range(500)))
            list(pool.map(other, "ab"))
        assert most == [1]
        assert len(turns) == 0

    def test_an_error_gives_the_turn_back(self) -> None:
        turns = Turns[str]()
        for _ in range(2):
            with suppress(LookupError), turns.of("x"):
                {}["nothing"]
        assert len(turns) == 0


class TestRecent:
    def test_of_many_threads_one_makes_the_value(self) -> None:
        rows, start, made = Recent[str, object](), threading.Barrier(MANY), []

        def make() -> object:
            made.append(object())
            return made[-1]

        def get(_: int) -> object:
            start.wait(10)
            return rows.get("run", make)

        with ThreadPoolExecutor(MANY) as pool:
            given_ = list(pool.map(get, range(MANY)))
        assert len(made) == 1
        assert all(row is made[0] for row in given_)

    @given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=40))
    def test_it_keeps_what_is_busy_and_what_was_used_last(
        self, uses: list[tuple[int, bool]]
    ) -> None:
        rows, busy = Recent[int, int](busy=lambda row: row in busy, most=3), set[int]()
        for key, goes_on in uses:
            rows.get(key, lambda key=key: key)  # type: ignore[misc]
            (busy.add if goes_on else busy.discard)(key)
            assert {key, *busy} <= set(rows)
            assert len(list(rows)) <= max(3, len(busy | {key}))

    def test_a_busy_one_outlives_any_number_of_others(self) -> None:
        rows = Recent[int, bool](busy=bool, most=10)
        rows.put(-1, True)
        for number in range(1_000):
            rows.put(number, False)
        assert -1 in rows
        assert len(list(rows)) == 10
        rows.drop(-1)
        rows.drop(-1)
        assert -1 not in rows
