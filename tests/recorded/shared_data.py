"""Where the data is that is too large, or not ours, to lie in the repository."""

import os
from pathlib import Path

SHARED = Path(os.environ.get("TESTS_SHARED_DATA") or Path(__file__).parents[2] / "../shared/data")
TRANSCRIPTS, GOLD, REPLIES = SHARED / "transcripts", SHARED / "gold", SHARED / "recorded"
