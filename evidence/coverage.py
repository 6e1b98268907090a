"""What the steps of a run found and read, taken from their results."""

from cliptrail.evidence.matrix import Searched
from cliptrail.state.results import Results


def searched(results: Results) -> Searched:
    """Return what steps found and read, and on what they say that there is nothing.

    Args:
        results: how the steps ended, those of a thread's earlier runs among them.
    """
    failures = [row.failure.message for row in results.values() if row.failure]
    silent = (
        fact
        for output in results.outputs().values()
        for fact in getattr(output, "unanswered", ())
        if isinstance(fact, str)
    )
    return Searched(
        channel_of={row.video_id: row.channel for row in results.transcripts()},
        found={row.video_id: row.channel for row in results.videos()},
        silent=tuple(dict.fromkeys(silent)),
        trouble=next(iter(failures), ""),
    )
