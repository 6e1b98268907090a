"""How long transcripts are in the extractor's prompt: as captions, as before, and as sentences."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cliptrail.evals.repeat import FOUNDING
from cliptrail.evidence.batches import batches
from cliptrail.prompts.fence import fence, fence_lines
from cliptrail.state.media import Transcript
from cliptrail.tools.library.bundled import bundled_transcripts
from cliptrail.tools.library.importing import read_files
from cliptrail.tools.text.length import most_tokens

VOCABULARY = "o200k_base"


def as_captions(transcripts: Sequence[Transcript]) -> str:
    """Return transcripts as 0.1 showed them: JSON with id, seconds and words of each caption."""
    return fence("transcripts", [_video(n, row) for n, row in enumerate(transcripts, 1)])


def _video(number: int, row: Transcript) -> dict[str, Any]:
    return {
        "id": f"v{number}",
        "title": row.video.title,
        "channel": row.video.channel,
        "segments": [
            [f"v{number}.{n}", round(segment.start, 1), segment.text]
            for n, segment in enumerate(row.segments)
        ],
    }


def as_sentences(transcripts: Sequence[Transcript]) -> str:
    """Return transcripts as prompts show them now: numbered sentences, one a line."""
    read = {row.video.video_id: row for row in transcripts}
    parts = batches(read, space=10**9)
    return fence_lines("transcripts", "\n".join(part.shown() for part in parts))


def counters() -> dict[str, Callable[[str], int]]:
    """Return the ways to count: by this project's bound, and by a model's own vocabulary.

    The latter is not downloaded: set TIKTOKEN_CACHE_DIR to a folder that holds it.
    """
    ways: dict[str, Callable[[str], int]] = {"our upper bound": most_tokens}
    if os.environ.get("TIKTOKEN_CACHE_DIR"):
        from tiktoken import get_encoding

        encoding = get_encoding(VOCABULARY)
        ways[VOCABULARY] = lambda text: len(encoding.encode(text, disallowed_special=()))
    return ways


def of_founding() -> list[Transcript]:
    """Return the bundled transcripts of the channels that the founding request names."""
    return [row for row in bundled_transcripts() if row.video.channel in FOUNDING]


def longest_of(folder: Path) -> list[Transcript]:
    """Return the transcript of a folder that has the most words."""
    found = [row for row in read_files([folder]) if isinstance(row, Transcript)]
    return [max(found, key=lambda row: sum(len(part.text.split()) for part in row.segments))]


def main(
    transcripts: Annotated[
        Path | None, typer.Option(help="Folder of transcripts; its longest is measured too.")
    ] = None,
) -> None:
    """Print the tokens of transcripts in a prompt, before and after."""
    rows = {"founding request, bundled": of_founding()}
    if transcripts is not None:
        rows["longest transcript"] = longest_of(transcripts)
    typer.echo("| Transcripts | Words | Counted by | As captions | As sentences | Less |")
    typer.echo("| --- | --- | --- | --- | --- | --- |")
    for name, shown in rows.items():
        words = sum(len(part.text.split()) for row in shown for part in row.segments)
        for way, count in counters().items():
            before, after = count(as_captions(shown)), count(as_sentences(shown))
            less = f"{100 * (1 - after / before):.0f} %"
            typer.echo(f"| {name} | {words:,} | {way} | {before:,} | {after:,} | {less} |")


if __name__ == "__main__":
    typer.run(main)
