"""How long tests wait: limits that only a hang reaches, however busy the machine is."""

import os

SOON = float(os.environ.get("TESTS_HANG_AFTER_S", "240"))
"""Seconds after which what a test waits for counts as hanging."""


def brief(usual_s: float) -> float:
    """Return a time limit that a test lets run out.

    Args:
        usual_s: seconds on an idle machine. On a busy one it is as many times longer as there are
            programs for each core, for what has to come in time comes later too.
    """
    return usual_s * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
