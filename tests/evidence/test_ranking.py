"""Which claims are kept: never more than asked, none lost, every group served, order by rule."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from cliptrail.evidence.ranking import best


class Row(NamedTuple):
    name: int
    sound: bool
    group: str
    relevance: float


ROWS = st.builds(
    Row, st.integers(), st.booleans(), st.sampled_from("abc"), st.sampled_from([0.0, 0.5, 1.0])
)
ANSWERS = st.lists(st.lists(ROWS, max_size=6), max_size=4)


def chosen(answers: list[list[Row]], limit: int) -> tuple[list[Row], list[Row]]:
    return best(
        answers,
        limit,
        sound=lambda row: row.sound,
        group=lambda row: row.group,
        relevance=lambda row: row.relevance,
    )


@given(ANSWERS, st.integers(1, 12))
def test_laws(answers: list[list[Row]], limit: int) -> None:
    kept, left = chosen(answers, limit)
    rows = [row for answer in answers for row in answer]
    assert sorted(kept + left) == sorted(rows)
    assert len(kept) == min(limit, len(rows))
    sound = [row for row in rows if row.sound]
    assert sum(row.sound for row in kept) == min(limit, len(sound))
    groups = {row.group for row in sound}
    if limit >= len(groups):
        assert groups <= {row.group for row in kept if row.sound}
        for row in left:
            better = [other for other in kept if other.group == row.group and other.sound]
            assert not row.sound or all(other.relevance >= row.relevance for other in better)
    assert chosen(answers, limit) == (kept, left)


def test_of_equally_relevant_claims_each_part_gives_its_first_before_any_gives_its_second() -> None:
    answers = [[Row(10 * part + n, True, "a", 0.5) for n in range(3)] for part in range(3)]
    kept, _ = chosen(answers, 5)
    assert [row.name for row in kept] == [0, 10, 20, 1, 11]
