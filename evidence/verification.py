"""The check of claims against transcripts, by program: places, words, numbers."""

from collections.abc import Iterator, Mapping

from cliptrail.evidence.citations import SHORTEST_QUOTE, widened
from cliptrail.state.evidence import Citation, Claim
from cliptrail.state.media import Transcript
from cliptrail.tools.text.numbers import unsupported
from cliptrail.tools.text.quantities import Rest, cut_short
from cliptrail.tools.text.tokens import contains_run, tokens

REPAIR_SEGMENTS = 2
"""How far a citation may be widened to take in a number that stands just beside it."""
AT_ONCE_S = 2.0
"""Silence after which what is said next does not continue a quantity."""


def verify(claim: Claim, transcripts: Mapping[str, Transcript]) -> Claim:
    """Hold a claim against the transcripts.

    Each citation must name a known video, a time inside it, and words that stand there in one
    run; each number of the claim must occur in the cited words, and none may be a part of what is
    said there: "1 hour" of "1 hour and 10 minutes", "20 minutes" of "20 to 25 minutes".

    Returns:
        The claim, verified; or not verified, with the reason.
    """
    reason = problem(claim, transcripts)
    return claim.model_copy(update={"verified": not reason, "reason": reason})


def problem(claim: Claim, transcripts: Mapping[str, Transcript]) -> str:
    """Return why a claim does not hold; empty if it does."""
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
    if cut := _cut_short(claim, transcripts):
        return f"The source does not stop there, it says: {cut[0].said}."
    return ""


def _cut_short(claim: Claim, transcripts: Mapping[str, Transcript]) -> list[Rest]:
    """Return what a claim leaves out of its quantities."""
    known = (row for row in claim.citations if row.video_id in transcripts)
    # A full stop between: one place's words never continue those of another.
    return cut_short(
        claim.text, "\n.\n".join(_spoken(row, transcripts[row.video_id]) for row in known)
    )


def _spoken(citation: Citation, transcript: Transcript) -> str:
    """Return the cited words with those that follow at once, which may finish a quantity."""
    inside = _inside(citation, transcript)
    if not inside:
        return ""
    end = inside[-1] + 1
    spoken = [transcript.segments[number] for number in inside]
    for segment in transcript.segments[end : end + REPAIR_SEGMENTS]:
        if segment.start - spoken[-1].end >= AT_ONCE_S:
            break
        spoken.append(segment)
    return " ".join(segment.text for segment in spoken)


def _inside(citation: Citation, transcript: Transcript) -> list[int]:
    return [
        number
        for number, segment in enumerate(transcript.segments)
        if citation.start - 0.001 <= segment.start and segment.end <= citation.end + 0.001
    ]


def _citation_problem(citation: Citation, transcripts: Mapping[str, Transcript]) -> str:
    transcript = transcripts.get(citation.video_id)
    if transcript is None:
        return f"The video {citation.video_id} was not read."
    inside = [transcript.segments[number] for number in _inside(citation, transcript)]
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
    """Verify a claim; if its words fail, mend them and try again.

    A quantity that was cut short gets its rest, in the words of the source; a number that is not
    in the cited words may stand just beside them, so the citations are widened a little.

    Returns:
        The claim as it ends up, and what was repaired; empty if nothing was.
    """
    checked = verify(claim, transcripts)
    if checked.verified or not claim.citations:
        return checked, ""
    for by in range(REPAIR_SEGMENTS + 1):
        wider = tuple(
            widened(citation, transcripts[citation.video_id], by)
            if by and citation.video_id in transcripts
            else citation
            for citation in claim.citations
        )
        there = claim.model_copy(update={"citations": wider})
        text = _completed(there, transcripts)
        again = verify(there.model_copy(update={"text": text}), transcripts)
        if again.verified:
            return again, " ".join([checked.reason, *_told(by, completed=text != claim.text)])
    return checked, ""


def _told(by: int, *, completed: bool) -> Iterator[str]:
    if completed:
        yield "The statement was completed."
    if by:
        yield f"The citation was widened by {by} segments."


def _completed(claim: Claim, transcripts: Mapping[str, Transcript]) -> str:
    """Return a claim's text with what it leaves out of its quantities."""
    text = claim.text
    for rest in reversed(_cut_short(claim, transcripts)):
        text = f"{text[: rest.at]}{rest.words}{text[rest.at :]}"
    return " ".join(text.split())
