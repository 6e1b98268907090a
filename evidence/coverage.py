"""Whether the channels that the user named are cited, and if not, why not."""

from collections.abc import Iterable, Mapping

from cliptrail.state.evidence import Claim, Coverage
from cliptrail.state.results import Results
from cliptrail.tools.text.channels import same_channel


def coverage(
    named: Iterable[str],
    claims: Iterable[Claim],
    channel_of: Mapping[str, str],
    results: Results,
) -> tuple[Coverage, ...]:
    """Return one entry for each channel that the user named.

    Args:
        named: the channels.
        claims: what the guide says.
        channel_of: channel by video id, for the videos that are cited.
        results: how the steps ended: what was found and read, or why not.
    """
    cited = {channel_of.get(row.video_id, "") for claim in claims for row in claim.citations}
    return tuple(_entry(name, cited, results) for name in dict.fromkeys(named))


def _entry(name: str, cited: set[str], results: Results) -> Coverage:
    if any(same_channel(name, channel) for channel in cited):
        return Coverage(channel=name, cited=True)
    return Coverage(channel=name, cited=False, reason=_why_not(name, results))


def _why_not(name: str, results: Results) -> str:
    read = [row for row in results.transcripts() if same_channel(row.channel, name)]
    if read:
        return f"{len(read)} of its videos were read; none answers the request."
    failures = [row.failure.message for row in results.values() if row.failure]
    if any(same_channel(video.channel, name) for video in results.videos()):
        return " ".join(["Its videos were found but could not be read.", *failures[:1]])
    return " ".join(["The search found no video of it.", *failures[:1]])
