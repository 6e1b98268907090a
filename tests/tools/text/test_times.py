"""Times as people write them."""

import pytest

from cliptrail.tools.text.times import clock


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00"),
        (9.99, "0:09"),
        (754, "12:34"),
        (3600, "1:00:00"),
        (3661, "1:01:01"),
        (36_061.5, "10:01:01"),
    ],
)
def test_times_are_shown_as_people_read_them(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
