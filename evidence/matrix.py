"""The matrix of wanted facts and named sources, filled by verified claims.

Whatever says that a request is answered says it from here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cliptrail.state.evidence import Cell, Claim, Coverage, FactRow, Standing
from cliptrail.state.request import NamedSource
from cliptrail.tools.sources.names import belongs
from cliptrail.tools.text.facts import facts_of


def wanted(facts: Sequence[str], request: str) -> tuple[str, ...]:
    """Return the rows of the matrix: the wanted facts, or the request itself if there are none."""
    listed = tuple(dict.fromkeys(text for fact in facts if (text := " ".join(fact.split()))))
    return listed or (" ".join(request.split()),)


@dataclass(frozen=True)
class Searched:
    """What a run found and read, beside its claims."""

    channel_of: Mapping[str, str] = field(default_factory=dict)
    """Channel by video id, of every video that was read."""
    found: Mapping[str, str] = field(default_factory=dict)
    """Channel by video id, of every video that the searches found."""
    silent: tuple[str, ...] = ()
    """What those who read the transcripts say that these do not answer."""
    trouble: str = ""
    """The first failure, in words."""

    def read_of(self, source: NamedSource | None) -> int:
        """Return how many videos of a source were read; of all for None."""
        return sum(source is None or belongs(source, *row) for row in self.channel_of.items())


def matrix(
    facts: Sequence[str],
    sources: Sequence[NamedSource],
    claims: Sequence[Claim],
    failed: Sequence[Claim],
    searched: Searched,
) -> tuple[FactRow, ...]:
    """Return one row for each wanted fact, with a cell for all sources and one for each named.

    Args:
        facts: as `wanted` gives them.
        sources: what the user named, looked up.
        claims: verified claims; others are passed over.
        failed: claims that were found and could not be verified.
        searched: what was found and read.
    """
    columns = (None, *dict.fromkeys(sources))
    return tuple(
        FactRow(
            fact=fact,
            cells=_cells(
                fact,
                columns,
                [row for row in claims if row.verified and fact in facts_of(row.section, facts)],
                [row for row in failed if fact in facts_of(row.section, facts)],
                searched,
                said_silent=any(fact in facts_of(text, facts) for text in searched.silent),
            ),
        )
        for fact in facts
    )


def _cells(
    fact: str,
    columns: Sequence[NamedSource | None],
    claims: Sequence[Claim],
    failed: Sequence[Claim],
    searched: Searched,
    *,
    said_silent: bool,
) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for source in columns:
        ids = tuple(row.id for row in claims if _cites(row, source, searched))
        # Where another source answers a fact, the named one was read for it as well.
        looked = said_silent or bool(source and claims and not searched.trouble)
        standing: Standing = "not_found"
        if ids:
            standing = "answered"
        elif any(_cites(row, source, searched) for row in failed):
            standing = "unverified"
        elif looked and searched.read_of(source):
            standing = "silent"
        name = source.name if source else ""
        cells.append(Cell(source=name, standing=standing, claims=ids))
    return tuple(cells)


def _cites(claim: Claim, source: NamedSource | None, searched: Searched) -> bool:
    return source is None or any(
        belongs(source, row.video_id, row.channel or searched.channel_of.get(row.video_id, ""))
        for row in claim.citations
    )


def gaps(rows: Iterable[FactRow]) -> tuple[str, ...]:
    """Return the facts without which a guide is partial: not found, or found and not verified."""
    return tuple(row.fact for row in rows if row.standing in {"not_found", "unverified"})


def unanswered(rows: Iterable[FactRow]) -> tuple[str, ...]:
    """Return the wanted facts that no verified claim answers."""
    return tuple(row.fact for row in rows if row.standing != "answered")


def coverage(
    sources: Sequence[NamedSource],
    claims: Sequence[Claim],
    failed: Sequence[Claim],
    searched: Searched,
) -> tuple[Coverage, ...]:
    """Return for each source that the user named whether a verified claim cites it, or why not."""
    return tuple(_covered(row, claims, failed, searched) for row in dict.fromkeys(sources))


def _covered(
    source: NamedSource, claims: Sequence[Claim], failed: Sequence[Claim], searched: Searched
) -> Coverage:
    if any(row.verified and _cites(row, source, searched) for row in claims):
        return Coverage(channel=source.name, cited=True, standing="answered")
    standing, reason = _why_not(source, failed, searched)
    return Coverage(channel=source.name, cited=False, standing=standing, reason=reason)


def _why_not(
    source: NamedSource, failed: Sequence[Claim], searched: Searched
) -> tuple[Standing, str]:
    read, trouble = searched.read_of(source), filter(None, [searched.trouble])
    if any(_cites(row, source, searched) for row in failed):
        return "unverified", "What was found in its videos could not be verified."
    if read:
        return "silent", f"{read} of its videos were read; none answers the request."
    if any(belongs(source, *row) for row in searched.found.items()):
        said = "Its videos were found but could not be read."
        return "not_found", " ".join([said, *trouble])
    return "not_found", " ".join(["The search found no video of it.", *trouble])
