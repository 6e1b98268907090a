"""Real transcripts: what is known of texts that we wrote ourselves holds for how people speak."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from cliptrail.state.media import Transcript
from cliptrail.tools.library.importing import read_files
from cliptrail.tools.library.store import Library
from cliptrail.tools.models.offline.choice.passages import passages
from cliptrail.tools.text.cleaning import clean
from cliptrail.tools.text.numbers import numbers
from cliptrail.tools.text.sentences import joined, sentences
from cliptrail.tools.text.tokens import tokens
from tests.recorded.shared_data import GOLD, TRANSCRIPTS
from tests.talks import imported_whole, segments_in

FILES = sorted(TRANSCRIPTS.glob("*.json"))
SCALES = (1e2, 1e3, 1e6, 1e9)


@pytest.fixture(scope="module")
def score() -> Any:
    """The scorer that somebody else wrote."""
    spec = spec_from_file_location("independent_score", GOLD / "score.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_tokens_equal_those_of_an_independent_scorer(score: Any) -> None:
    for path in FILES:
        for segment in segments_in(path):
            assert tokens(segment.text) == score.tokens(segment.text)


def test_numbers_agree_with_an_independent_scorer(score: Any) -> None:
    """It reads "35 million" as 35 too, and "45 millions" as 45 alone; all else is the same."""
    for path in FILES:
        text = " ".join(segment.text for segment in segments_in(path))
        ours = frozenset().union(*(number.forms for number in numbers(text)))
        theirs = {form for form in score.number_forms(text) if form.count(".") < 2}
        scaled = {score.canon(float(f) * scale): f for f in theirs for scale in SCALES}
        assert theirs - ours <= {scaled.get(form) for form in ours}, path.name
        assert {f for f in ours - theirs if f.count(".") < 2} <= scaled.keys(), path.name


def spoken(path: Path) -> list[str]:
    segments = segments_in(path)
    whole = joined(segments)
    return [whole.text[row.begin : row.stop] for row in sentences(segments, whole)]


def test_passages_keep_their_numbers_when_they_are_cleaned() -> None:
    for path in FILES[::7]:
        for passage in passages(spoken(path)):
            assert numbers(clean(passage.text)) == numbers(passage.text)


def test_passages_hold_every_word_once() -> None:
    for path in FILES:
        said = spoken(path)
        words = " ".join(row.text for row in passages(said)).split()
        assert words == " ".join(said).split(), path.name


def test_transcripts_are_imported_whole(tmp_path: Path) -> None:
    transcripts = [row for row in read_files([TRANSCRIPTS]) if isinstance(row, Transcript)]
    assert len(transcripts) == len(FILES)
    for path, transcript in zip(FILES, transcripts, strict=True):
        assert imported_whole(path, transcript), path.name
    with Library(tmp_path / "library.sqlite") as library:
        assert library.add_many(transcripts) == len(FILES)
        found = library.search("filament voltage", channel="@wizard tim", limit=3)
        assert found
        assert {row.channel for row in found} == {"WizardTim"}
