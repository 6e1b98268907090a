"""The guide as Markdown: statements with footnotes, conflicts side by side, gaps named.

Every string of a model or a transcript is escaped: it can be no heading, link, image or HTML.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from cliptrail.state.evidence import Citation, Claim, Conflict, Guide, SourceRef
from cliptrail.tools.sources.addresses import read_address
from cliptrail.tools.text.cleaning import inert
from cliptrail.tools.text.quantities import quantities
from cliptrail.tools.text.times import clock

TABLE_FROM = 3
"""Statements with measures in one section from which they are shown as a table."""

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~]|(?<=\w):(?=//)|(?<=\bwww)\.)", re.IGNORECASE)
"""What means something within a line; also what would make a bare address a link."""
_IN_URL = ":/?#[]@!$&'()*+,;=%~"
_STARTS_LIST = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[-+](?:[\s-]|$)))")
"""What would begin a list, or be a line across, at the start of a line."""


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    flat = inert(text).replace("&", "&amp;")
    shown = _SPECIAL.sub(r"\\\1", flat)
    return _STARTS_LIST.sub(r"\1\\", shown)


def link(citation: Citation, url: str) -> str:
    """Return a Markdown link to the second of the clip; the time alone where there is no clip.

    Args:
        citation: the place.
        url: address of the video; empty where none is known.
    """
    second = int(citation.start)
    address = url or f"https://youtu.be/{citation.video_id}"
    named = read_address(address)
    if named is not None and named.kind == "video":
        return f"[{clock(second)}](https://youtu.be/{named.id}?t={second})"
    if url.startswith(("https://", "http://")):
        return f"[{clock(second)}](<{quote(url, safe=_IN_URL)}#t={second}>)"
    return clock(second)


def render(guide: Guide, sources: Mapping[str, SourceRef], *, engine: str) -> str:
    """Return the guide as Markdown.

    Args:
        guide: with verified claims.
        sources: every cited video, by id.
        engine: which model answered; shown at the end.
    """
    page = _Page(guide, sources)
    lines = [f"# {escape(guide.title)}", "", *page.body(), *page.footnotes()]
    lines += ["---", "", f"Made by cliptrail with {escape(engine)}.", ""]
    return "\n".join(lines)


class _Page:
    def __init__(self, guide: Guide, sources: Mapping[str, SourceRef]) -> None:
        self.guide = guide
        self.sources = sources
        self.claims = {claim.id: claim for claim in guide.claims}
        self.numbers: dict[Citation, int] = {}

    def body(self) -> Iterator[str]:
        for section in dict.fromkeys(claim.section for claim in self.guide.claims):
            yield from self._section(section)
        yield from self._videos()
        yield from self._conflicts()
        yield from self._open()
        yield from self._unverified()

    def _section(self, section: str) -> Iterator[str]:
        claims = [claim for claim in self.guide.claims if claim.section == section]
        if section:
            yield from (f"## {escape(section[0].upper() + section[1:])}", "")
        if sum(bool(_measures(claim)) for claim in claims) >= TABLE_FROM:
            yield from self._table(claims)
        else:
            yield from (f"- {escape(claim.text)}{self._marks(claim)}" for claim in claims)
        yield ""

    def _table(self, claims: list[Claim]) -> Iterator[str]:
        yield "| Statement | Quantities | Channel |"
        yield "| --- | --- | --- |"
        for claim in claims:
            shown = f"{escape(claim.text)}{self._marks(claim)}"
            yield f"| {shown} | {escape(_measures(claim))} | {self._channels(claim)} |"

    def _videos(self) -> Iterator[str]:
        for row in self.guide.videos:
            start = Citation(video_id=row.video_id, start=0, end=0, quote="")
            about = f" ({escape(row.channel)})" if row.channel else ""
            yield f"- {escape(row.title)}{about}, {link(start, row.url)}"
        if self.guide.videos:
            yield ""

    def _conflicts(self) -> Iterator[str]:
        if self.guide.conflicts:
            yield from ("## Where the sources do not agree", "")
        for conflict in self.guide.conflicts:
            yield from self._conflict(conflict)

    def _conflict(self, conflict: Conflict) -> Iterator[str]:
        claims = [self.claims[name] for name in conflict.claims if name in self.claims]
        if conflict.topic.strip():
            yield from (f"**{escape(conflict.topic)}**", "")
        yield f"| {' | '.join(self._channels(claim) for claim in claims)} |"
        yield f"|{' --- |' * len(claims)}"
        cells = (f"{escape(claim.text)}{self._marks(claim)}" for claim in claims)
        yield from (f"| {' | '.join(cells)} |", "")

    def _open(self) -> Iterator[str]:
        missing = [row for row in self.guide.coverage if not row.cited]
        if not (self.guide.unanswered or missing):
            return
        yield from ("## What the sources did not answer", "")
        yield from (f"- {escape(text)}" for text in self.guide.unanswered)
        yield from (
            f"- Nothing is cited from {escape(row.channel)}: {escape(row.reason)}"
            for row in missing
        )
        yield ""

    def _unverified(self) -> Iterator[str]:
        if not self.guide.unverified:
            return
        yield from ("## Not verified", "")
        yield "These statements did not pass the check against the transcripts:"
        yield ""
        for claim in self.guide.unverified:
            yield f"- {escape(claim.text)} ({escape(claim.reason)})"
        yield ""

    def _marks(self, claim: Claim) -> str:
        return "".join(f"[^{self._number(row)}]" for row in claim.citations)

    def _number(self, citation: Citation) -> int:
        return self.numbers.setdefault(citation, len(self.numbers) + 1)

    def _channels(self, claim: Claim) -> str:
        names = (self.sources[row.video_id] for row in claim.citations)
        return ", ".join(dict.fromkeys(escape(source.channel or source.title) for source in names))

    def footnotes(self) -> Iterator[str]:
        for citation, number in self.numbers.items():
            source = self.sources[citation.video_id]
            about = ", ".join(escape(text) for text in (source.channel, source.title) if text)
            yield f"[^{number}]: “{escape(citation.quote)}” {about}, {link(citation, source.url)}"
        yield ""


def _measures(claim: Claim) -> str:
    """The claim's quantities as they stand in it; none where they would not be all."""
    return "; ".join(quantities(claim.text))
