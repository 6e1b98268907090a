"""The library: one SQLite file of transcripts with full-text search."""

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import Field

from cliptrail.state.base import Frozen
from cliptrail.state.errors import LibraryError
from cliptrail.state.media import Segment, Transcript, Video
from cliptrail.tools.library import relevance, rows
from cliptrail.tools.library.database import connect, explained, transaction
from cliptrail.tools.library.query import any_of, phrase_query, query_words, video_query
from cliptrail.tools.text.channels import channel_key

_WEIGHTS = "bm25(4.0, 2.0, 1.0, 0.0)"
"""What a word counts in title, channel and words; tags only filter."""

_RATED = 30
"""Videos that are rated at least, the best by BM25: their order by relevance may differ."""
_FIND_IN = 10
"""Videos in which `find` looks at least."""


class Hit(Frozen):
    """A place in a transcript that a query found."""

    video: Video
    index: int = Field(ge=0)
    """Which segment of the transcript it is, from 0."""
    segment: Segment


class Library:
    """A library file. Its methods block, and are safe to call from several threads.

    Every method may raise `LibraryError`: the file is locked, damaged, or cannot be written.
    """

    def __init__(
        self, path: Path, *, read_only: bool = False, wait_s: float = 5.0, name: str = ""
    ) -> None:
        """Open the file; make it if it is not there and may be written.

        Args:
            path: the file; its folder must exist.
            read_only: neither make nor change the file.
            wait_s: seconds to wait for another program's lock.
            name: what a person calls it; its path if empty.

        Raises:
            LibraryError: no folder, no rights, locked, damaged, no library, or a newer version.
        """
        self.path = path
        self.name = name or str(path)
        self.read_only = read_only
        self._lock = threading.RLock()
        self._db = connect(path, read_only=read_only, wait_s=wait_s)
        self._file = _identity(path)
        weakref.finalize(self, self._db.close)  # one that was replaced may still be read from

    def close(self) -> None:
        """Close the file; the library cannot be used after."""
        with self._lock:
            self._db.close()

    def in_place(self) -> bool:
        """Return whether the file that is open still lies at its path."""
        return self._file is not None and _identity(self.path) == self._file

    def seal(self) -> None:
        """Leave the file without side files, so that it can be read from where none can be made."""
        with self._reading() as db:
            db.execute("PRAGMA journal_mode = DELETE")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def add(self, transcript: Transcript) -> None:
        """Keep a transcript; one of the same video is replaced.

        A transcript without segments is kept as a video without captions. The video's score, which
        belongs to a search, is not kept.
        """
        self.add_many([transcript])

    def add_many(self, transcripts: Iterable[Transcript]) -> int:
        """Keep all the transcripts, or none if one fails, and give their number.

        The file is locked for others while the iterable is read: give it in batches if it is slow.
        """
        number = 0
        with self._writing() as db:
            for transcript in transcripts:
                _delete(db, transcript.video.video_id)
                _insert(db, transcript)
                number += 1
        return number

    def remove(self, video_id: str) -> bool:
        """Remove a video; tell whether it was there."""
        with self._writing() as db:
            return _delete(db, video_id)

    def get(self, video_id: str) -> Transcript | None:
        """Return a video's transcript, or None if the library has no such video."""
        with self._reading() as db:
            return _get(db, video_id)

    def count(self) -> int:
        """Return the number of videos."""
        with self._reading() as db:
            number: int = db.execute("SELECT count(*) FROM videos").fetchone()[0]
            return number

    def described(self) -> str:
        """Return its name and size in words: "the bundled samples (25 videos)"."""
        number = self.count()
        return f"{self.name} ({number} video{'' if number == 1 else 's'})"

    def channels(self) -> list[str]:
        """Return the channels' names, sorted; each once, however it is spelled."""
        query = """SELECT min(channel) FROM videos WHERE channel <> ''
                   GROUP BY channel_key ORDER BY channel_key"""
        with self._reading() as db:
            return [name for (name,) in db.execute(query)]

    def videos(self, channel: str = "") -> list[Video]:
        """Return all videos, or a channel's, sorted by channel and title.

        Args:
            channel: name or handle; case, punctuation and white space do not matter.
        """
        channel = channel.strip()
        where = "WHERE channel_key = ?" if channel else ""
        query = f"""SELECT {rows.VIDEO_COLUMNS} FROM videos {where}
                    ORDER BY channel_key, title, video_id"""  # noqa: S608 - fixed words only
        with self._reading() as db:
            found = db.execute(query, (channel_key(channel),) if channel else ())
            return [rows.video(row) for row in found]

    def titled(self, phrase: str, limit: int) -> list[Video]:
        """Return the videos whose titles hold a phrase, best first."""
        query = f"{{title}} : {phrase_query(phrase)}"
        with self._reading() as db:
            return [video for video, _ in _ranked(db, query, limit)] if phrase.strip() else []

    def saying(self, phrase: str, limit: int) -> list[Transcript]:
        """Return the transcripts in which a phrase is said, best first."""
        query = f"{{words}} : {phrase_query(phrase)}"
        with self._reading() as db:
            found = _ranked(db, query, limit) if phrase.strip() else []
            rows_of = (_get(db, video.video_id) for video, _ in found)
            return [row for row in rows_of if row is not None]

    def search(
        self, query: str, channel: str = "", limit: int = 10, among: Sequence[str] = ()
    ) -> list[Video]:
        """Return the videos whose title, channel or words fit any word of the query, best first.

        Args:
            query: any text; stop words are dropped, words count by their stem.
            channel: only this channel: name or handle; case, punctuation and white space do not
                matter.
            limit: how many at most.
            among: only these videos, by id; all if empty.

        Returns:
            Videos with scores: how much of what the query tells they cover, 0 to 1 in absolute
            terms (see `relevance`); those without captions come last. An empty list when nothing
            fits or the query has no words.
        """
        words, channel = query_words(query), channel.strip()
        if not words or limit < 1:
            return []
        with self._reading() as db:
            asked = relevance.terms(db, words)
            forms = [form for term in asked for form in term.forms]
            captioned = video_query(forms, channel=channel, captioned=True)
            found = _scored(db, asked, _ranked(db, captioned, max(limit, _RATED), among))[:limit]
            if len(found) < limit:
                silent = video_query(forms, channel=channel, captioned=False)
                more = _ranked(db, silent, limit - len(found), among)
                # Never above those with captions: nothing can be read in them.
                least = found[-1].score if found else 1.0
                found += [
                    video.model_copy(update={"score": min(least, video.score)})
                    for video in _scored(db, asked, more)
                ]
        return found

    def find(self, query: str, limit: int = 10) -> list[Hit]:
        """Return the segments that fit any word of the query, best first.

        They come from the videos that `search` ranks highest.
        """
        words = query_words(query)
        candidates = self.search(query, limit=max(limit, _FIND_IN))
        transcripts = [self.get(candidate.video_id) for candidate in candidates]
        # A video may have been removed between the search and now.
        kept = [transcript for transcript in transcripts if transcript]
        return _best_segments(kept, words, limit) if kept and limit > 0 else []

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, explained(self.path):
            yield self._db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        if self.read_only:
            raise LibraryError(
                f"The library {self.path} was opened for reading only.", "Name another library."
            )
        with self._lock, explained(self.path), transaction(self._db):
            yield self._db


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one of its name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _get(db: sqlite3.Connection, video_id: str) -> Transcript | None:
    query = f"SELECT {rows.TRANSCRIPT_COLUMNS} FROM videos WHERE video_id = ?"  # noqa: S608
    row = db.execute(query, (video_id,)).fetchone()
    return rows.transcript(row) if row else None


