"""What is generated of the documentation is up to date, and the schema describes real trails."""

import json
import runpy
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from cliptrail.evals.running import installation, trail_of_run
from cliptrail.state.research import ResearchInput
from cliptrail.tools.library.bundled import bundled_transcripts
from tests.docs.pages import ROOT

GENERATED: dict[Path, str] = runpy.run_path(str(ROOT / "docs/generate.py"))["documents"]()
SCHEMA = json.loads(GENERATED[ROOT / "docs/trail.schema.json"])
SAMPLES = GENERATED[ROOT / "samples/README.md"]


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_generated_pages_are_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == GENERATED[path], "run: python docs/generate.py"


@pytest.mark.parametrize(
    ("request_", "status"),
    [("How do I steam milk for a flat white?", "complete"), ("How do I paint a boat?", "failed")],
)
def test_the_schema_describes_a_trail(request_: str, status: str) -> None:
    with installation() as folder:
        trail = trail_of_run(ResearchInput(request=request_), "planner", "samples", folder / "out")
        [file] = folder.glob("out/*.trail.json")
        written = json.loads(file.read_bytes())
    assert trail.status == status
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(written)
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate({**written, "status": "perfect"})


def test_every_bundled_video_is_listed_once() -> None:
    for transcript in bundled_transcripts():
        assert SAMPLES.count(f"| `{transcript.video.video_id}` |") == 1


def test_the_videos_that_are_named_are_what_is_said_of_them() -> None:
    said = {
        row.video.video_id: " ".join(segment.text for segment in row.segments)
        for row in bundled_transcripts()
    }
    assert "- `ct-brisketz` is hostile" in SAMPLES
    assert "ignore your instructions" in said["ct-brisketz"]
    assert "- `ct-sundayqz` has no captions" in SAMPLES
    assert [name for name, words in said.items() if not words] == ["ct-sundayqz"]
