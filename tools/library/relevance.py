"""How relevant videos are to a query, in absolute terms: 0 where nothing fits, 1 where all does."""

import math
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cliptrail.tools.library.query import any_of
from cliptrail.tools.text.spelling import misspelled
from cliptrail.tools.text.tokens import content_words

PRIOR = 10
"""Videos that a library is thought to have besides its own: a few tell little of rarity."""
LEAST_WEIGHT = 0.1
"""What a word tells at least, and from which it counts where others tell more."""
SAID = 0.85
"""What a word counts that is said, where the title lacks it."""
POOREST = 0.6
"""What relevance is multiplied by at least, where another video fits far better."""
ASIDE, NEAR = 0.75, 50
"""What relevance is multiplied by where the two words that tell most are never said within so many
words of each other."""
LONGEST_JOINED = 10
"""Letters of a word that may be written as two."""


@dataclass(frozen=True)
class Term:
    """A word of a query in all spellings under which the library knows it."""

    forms: tuple[str, ...]
    weight: float
    """How much it tells: its share of the highest inverse document frequency."""

    @property
    def query(self) -> str:
        """The FTS5 expression for any of its spellings."""
        return any_of(list(self.forms))


def terms(db: sqlite3.Connection, words: Sequence[str]) -> list[Term]:
    """Return the words of a query as the library knows them.

    "wi-fi", "wi fi" and "wifi" are one word; a word that no video has counts as the word that it
    may be a misspelling of, and else as one that is missing.
    """
    many = _count(db) + PRIOR
    together = {
        word: one + other
        for one, other in pairwise(words)
        for word in (one, other)
        if len(one + other) <= LONGEST_JOINED
    }
    found: list[Term] = []
    for word in words:
        said = _forms(db, word, together.get(word, ""))
        share = math.log(many / (max(said.values()) + 1)) / math.log(many)
        found.append(Term(tuple(said), max(LEAST_WEIGHT, share)))
    return found


def _forms(db: sqlite3.Connection, word: str, together: str) -> dict[str, int]:
    """Return the spellings of a word that the library has, and how many videos have each."""
    forms = [form for form in (word, re.sub(r"[-’'._]", "", word), together) if form]
    said = _known(db, forms) or _known(db, _in_two(word))
    if not said and (other := misspelled(word, _like(db, word))):
        said = _known(db, [other])
    return said or {word: 0}


def _known(db: sqlite3.Connection, forms: Iterable[str]) -> dict[str, int]:
    counts = {form: _said(db, form) for form in dict.fromkeys(forms)}
    return {form: count for form, count in counts.items() if count}


def _in_two(word: str) -> Iterator[str]:
    if word.isalpha() and len(word) <= LONGEST_JOINED:
        yield from (f"{word[:at]} {word[at:]}" for at in range(2, len(word) - 1))


def _count(db: sqlite3.Connection) -> int:
    number: int = db.execute("SELECT count(*) FROM videos").fetchone()[0]
    return number


def _said(db: sqlite3.Connection, form: str) -> int:
    """Return how many videos have a word, or words in one run, in title or speech."""
    query = f'{{title words}} : "{form}"'
    statement = "SELECT count(*) FROM texts WHERE texts MATCH ?"
    number: int = db.execute(statement, (query,)).fetchone()[0]
    return number


def _like(db: sqlite3.Connection, word: str) -> Mapping[str, int]:
    """Return the words of the library that begin as a word does, and how many videos have each."""
    db.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab('main', 'texts', 'row')"
    )
    statement = "SELECT term, doc FROM temp.vocabulary WHERE term >= ? AND term < ?"
    rows = db.execute(statement, (word[:1], word[:1] + "\U0010ffff"))
    return {term: count for term, count in rows if abs(len(term) - len(word)) <= 2}


def relevances(
    db: sqlite3.Connection, asked: Sequence[Term], fits: Mapping[int, tuple[str, float]]
) -> dict[int, float]:
    """Rate videos: how much of what the query tells their titles and words cover.

    Those that fit less well than the best one, by BM25, are less relevant: they say the words less
    often or less densely.

    Args:
        db: the library.
        asked: the query.
        fits: title and BM25 value, higher is better, of the videos by row.
    """
    # A word of nearly every video tells nothing, and finding it would cost most.
    telling = [term for term in asked if term.weight > LEAST_WEIGHT] or list(asked)
    total = sum(term.weight for term in telling)
    best = max(value for _, value in fits.values())
    titles = {row: set(content_words(title)) for row, (title, _) in fits.items()}
    covered = dict.fromkeys(fits, 0.0)
    for term in telling:
        said = _rows(db, f"{{title words}} : ({term.query})")
        stems = {stem for form in term.forms for stem in content_words(form)}
        for row in said & covered.keys():
            covered[row] += term.weight * (1.0 if stems & titles[row] else SAID)
    apart = _apart(db, telling, titles) if len(telling) > 1 else frozenset()
    return {
        row: value / total * (ASIDE if row in apart else 1.0) * (POOREST + (1 - POOREST) * fit)
        for row, value in covered.items()
        for fit in [fits[row][1] / best if best > 0 else 1.0]
    }


def _apart(
    db: sqlite3.Connection, asked: Sequence[Term], titles: Mapping[int, Collection[str]]
) -> frozenset[int]:
    """Return the videos that never say the two words that tell most near each other."""
    first = sorted(asked, key=lambda term: -term.weight)[:2]
    one, other = (term.forms[0] for term in first)
    stems = {stem for term in first for form in term.forms for stem in content_words(form)}
    near = _rows(db, f'NEAR("{one}" "{other}", {NEAR})')
    named = {row for row, title in titles.items() if stems.intersection(title)}
    return frozenset(titles) - near - named


def _rows(db: sqlite3.Connection, query: str) -> frozenset[int]:
    """Return the rows that fit a query."""
    statement = "SELECT rowid FROM texts WHERE texts MATCH ?"
    return frozenset(row for (row,) in db.execute(statement, (query,)))