def _insert(db: sqlite3.Connection, transcript: Transcript) -> None:
    row = rows.video_row(transcript)
    columns, places = ", ".join(row), ", ".join(f":{column}" for column in row)
    statement = f"INSERT INTO videos ({columns}) VALUES ({places})"  # noqa: S608 - field names
    number = db.execute(statement, row).lastrowid
    db.execute(
        "INSERT INTO texts (rowid, title, channel, words, tags) VALUES (?, ?, ?, ?, ?)",
        (number, *rows.text_row(transcript)),
    )


def _delete(db: sqlite3.Connection, video_id: str) -> bool:
    found = db.execute("SELECT id FROM videos WHERE video_id = ?", (video_id,)).fetchone()
    old = _get(db, video_id)
    if not found or not old:
        return False
    db.execute(
        "INSERT INTO texts (texts, rowid, title, channel, words, tags) "
        "VALUES ('delete', ?, ?, ?, ?, ?)",
        (found[0], *rows.text_row(old)),
    )
    db.execute("DELETE FROM videos WHERE id = ?", found)
    return True


def _ranked(
    db: sqlite3.Connection, query: str, limit: int, among: Sequence[str] = ()
) -> list[tuple[Video, float]]:
    """Return videos with their BM25 value, higher is better, best first."""
    inside = "AND rowid IN (SELECT videos.id FROM videos JOIN json_each(?) ON video_id = value)"
    statement = f"""
        SELECT {rows.VIDEO_COLUMNS}, -worth FROM videos JOIN (
            SELECT rowid AS found, rank AS worth FROM texts
            WHERE texts MATCH ? AND rank MATCH '{_WEIGHTS}' {inside if among else ""}
            ORDER BY rank LIMIT ?
        ) ON id = found ORDER BY worth, id"""  # noqa: S608 - fixed words only
    values = (query, *([json.dumps(list(among))] if among else []), limit)
    return [(rows.video(row[:-1]), row[-1]) for row in db.execute(statement, values)]


def _scored(
    db: sqlite3.Connection, asked: Sequence[relevance.Term], found: Sequence[tuple[Video, float]]
) -> list[Video]:
    """Return videos with their relevance, the best first."""
    if not found:
        return []
    ids = [video.video_id for video, _ in found]
    inside = "SELECT video_id, id FROM videos WHERE video_id IN (SELECT value FROM json_each(?))"
    row_of = dict(db.execute(inside, (json.dumps(ids),)))
    fits = {row_of[video.video_id]: (video.title, value) for video, value in found}
    values = relevance.relevances(db, asked, fits)
    scored = [
        video.model_copy(update={"score": values[row_of[video.video_id]]}) for video, _ in found
    ]
    return sorted(scored, key=lambda video: -video.score)


def _best_segments(transcripts: list[Transcript], words: list[str], limit: int) -> list[Hit]:
    """Rank segments by an index in memory: it stems as the library's does."""
    places = [(t, index) for t in transcripts for index in range(len(t.segments))]
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(
            "CREATE VIRTUAL TABLE pieces USING fts5 "
            "(words, content='', tokenize='porter unicode61 remove_diacritics 2')"
        )
        texts = ((n, t.segments[index].text) for n, (t, index) in enumerate(places))
        db.executemany("INSERT INTO pieces (rowid, words) VALUES (?, ?)", texts)
        query = "SELECT rowid FROM pieces WHERE pieces MATCH ? ORDER BY rank, rowid LIMIT ?"
        best = [places[n] for (n,) in db.execute(query, (any_of(words), limit))]
    return [Hit(video=t.video, index=index, segment=t.segments[index]) for t, index in best]
