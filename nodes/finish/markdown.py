"""The guide as Markdown: the answer, sections, conflicts side by side, gaps by their kind, notes.

Every string of a model or a transcript is escaped: it can be no heading, link, image or HTML. Only
`code` in sentences stays code.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from cliptrail.nodes.finish.footnotes import Footnotes
from cliptrail.state.evidence import (
    Block,
    Bullets,
    Citation,
    Claim,
    Code,
    Conflict,
    Guide,
    GuideKind,
    Paragraph,
    Quote,
    Sentence,
    SourceRef,
    Standing,
    Steps,
    Table,
)
from cliptrail.tools.sources.addresses import read_address
from cliptrail.tools.text.cleaning import inert
from cliptrail.tools.text.times import clock

MOST_COLUMNS = 3
"""Sides of a conflict that stand in one table; more are listed."""
MOST_UNVERIFIED = 10
"""Statements that are shown as not verified; the trail has all."""
LEADS: dict[GuideKind, str] = {
    "composed": "",
    "videos": "",
    "found": "The statements that answer, as they were found; nobody composed a guide of them.",
    "excerpts": "The passages that answer, in the speakers' words.",
}
"""What stands above a guide that no model wrote."""

MOST_MARKS = 3
"""Footnotes behind a sentence of the answer: the sections below repeat it with all of them."""
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


_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")


def sentence(text: str, *, cell: bool = False) -> str:
    """Return a sentence that Markdown shows as it is, but for `code` in it, on one line.

    Args:
        text: of a model or a transcript.
        cell: it stands in a table, where a bar would end the cell even within code.
    """
    parts = _CODE.split(inert(text))
    shown = [_code(part, cell=cell) if place % 2 else part for place, part in enumerate(parts)]
    plain = [escape(part) if part.strip() else "" for part in parts[::2]]
    # `escape` strips: the spaces beside code stay.
    spaced = [
        f"{' ' if part[:1] == ' ' else ''}{made}{' ' if part[-1:] == ' ' and part.strip() else ''}"
        for part, made in zip(parts[::2], plain, strict=True)
    ]
    shown[::2] = spaced
    return "".join(shown).strip()


def _code(text: str, *, cell: bool) -> str:
    code = text.strip()
    if not code:
        return r"\`\`"
    # Spaces within the ticks would be lost, or join words that they part.
    before, after = " " if text[0] == " " else "", " " if text[-1] == " " else ""
    return f"{before}`{code.replace('|', chr(92) + '|') if cell else code}`{after}"


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
        self.notes = Footnotes(guide.claims)

    def body(self) -> Iterator[str]:
        if lead := LEADS[self.guide.kind]:
            yield from (f"*{lead}*", "")
        if self.guide.answer:
            said = (self._said(row, most=MOST_MARKS) for row in self.guide.answer)
            yield from (" ".join(said), "")
        for section in self.guide.sections:
            yield from self._heading(section.heading)
            for block in section.blocks:
                yield from self._block(block)
        if not self.guide.sections:
            yield from self._as_found()
        yield from self._videos()
        yield from self._conflicts()
        yield from self._open()
        yield from self._unverified()

    def _heading(self, text: str) -> Iterator[str]:
        if text:
            yield from (f"## {escape(text[0].upper() + text[1:])}", "")

    def _as_found(self) -> Iterator[str]:
        """The claims where nobody wrote sections, by what they answer, without those in dispute."""
        disputed = {name for row in self.guide.conflicts for name in row.claims}
        rows = [row for row in self.guide.claims if row.id not in disputed]
        for section in dict.fromkeys(row.section for row in rows):
            yield from self._heading(section)
            yield from (f"- {self._claim(row)}" for row in rows if row.section == section)
            yield ""

    def _block(self, block: Block) -> Iterator[str]:
        match block:
            case Paragraph():
                yield self._run(block.sentences)
            case Steps():
                yield from (f"{n}. {self._said(row)}" for n, row in enumerate(block.items, 1))
            case Bullets():
                yield from (f"- {self._said(row)}" for row in block.items)
            case Table():
                yield from self._table(block)
            case Code():
                yield from self._fenced(block.code)
            case Quote():
                words = escape(block.words.text)
                yield f"> “{words}”{self.notes.marks(block.words.claims)}"
        yield ""

    def _run(self, rows: Iterable[Sentence]) -> str:
        return " ".join(map(self._said, rows))

    def _said(self, row: Sentence, *, cell: bool = False, most: int | None = None) -> str:
        return f"{sentence(row.text, cell=cell)}{self.notes.marks(row.claims, row.text, most)}"

    def _claim(self, claim: Claim, *, cell: bool = False) -> str:
        return self._said(Sentence(text=claim.text, claims=(claim.id,)), cell=cell)

    def _table(self, table: Table) -> Iterator[str]:
        yield f"| {' | '.join(map(escape, table.columns))} |"
        yield f"|{' --- |' * len(table.columns)}"
        for row in table.rows:
            cells = (self._said(cell, cell=True) for cell in row.cells)
            yield f"| {' | '.join([escape(row.label), *cells])} |"

    def _fenced(self, code: Sentence) -> Iterator[str]:
        lines = [_printable(line) for line in code.text.splitlines()]
        ticks = max([2, *(len(run) for line in lines for run in re.findall("`+", line))]) + 1
        yield from ("`" * ticks, *lines, "`" * ticks, "")
        yield f"Source: {self.notes.marks(code.claims)}"

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
        sides = self._sides(conflict)
        if conflict.topic.strip():
            yield from (f"**{escape(conflict.topic)}**", "")
        if len(sides) > MOST_COLUMNS:
            yield from (f"- {name}: {self._stated(rows)}" for name, rows in sides)
        else:
            yield f"| {' | '.join(name for name, _ in sides)} |"
            yield f"|{' --- |' * len(sides)}"
            yield f"| {' | '.join(self._stated(rows, cell=True) for _, rows in sides)} |"
        yield ""

    def _sides(self, conflict: Conflict) -> list[tuple[str, list[Claim]]]:
        """Return the claims of a conflict by their channels; one by one where all have the same."""
        claims = [self.claims[name] for name in conflict.claims if name in self.claims]
        by: dict[str, list[Claim]] = {}
        for claim in claims:
            by.setdefault(self._channels(claim), []).append(claim)
        return list(by.items()) if len(by) > 1 else [(name, [row]) for name in by for row in claims]

    def _stated(self, rows: Iterable[Claim], *, cell: bool = False) -> str:
        return " ".join(self._claim(row, cell=cell) for row in rows)

    def _open(self) -> Iterator[str]:
        """What was asked and is not answered: said by nobody, or not found."""
        yield from self._part("What the videos do not say", "silent")
        yield from self._part("Not found", "not_found")

    def _part(self, title: str, standing: Standing) -> Iterator[str]:
        facts = [row.fact for row in self.guide.facts if row.standing == standing]
        if standing == "not_found" and not self.guide.facts:
            facts = list(self.guide.unanswered)
        missing = [
            row
            for row in self.guide.coverage
            if not row.cited and (row.standing or "not_found") == standing
        ]
        if facts or missing:
            yield from (f"## {title}", "")
            yield from (f"- {escape(text)}" for text in facts)
            yield from (f"- {escape(row.channel)}: {escape(row.reason)}" for row in missing)
            yield ""

    def _unverified(self) -> Iterator[str]:
        facts = [row.fact for row in self.guide.facts if row.standing == "unverified"]
        sources = [row for row in self.guide.coverage if row.standing == "unverified"]
        rows = self.guide.unverified
        if not (facts or sources or rows):
            return
        yield from ("## Not verified", "")
        yield from (f"- {escape(text)}: nothing on it could be verified." for text in facts)
        yield from (f"- {escape(row.channel)}: {escape(row.reason)}" for row in sources)
        if facts or sources:
            yield ""
        if rows:
            yield from ("These statements did not pass a check:", "")
        for claim in rows[:MOST_UNVERIFIED]:
            yield f"- {sentence(claim.text)} ({escape(claim.reason)})"
        if len(rows) > MOST_UNVERIFIED:
            yield f"- and {len(rows) - MOST_UNVERIFIED} more, which the trail lists"
        yield ""

    def _channels(self, claim: Claim) -> str:
        names = (self.sources[row.video_id] for row in claim.citations)
        return ", ".join(dict.fromkeys(escape(source.channel or source.title) for source in names))

    def footnotes(self) -> Iterator[str]:
        named: set[str] = set()
        for number, citation, words in self.notes.rows():
            source = self.sources[citation.video_id]
            # Whose video it is, its first footnote tells; the title leads from the others to it.
            whose = () if citation.video_id in named else (source.channel,)
            named.add(citation.video_id)
            about = ", ".join(escape(text) for text in (*whose, source.title) if text)
            yield f"[^{number}]: “{escape(words)}” {about}, {link(citation, source.url)}"
        yield ""


def _printable(line: str) -> str:
    """Return a line of code without what steers a terminal or hides words; its indent stays."""
    indent = len(line) - len(line.lstrip(" \t"))
    return line[:indent].replace("\t", "    ") + inert(line[indent:])
