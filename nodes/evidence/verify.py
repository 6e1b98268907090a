"""The check of claims against transcripts, by program: places, words, numbers."""

from collections.abc import Mapping

from nodes.evidence.citations import SHORTEST_QUOTE, widened
from state.evidence import Citation, Claim
from state.media import Transcript
from tools.text.numbers import unsupported
from tools.text.tokens import contains_run, tokens

REPAIR_SEGMENTS = 2
"""How far a citation may be widened to take in a number that stands just beside it."""


def verify(claim: Claim, transcripts: Mapping[str, Transcript]) -> Claim:
    """Hold a claim against the transcripts.

    Each citation must name a known video, a time inside it, and words that stand there in one
    run; each number of the claim must occur in the cited words.

    Returns:
        The claim, verified; or not verified, with the reason.
    """
    reason = problem(claim, transcripts)
    return claim.model_copy(update={"verified": not reason, "reason": reason})


def problem(claim: Claim, transcripts: Mapping[str, Transcript]) -> str:
    """Say why a claim does not hold; empty if it does."""
    if not claim.citations:
        return "It cites nothing."
    for citation in claim.citations:
        if why := _citation_problem(citation, transcripts):
            return why
    said = "\n".join(citation.quote for citation in claim.citations)
    missing = unsupported(claim.text, said)
    if missing:
        numbers = ", ".join(claim.text[number.start : number.end] for number in missing)
        return f"The cited words do not say {numbers}."
    return ""


def _citation_problem(citation: Citation, transcripts: Mapping[str, Transcript]) -> str:
    transcript = transcripts.get(citation.video_id)
    if transcript is None:
        return f"The video {citation.video_id} was not read."
    inside = [
        segment
        for segment in transcript.segments
        if citation.start - 0.001 <= segment.start and segment.end <= citation.end + 0.001
    ]
    if not inside or citation.end < citation.start:
        return f"Nothing is said in {citation.video_id} from {citation.start:.0f} s on."
    wanted = tokens(citation.quote)
    said = tokens(" ".join(segment.text for segment in inside))
    if len(wanted) < SHORTEST_QUOTE:
        return "The quote is too short to say anything."
    if contains_run(said, wanted) is None:
        return "The quoted words do not stand there."
    return ""


def repaired(claim: Claim, transcripts: Mapping[str, Transcript]) -> tuple[Claim, str]:
    """Verify a claim; if its words fail, widen its citations a little and try again.

    Returns:
        The claim as it ends up, and what was repaired; empty if nothing was.
    """
    checked = verify(claim, transcripts)
    if checked.verified or not claim.citations:
        return checked, ""
    for by in range(1, REPAIR_SEGMENTS + 1):
        wider = tuple(
            widened(citation, transcripts[citation.video_id], by)
            if citation.video_id in transcripts
            else citation
            for citation in claim.citations
        )
        again = verify(claim.model_copy(update={"citations": wider}), transcripts)
        if again.verified:
            return again, f"{checked.reason} The citation was widened by {by} segments."
    return checked, ""
