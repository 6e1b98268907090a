"""How the offline engine extracts: the passages that answer, in the speakers' words; or none."""

from collections.abc import Sequence

from cliptrail.tools.models.offline.choice.choosing import Answer, Excerpt, answer
from cliptrail.tools.models.offline.choice.model import load
from cliptrail.tools.models.offline.choice.request import understood
from cliptrail.tools.models.offline.choice.spoken import SpokenVideo
from cliptrail.tools.models.offline.choice.videos import SpokenLibrary
from cliptrail.tools.models.offline.disagreements import Said, disagreements
from cliptrail.tools.models.offline.instructions import instructs
from cliptrail.tools.models.offline.naming import named_channels, without_channels
from cliptrail.tools.models.offline.roles.reading import without_file
from cliptrail.tools.models.offline.rules import Prompt, rule
from cliptrail.tools.text.numbered import NumberedVideo, numbered

DISAGREEMENTS = 6
"""Measures on which channels disagree that are shown in any case."""
LONGEST = 600
"""Characters of a claim."""


@rule("ExtractDraft")
def extract(prompt: Prompt) -> dict[str, object]:
    """Answer the extractor's question."""
    facts = [str(fact) for fact in prompt.data("facts_wanted") or []]
    videos = {str(n): row for n, row in enumerate(shown(prompt)) if row.sentences}
    found = _answer(str(prompt.data("request") or ""), facts, videos)
    claims = [
        _claim(row, videos[row.video.id], facts[row.part] if facts else "")
        for row in [*found.excerpts, *_disagreeing(found)]
    ]
    answered = {claim["section"] for claim in claims}
    silent = [fact for fact in facts if claims and fact not in answered]
    return {"claims": claims, "unanswered": silent[:20]}


def shown(prompt: Prompt) -> list[NumberedVideo]:
    """Return the transcripts of a prompt."""
    return numbered((prompt.lines("transcripts") or "").replace("&lt;", "<"))


def spoken(place: str, video: NumberedVideo) -> SpokenVideo:
    """Return a video of a prompt as the choice sees it; instructions to a program are barred."""
    said = [text for _, text in video.sentences]
    barred = frozenset(n for n, each in enumerate(instructs(said)) if each)
    return SpokenVideo(place, video.title, video.channel, said, barred)


def _answer(request: str, facts: Sequence[str], videos: dict[str, NumberedVideo]) -> Answer:
    bare, _ = without_file(request)
    channels = named_channels(bare, [row.channel for row in videos.values()])
    asked = understood(without_channels(bare, channels), facts)
    library = SpokenLibrary([spoken(place, row) for place, row in videos.items()])
    return answer(asked, library, load(), channels) if videos else Answer()


def _disagreeing(found: Answer) -> list[Excerpt]:
    """Return passages that were not chosen and give another value for one measure, both sides."""
    rows = [*found.excerpts, *found.others]
    said = [Said(row.passage.shown, row.video.channel) for row in rows]
    pairs = disagreements(said, DISAGREEMENTS)
    places = {place for pair in pairs for place in pair.statements}
    return [rows[place] for place in sorted(places) if place >= len(found.excerpts)]


def _claim(row: Excerpt, video: NumberedVideo, section: str) -> dict[str, object]:
    places = range(row.passage.first, row.passage.last + 1)
    return {
        "sentences": [video.sentences[place][0] for place in places],
        "text": row.passage.shown[:LONGEST],
        "section": section,
    }
