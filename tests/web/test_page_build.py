"""What is committed of the page is what its source builds, and its types are the server's."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pydantic import BaseModel

from cliptrail.state import errors, evidence, media, plan, request, steps, trail, usage
from cliptrail.state.path import Move
from cliptrail.web.routes import choices, command_line, forks, library, plans, runs
from tests.limits import SOON

PAGE = Path(__file__).parents[2] / "web/page"
STATIC = PAGE.parent / "static"
NPM = shutil.which("npm")
KINDS: dict[str, type[BaseModel]] = {
    "Agent": choices.AgentRow,
    "Change": plan.Change,
    "Checked": plans.Checked,
    "Choices": choices.Choices,
    "Citation": evidence.Citation,
    "Claim": evidence.Claim,
    "Clip": runs.Clip,
    "Cost": plan.Cost,
    "Estimate": plan.Estimate,
    "Exchange": request.Exchange,
    "Failure": errors.Failure,
    "Fault": plan.Fault,
    "Guide": evidence.Guide,
    "Imported": library.Imported,
    "Incident": errors.Incident,
    "Instance": plan.Instance,
    "LocalRun": command_line.LocalRun,
    "ModelCall": usage.ModelCall,
    "Move": Move,
    "OptionRow": choices.OptionRow,
    "Plan": plan.Plan,
    "Point": forks.Point,
    "Revision": plan.Revision,
    "Segment": media.Segment,
    "Sentence": evidence.Sentence,
    "Share": usage.Share,
    "Source": evidence.SourceRef,
    "Step": plan.Step,
    "StepAudit": trail.StepAudit,
    "StepResult": steps.StepResult,
    "Trail": trail.Trail,
    "Transcript": media.Transcript,
    "Usage": usage.Usage,
    "Video": media.Video,
}
"""By the name that the page gives to the type."""


@pytest.mark.slow
@pytest.mark.skipif(not (PAGE / "node_modules").is_dir(), reason="not installed: make page")
def test_the_committed_page_is_what_the_source_builds(tmp_path: Path) -> None:
    assert NPM is not None
    command = [NPM, "run", "build", "--", "--outDir", str(tmp_path), "--emptyOutDir"]
    built = subprocess.run(command, cwd=PAGE, capture_output=True, text=True, timeout=SOON)
    assert built.returncode == 0, built.stdout + built.stderr
    assert contents(tmp_path) == contents(STATIC), "run: make page"


def contents(folder: Path) -> dict[str, int]:
    """Return a hash of each file below a folder, by its path there."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hash(path.read_bytes()) for path in files}


def interfaces() -> dict[str, set[str]]:
    """Return the fields of each interface of the page's types."""
    text = (PAGE / "src/server/types.ts").read_text(encoding="utf-8")
    blocks = re.findall(r"export interface (\w+)[^{]*\{\n(.*?)\n\}", text, re.DOTALL)
    return {name: set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE)) for name, body in blocks}


@pytest.mark.parametrize("name", KINDS)
def test_the_page_reads_no_field_that_the_server_does_not_give(name: str) -> None:
    fields = interfaces()[name]
    assert fields
    assert fields <= set(KINDS[name].model_fields)


def test_every_type_that_the_server_gives_is_held_against_it() -> None:
    own = {"Expectation", "Event", "Question", "Schema", "Values", "Hit"}
    assert set(interfaces()) - own == set(KINDS)
