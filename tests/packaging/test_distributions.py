"""What is published: one package, with everything that it needs and nothing else."""

import email
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from tests.packaging.environments import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def files(wheel: Path) -> frozenset[str]:
    return frozenset(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(archive.read(name))


def test_the_wheel_holds_one_package(files: frozenset[str], wheel: Path) -> None:
    distribution = "-".join(wheel.name.split("-")[:2])
    assert {name.split("/")[0] for name in files} == {"cliptrail", f"{distribution}.dist-info"}


def test_the_wheel_holds_every_module_of_the_program(files: frozenset[str]) -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "tests"}
    for folder in folders - {"cliptrail"}:
        for path in (ROOT / folder).rglob("*.py"):
            assert f"cliptrail/{path.relative_to(ROOT).as_posix()}" in files


@pytest.mark.parametrize(
    "name",
    [
        "cliptrail/py.typed",
        "cliptrail/web/static/index.html",
        "cliptrail/prompts/plan.py",
        "cliptrail/samples/videos/ct-k-setupz.json",
    ],
)
def test_the_wheel_holds_what_the_program_reads(name: str, files: frozenset[str]) -> None:
    assert name in files


def test_the_wheel_holds_no_source_of_the_page(files: frozenset[str]) -> None:
    assert [name for name in files if name.startswith("cliptrail/web/page/")] == []


def test_the_source_distribution_can_build_and_test_everything(distributions: Path) -> None:
    [source] = distributions.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "langgraph.json",
        "web/page/package.json",
        "tests/conftest.py",
    } < names
    assert not [name for name in names if "node_modules" in name or name.startswith(".venv")]


def test_the_project_says_who_makes_it_and_where_it_is(metadata: Message) -> None:
    assert metadata["Author"] == "cliptrail contributors"
    urls = dict(line.split(", ") for line in metadata.get_all("Project-URL", []))
    assert {"Homepage", "Documentation", "Source", "Issues", "Changelog"} <= urls.keys()
    assert any(row.startswith("Development Status") for row in metadata.get_all("Classifier", []))


def test_the_version_has_a_section_in_the_changelog(metadata: Message) -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## {metadata['Version']}" in changes
