"""Holds every sentence of a guide against the claims that it names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from cliptrail.evidence.verification import problem
from cliptrail.state.evidence import (
    Block,
    Bullets,
    Claim,
    Code,
    GuideSection,
    Paragraph,
    Quote,
    Sentence,
    Steps,
    Table,
    TableRow,
)
from cliptrail.state.media import Transcript
from cliptrail.tools.text.tokens import contains_run, tokens

NO_VALUE = "not found"
"""What a cell shows for which no claim was given."""


@dataclass
class Grounding:
    """Checks sentences; what does not hold is replaced by the words of its claims."""

    claims: Mapping[str, Claim]
    """What sentences may rest on, by id."""
    transcripts: Mapping[str, Transcript]
    """Of the videos that the claims cite, by id."""
    known: str = ""
    """The request: headings may take numbers from it."""
    trusted: frozenset[str] = frozenset()
    """Ids of claims whose transcripts cannot be read any more: what rests on them stays."""
    notes: list[str] = field(default_factory=list)
    """What was changed and why."""

    def section(self, section: GuideSection) -> GuideSection | None:
        """Return a section of which everything holds; None if nothing of it is left."""
        blocks = tuple(chain.from_iterable(map(self.block, section.blocks)))
        if not blocks:
            return None
        ids = used_in(blocks)
        heading = self.heading(section.heading, ids)
        if section.heading and not heading:
            heading = self.claims[ids[0]].section if ids else ""
        return GuideSection(heading=heading, blocks=blocks)

    def heading(self, text: str, ids: Iterable[str]) -> str:
        """Return a title, heading or label; empty if its numbers stand nowhere below it."""
        text = " ".join(text.split())
        rows = [self.claims[name] for name in ids if name in self.claims]
        said = " ".join([self.known, *(row.text for row in rows), *_quotes(rows)])
        figures = {word for word in tokens(text) if any(map(str.isdigit, word))}
        if figures <= set(tokens(said)):
            return text
        self.notes.append(f"The heading “{text}” has numbers that nothing below it says.")
        return ""

    def block(self, block: Block) -> Iterator[Block]:
        """Yield what is left of a block: as it is, repaired, or as the words of its claims."""
        if isinstance(block, Table):
            yield from self._table(block)
        elif isinstance(block, Code):
            yield from self._code(block.code)
        elif isinstance(block, Quote):
            yield from self._quote(block.words)
        elif rows := self.sentences(sentences_of(block)):
            name = "sentences" if isinstance(block, Paragraph) else "items"
            yield block.model_copy(update={name: rows})

    def sentences(self, rows: Iterable[Sentence]) -> tuple[Sentence, ...]:
        """Return sentences that hold."""
        return tuple(chain.from_iterable(map(self._checked, rows)))

    def _code(self, row: Sentence) -> Iterator[Block]:
        found = tuple(self._checked(row))
        if len(found) == 1 and found[0].text.strip() == row.text.strip():
            yield Code(code=row.model_copy(update={"claims": found[0].claims}))
        elif found:
            yield Paragraph(sentences=found)

    def _checked(self, row: Sentence) -> Iterator[Sentence]:
        ids = tuple(name for name in dict.fromkeys(row.claims) if name in self.claims)
        if not ids:
            if row.text.strip():
                self.notes.append(f"Left out, for it names no claim: “{row.text.strip()}”")
            return
        text = row.text.strip() or self.claims[ids[0]].text
        why = self._problem(text, ids)
        if not why:
            yield Sentence(text=text, claims=ids)
            return
        self.notes.append(f"“{text}” did not hold ({why}) and took its claims' own words.")
        yield from (Sentence(text=self.claims[name].text, claims=(name,)) for name in ids)

    def _problem(self, text: str, ids: Sequence[str]) -> str:
        if self.trusted & set(ids) or any(text == self.claims[name].text for name in ids):
            return ""
        rows = [self.claims[name] for name in ids]
        citations = tuple(dict.fromkeys(quote for row in rows for quote in row.citations))
        whole = Claim(id=ids[0], text=text, section=rows[0].section, citations=citations)
        return problem(whole, self.transcripts, self.known)

    def _table(self, table: Table) -> Iterator[Block]:
        width = len(table.columns) - 1
        rows = [row for row in table.rows if used(row.cells) & set(self.claims)]
        if width < 1 or not rows or any(len(row.cells) > width for row in rows):
            self.notes.append("A table's rows did not fit its columns; it is shown as a list.")
            if items := self.sentences(cell for row in table.rows for cell in row.cells):
                yield Bullets(items=items)
            return
        below = [name for row in rows for name in used_in_order(row.cells)]
        yield Table(
            columns=tuple(self.heading(name, below) for name in table.columns),
            rows=tuple(self._row(row, width) for row in rows),
        )

    def _row(self, row: TableRow, width: int) -> TableRow:
        cells = [self._cell(cell) for cell in row.cells]
        empty = [Sentence(text=NO_VALUE, claims=())] * (width - len(cells))
        label = self.heading(row.label, used_in_order(row.cells))
        return TableRow(label=label, cells=(*cells, *empty))

    def _cell(self, cell: Sentence) -> Sentence:
        found = tuple(self._checked(cell))
        text = " ".join(row.text for row in found) or NO_VALUE
        return Sentence(text=text, claims=tuple(used_in_order(found)))

    def _quote(self, row: Sentence) -> Iterator[Block]:
        """Copy the words from the citation that has them; a quote that nobody said is none."""
        ids = [name for name in row.claims if name in self.claims]
        quotes = ((name, quote.quote) for name in ids for quote in self.claims[name].citations)
        for name, said in quotes:
            if words := copied(row.text, said):
                yield Quote(words=Sentence(text=words, claims=(name,)))
                return
        if found := tuple(self._checked(row.model_copy(update={"text": ""}))):
            self.notes.append(
                f"“{row.text.strip()}” is no quote; its claim's own words stand there."
            )
            yield Paragraph(sentences=found)


def copied(text: str, said: str) -> str:
    """Return the words of `said` that `text` repeats, as they stand there; empty if it does not."""
    words = said.split()
    owner = [place for place, word in enumerate(words) for _ in tokens(word)]
    wanted = tokens(text)
    start = contains_run(tokens(" ".join(words)), wanted)
    if start is None or len(owner) != len(tokens(" ".join(words))):
        return ""
    return " ".join(words[owner[start] : owner[start + len(wanted) - 1] + 1])


def _quotes(rows: Iterable[Claim]) -> Iterator[str]:
    return (citation.quote for row in rows for citation in row.citations)


def sentences_of(block: Block) -> tuple[Sentence, ...]:
    """Return all sentences of a block, in order."""
    match block:
        case Paragraph():
            return block.sentences
        case Steps() | Bullets():
            return block.items
        case Table():
            return tuple(cell for row in block.rows for cell in row.cells)
        case Code():
            return (block.code,)
        case Quote():
            return (block.words,)


def used(rows: Iterable[Sentence]) -> set[str]:
    """Return the ids of the claims that sentences name."""
    return set(used_in_order(rows))


def used_in_order(rows: Iterable[Sentence]) -> list[str]:
    """Return the ids of the claims that sentences name, each once."""
    return list(dict.fromkeys(name for row in rows for name in row.claims))


def used_in(blocks: Iterable[Block]) -> list[str]:
    """Return the ids of the claims that blocks name, each once."""
    return used_in_order(row for block in blocks for row in sentences_of(block))
