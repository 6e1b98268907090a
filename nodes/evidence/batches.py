"""Transcripts as prompts hold them: split where they are too long, each segment with an id."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nodes.evidence.citations import Place, cite
from state.drafts import ClaimDraft
from state.evidence import Claim
from state.media import Transcript

TOKENS_A_TRANSCRIPT = 4_000
"""Typical length of one, for estimates."""
CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True)
class Batch:
    """The transcripts, or parts of them, that one prompt holds."""

    places: Mapping[str, Place]
    """Segments by the id that the model sees, e.g. "v1.12"."""
    transcripts: Mapping[str, Transcript]

    def shown(self) -> list[dict[str, Any]]:
        """Give the transcripts as the prompt shows them."""
        videos: dict[str, dict[str, Any]] = {}
        for name, place in self.places.items():
            video = self.transcripts[place.video_id].video
            about = {
                "id": name.split(".")[0],
                "title": video.title,
                "channel": video.channel,
                "segments": [],
            }
            row = self.transcripts[place.video_id].segments[place.segment]
            entry = videos.setdefault(place.video_id, about)
            entry["segments"].append([name, round(row.start, 1), row.text])
        return list(videos.values())

    def claim(self, claim_id: str, row: ClaimDraft) -> Claim:
        """Give a model's statement as a claim, its quotes copied; it is not verified yet."""
        places = [self.places[name] for name in row.segments if name in self.places]
        return Claim(
            id=claim_id,
            text=" ".join(row.text.split()),
            section=" ".join(row.section.split()),
            citations=cite(places, self.transcripts),
        )


def batches(transcripts: Mapping[str, Transcript], most_tokens: int) -> Iterator[Batch]:
    """Split transcripts so that each part fits into one prompt; nothing is cut off.

    Args:
        transcripts: by video id.
        most_tokens: of a prompt; a part takes at most three quarters of it.
    """
    room = most_tokens * CHARACTERS_A_TOKEN * 3 // 4
    places: dict[str, Place] = {}
    used = 0
    for number, (video_id, row) in enumerate(transcripts.items(), 1):
        for index, segment in enumerate(row.segments):
            size = len(segment.text) + 20
            if places and used + size > room:
                yield Batch(places, transcripts)
                places, used = {}, 0
            places[f"v{number}.{index}"] = Place(video_id, index)
            used += size
    if places:
        yield Batch(places, transcripts)
