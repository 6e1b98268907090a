"""From a composer's draft to sections of a guide, not checked yet."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from cliptrail.state.drafts import BlockDraft, GuideDraft, RowDraft, SectionDraft, SentenceDraft
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


class Drafted:
    """Reads a draft; claims of which it shows one's words for all of them are joined.

    Attributes:
        claims: by id, those that were joined with another one not among them.
    """

    def __init__(self, draft: GuideDraft, claims: Mapping[str, Claim]) -> None:
        self.draft = draft
        self.claims = dict(claims)
        self._now = {name: name for name in claims}
        self._shown: set[str] = set()
        for row in self._all():
            if not row.text.strip():
                self._join(self.ids(row.claims))

    def ids(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the ids that are known, each as the claim that it was joined with."""
        known = (self._now[name] for row in names if (name := row.strip()) in self._now)
        return tuple(dict.fromkeys(known))

    def _all(self) -> Iterator[SentenceDraft]:
        blocks = chain.from_iterable(row.blocks for row in self.draft.sections)
        for block in blocks:
            yield from block.sentences
            yield from (cell for row in block.rows for cell in row.cells)

    def _join(self, ids: tuple[str, ...]) -> None:
        # What objects to a claim says something else than that claim.
        if len(ids) < 2 or any(self.claims[name].objects_to for name in ids):
            return
        first, *others = ids
        parts = [self.claims[name] for name in ids]
        cited = dict.fromkeys(quote for part in parts for quote in part.citations)
        names = dict.fromkeys(name for part in parts for name in (part.id, *part.joined))
        self.claims[first] = parts[0].model_copy(
            update={
                "citations": tuple(cited),
                "joined": tuple(name for name in names if name != first),
            }
        )
        for name in others:
            del self.claims[name]
        self._now = {old: first if new in others else new for old, new in self._now.items()}

    @property
    def has_words(self) -> bool:
        """Did the composer write anything itself?"""
        return any(row.text.strip() for row in chain(self.draft.answer, self._all()))

    def answer(self) -> list[Sentence]:
        """Return the answer in short."""
        return [self._sentence(row) for row in self.draft.answer]

    def sections(self) -> Iterator[GuideSection]:
        """Yield the sections in order."""
        for row in self.draft.sections:
            yield self._section(row)

    def _section(self, draft: SectionDraft) -> GuideSection:
        blocks = chain.from_iterable(map(self._blocks, draft.blocks))
        return GuideSection(heading=" ".join(draft.heading.split()), blocks=tuple(blocks))

    def _blocks(self, draft: BlockDraft) -> Iterator[Block]:
        if draft.kind == "table" and draft.rows:
            yield Table(
                columns=tuple(" ".join(name.split()) for name in draft.columns),
                rows=tuple(map(self._row, draft.rows)),
            )
            return
        rows = tuple(self._once(draft.sentences, lines=draft.kind == "code"))
        match draft.kind:
            case "steps":
                yield Steps(items=rows)
            case "bullets" | "table":
                yield Bullets(items=rows)
            case "code":
                yield from (Code(code=row) for row in rows)
            case "quote":
                yield from (Quote(words=row) for row in rows)
            case "paragraph":
                yield Paragraph(sentences=rows)

    def _row(self, draft: RowDraft) -> TableRow:
        cells = tuple(map(self._sentence, draft.cells))
        return TableRow(label=" ".join(draft.label.split()), cells=cells)

    def _once(self, rows: Iterable[SentenceDraft], *, lines: bool) -> Iterator[Sentence]:
        """Yield sentences, and a claim's own words only where they do not stand yet."""
        for row in rows:
            made = self._sentence(row, lines=lines)
            if made.text:
                yield made
            elif made.claims and made.claims[0] not in self._shown:
                self._shown.add(made.claims[0])
                yield made

    def _sentence(self, row: SentenceDraft, *, lines: bool = False) -> Sentence:
        text = row.text.strip("\n").rstrip() if lines else " ".join(row.text.split())
        return Sentence(text=text, claims=self.ids(row.claims))
