"""The library at size: how fast transcripts are imported and searched.

The transcripts are made of words that are as frequent as in English (Zipf's law), since the cost of
a search is the cost of its most frequent word.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path
from typing import Annotated

import typer

from cliptrail.state.media import Segment, Transcript, Video
from cliptrail.tools.library.store import Library

VOCABULARY = 30_000
WORDS_A_SEGMENT = 9
SEGMENT_S = 4.0
BATCH = 500
FREQUENCY = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
"""Cumulative weights of the words by rank."""


def word(rank: int) -> str:
    """Return the word of a rank: letters that no stemmer shortens."""
    letters = []
    while True:
        rank, letter = divmod(rank, 20)
        letters.append("bcdfghjklmnpqrtvwxzk"[letter] + "aou"[letter % 3])
        if not rank:
            return "".join(letters) + "b"


WORDS = [word(rank) for rank in range(VOCABULARY)]


def transcripts(number: int, words: int, seed: int = 1) -> Iterator[Transcript]:
    """Return transcripts of so many words each."""
    dice = random.Random(seed)  # noqa: S311 - the same library in every run
    for place in range(number):
        said = dice.choices(WORDS, cum_weights=FREQUENCY, k=words)
        segments = tuple(
            Segment(
                start=SEGMENT_S * n / WORDS_A_SEGMENT,
                duration=SEGMENT_S,
                text=" ".join(said[n : n + WORDS_A_SEGMENT]),
            )
            for n in range(0, words, WORDS_A_SEGMENT)
        )
        video = Video(
            video_id=f"bench{place:06}",
            title=" ".join(dice.choices(WORDS, cum_weights=FREQUENCY, k=6)),
            channel=f"channel {place % 200}",
        )
        yield Transcript(video=video, segments=segments, provenance="benchmark")


def queries(number: int, seed: int = 2) -> Iterator[tuple[str, str]]:
    """Return queries of 2 to 8 words as people type them, every third one within a channel.

    The 50 most frequent words are left out: in English those are stop words.
    """
    dice = random.Random(seed)  # noqa: S311 - the same queries in every run
    for place in range(number):
        telling = dice.choices(WORDS[50:], weights=[1 / n for n in range(51, VOCABULARY + 1)], k=8)
        channel = f"Channel {dice.randrange(200)}" if place % 3 == 0 else ""
        yield " ".join(telling[: dice.randint(2, 8)]), channel


def fill(library: Library, number: int, words: int) -> float:
    """Import transcripts in batches and give how many a second."""
    rows = transcripts(number, words)
    spent = 0.0
    while batch := list(islice(rows, BATCH)):
        clock = time.perf_counter()
        library.add_many(batch)
        spent += time.perf_counter() - clock
    return number / spent


def latencies(library: Library, number: int) -> list[float]:
    """Search so often, and give the milliseconds of each, sorted."""
    spent = []
    for query, channel in queries(number):
        clock = time.perf_counter()
        library.search(query, channel, 10)
        spent.append(1000 * (time.perf_counter() - clock))
    return sorted(spent)


def main(
    number: Annotated[int, typer.Option(min=1, help="Transcripts.")] = 10_000,
    words: Annotated[int, typer.Option(min=1, help="Words of each.")] = 1_000,
    searches: Annotated[int, typer.Option(min=20, help="Searches.")] = 300,
) -> None:
    """Print how fast a library is filled and searched."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "library.sqlite"
        with Library(file) as library:
            rate = fill(library, number, words)
            spent = latencies(library, searches)
        size = file.stat().st_size / 1e6
    typer.echo("| Transcripts | Words each | File | Import | Search median | Search p95 |")
    typer.echo("| --- | --- | --- | --- | --- | --- |")
    p95 = spent[int(0.95 * len(spent)) - 1]
    typer.echo(
        f"| {number:,} | {words:,} | {size:.0f} MB | {rate:.0f}/s | "
        f"{statistics.median(spent):.1f} ms | {p95:.1f} ms |"
    )


if __name__ == "__main__":
    typer.run(main)
