"""The check of claims against transcripts, by program: places, words, numbers, units."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cliptrail.evidence.citations import SHORTEST_QUOTE, with_further
from cliptrail.evidence.speech import Speech, speech
from cliptrail.state.evidence import Citation, Claim
from cliptrail.state.media import Transcript
from cliptrail.tools.text.designations import Names, names, parts_of_names
from cliptrail.tools.text.numbers import Number, alike, in_words, units_agree, unsupported
from cliptrail.tools.text.quantities import Rest, Span, cut_short, read
from cliptrail.tools.text.tokens import content_words, tokens

ROUNDS = 3
"""How often a claim is mended: what completes a statement may itself need a further citation."""


def verify(claim: Claim, transcripts: Mapping[str, Transcript], request: str = "") -> Claim:
    """Hold a claim against the transcripts.

    Each citation must name a known video, a time inside it, and words that stand there in one
    run. Each quantity of the claim must be said in the cited words, in a unit that agrees, and none
    may be a part of what is said there: "1 hour" of "1 hour and 10 minutes", "20 minutes" of "20 to
    25 minutes". A number that is part of a name ("RJ-45", "Python 3.12") is no quantity.

    Args:
        claim: with its citations.
        transcripts: by video id.
        request: what the user asked: names in it are names.

    Returns:
        The claim, verified; or not verified, with the reason.
    """
    reason = problem(claim, transcripts, request)
    return claim.model_copy(update={"verified": not reason, "reason": reason})


def problem(claim: Claim, transcripts: Mapping[str, Transcript], request: str = "") -> str:
    """Return why a claim does not hold; empty if it does."""
    if not claim.citations:
        return "It cites nothing."
    for citation in claim.citations:
        if why := _citation_problem(citation, transcripts):
            return why
    cited = _cited(claim, transcripts)
    if missing := _missing(claim, cited, request):
        return _not_said(claim.text, missing, cited)
    if cut := cut_short(claim.text, [row.span for row in cited]):
        return f"The source does not stop there, it says: {cut[0].said}."
    return ""


@dataclass(frozen=True)
class _Cited:
    """What a citation refers to."""

    speech: Speech
    span: Span


def _cited(claim: Claim, transcripts: Mapping[str, Transcript]) -> list[_Cited]:
    rows: list[_Cited] = []
    for citation in claim.citations:
        if (transcript := transcripts.get(citation.video_id)) is not None:
            said = speech(transcript)
            if (place := said.place_of(citation)) is not None:
                rows.append(_Cited(said, said.span(place)))
    return rows


def _missing(claim: Claim, cited: Sequence[_Cited], request: str) -> list[Number]:
    """Return the quantities of a claim that the cited words do not say."""
    missing = unsupported(claim.text, (number for row in cited for number in row.span.numbers))
    if not missing:
        return []
    own = read(claim.text).numbers
    parts = parts_of_names(claim.text, own, list(_names(cited, request)))
    offsets = {number.start for number in parts}
    return [number for number in missing if number.start not in offsets]


def _names(cited: Sequence[_Cited], request: str) -> Iterator[Names]:
    yield names(request)
    for said in {id(row.speech): row.speech for row in cited}.values():
        yield said.names
        yield names(f"{said.transcript.video.title}\n{said.transcript.video.channel}")


def _not_said(text: str, missing: Sequence[Number], cited: Sequence[_Cited]) -> str:
    for number in missing:
        said = (row for each in cited for row in each.span.numbers)
        other = next((row for row in said if row.forms & number.forms and row.unit), None)
        if other is not None and number.unit:
            there = next(each.span.of.text for each in cited if other in each.span.numbers)
            return f"The cited words say {in_words(other, there)}, not {in_words(number, text)}."
    shown = ", ".join(text[number.start : number.end] for number in missing)
    return f"The cited words do not say {shown}."


def _citation_problem(citation: Citation, transcripts: Mapping[str, Transcript]) -> str:
    transcript = transcripts.get(citation.video_id)
    if transcript is None:
        return f"The video {citation.video_id} was not read."
    said = speech(transcript)
    inside = said.inside(citation)
    if not inside or citation.end < citation.start:
        return f"Nothing is said in {citation.video_id} from {citation.start:.0f} s on."
    wanted = tokens(citation.quote)
    if len(wanted) < SHORTEST_QUOTE:
        return "The quote is too short to say anything."
    if f" {' '.join(wanted)} " not in f" {' '.join(tokens(said.words(inside)))} ":
        return "The quoted words do not stand there."
    return ""


def repaired(
    claim: Claim, transcripts: Mapping[str, Transcript], request: str = ""
) -> tuple[Claim, str]:
    """Verify a claim; if its words fail, mend them by program and try again.

    A quantity that was cut short gets its rest, in the words of the source. A quantity that is not
    in the cited words gets the nearest sentence of the same video that says it as a further
    citation, however far away.

    Returns:
        The claim as it ends up, and what was repaired; empty if nothing was.
    """
    checked = verify(claim, transcripts, request)
    if checked.verified or any(_citation_problem(row, transcripts) for row in claim.citations):
        return checked, ""
    mended, added = claim, 0
    for _ in range(ROUNDS):
        mended = _completed(mended, transcripts)
        wider = _with_further(mended, transcripts, request)
        added += wider != mended
        mended = verify(wider, transcripts, request)
        if mended.verified:
            completed = mended.text != claim.text
            return mended, " ".join([checked.reason, *_told(added, claim, mended, completed)])
    return checked, ""


def _told(added: int, before: Claim, after: Claim, completed: bool) -> Iterator[str]:
    if completed:
        yield "The statement was completed."
    new = [row for row in after.citations if row not in before.citations]
    if added and new:
        at = ", ".join(f"{row.start // 60:.0f}:{row.start % 60:02.0f}" for row in new)
        yield f"The nearest words of the same video that say it are cited too, at {at}."


def _with_further(claim: Claim, transcripts: Mapping[str, Transcript], request: str) -> Claim:
    """Return a claim that cites also where what its citations lack is said, if anywhere."""
    cited = _cited(claim, transcripts)
    citations = claim.citations
    for number in _missing(claim, cited, request):
        found = [near for row in cited if (near := _nearest(number, row, claim.text)) is not None]
        if found:
            _, said, at = min(found, key=lambda row: row[0])
            citations = with_further(citations, said, said.sentence_at(at))
    return claim.model_copy(update={"citations": citations})


def _nearest(
    number: Number, cited: _Cited, text: str
) -> tuple[tuple[int, int], Speech, int] | None:
    """Return the place of a cited video that says a quantity and fits a claim best.

    That is the one whose sentence shares most words with the claim, and of these the nearest: a
    number alone may well be said of something else. What names a thing ("RJ45") says no quantity.

    Returns:
        How well it fits (smaller is better), where it is said, and at what offset.
    """
    said = cited.speech
    places = [
        row.start
        for row in alike(number, said.by_form)
        if row.kind != "ident" and units_agree(row.unit, number.unit)
    ]
    if not places:
        return None
    wanted = set(content_words(text))

    def fit(place: int) -> tuple[int, int]:
        sentence = said.sentences[said.sentence_at(place)]
        shared = wanted.intersection(content_words(said.text[sentence.begin : sentence.stop]))
        return -len(shared), abs(place - cited.span.begin)

    at = min(places, key=fit)
    return fit(at), said, at


def _completed(claim: Claim, transcripts: Mapping[str, Transcript]) -> Claim:
    """Return a claim with what its text leaves out of its quantities."""
    text = claim.text
    rests: list[Rest] = cut_short(text, [row.span for row in _cited(claim, transcripts)])
    for rest in reversed(rests):
        text = f"{text[: rest.at]}{rest.words}{text[rest.at :]}"
    return claim.model_copy(update={"text": " ".join(text.split())})
