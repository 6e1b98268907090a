"""How long tests wait for what must happen: limits for real hangs, not for slow machines."""

import os

SOON = float(os.environ.get("TESTS_HANG_AFTER_S", "300"))
"""Seconds after which what a test waits for counts as hanging."""
