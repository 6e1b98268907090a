"""An installed cliptrail works beside packages that are named tools, state or web."""

from pathlib import Path

import pytest

from tests.packaging.conftest import NewEnvironment
from tests.packaging.environments import SAMPLES, Environment, write_foreign_packages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
RESEARCH = ("cliptrail", "research", "How do I steam milk?", "--output", "milk.md", *SAMPLES)
SCRIPT = """\
from cliptrail.graphs.registry import patterns
import tools
print(sorted(patterns()), tools.OWNER)
"""


@pytest.mark.parametrize("start", [("cliptrail",), ("python", "-m", "cliptrail.cli.main")])
def test_a_run_works_beside_and_in_a_folder_with_packages_of_the_same_names(
    start: tuple[str, ...], installed: Environment, tmp_path: Path
) -> None:
    assert (installed.site_packages / "tools/__init__.py").is_file()
    project = write_foreign_packages(tmp_path / "project", spoiled=True)
    told = installed.run(*start, *RESEARCH[1:], cwd=project)
    assert "The guide is complete." in told


def test_a_script_beside_its_own_tools_gets_both(installed: Environment, tmp_path: Path) -> None:
    project = write_foreign_packages(tmp_path / "project")
    (project / "mine.py").write_text(SCRIPT, encoding="utf-8")
    told = installed.run("python", "mine.py", cwd=project)
    assert told.split() == ["['handoff',", "'planner',", "'react',", "'supervisor']", "them"]


def test_removing_the_others_removes_nothing_of_ours(
    new_environment: NewEnvironment, wheel: Path, foreign_wheel: Path, tmp_path: Path
) -> None:
    environment = new_environment(tmp_path / "env")
    environment.install(str(wheel), str(foreign_wheel))
    before = files_of(environment.site_packages / "cliptrail")
    environment.uninstall("somebody-else")
    assert not (environment.site_packages / "tools").exists()
    assert files_of(environment.site_packages / "cliptrail") == before
    assert "The guide is complete." in environment.run(*RESEARCH, cwd=tmp_path)


def test_removing_ours_removes_nothing_of_the_others(
    new_environment: NewEnvironment, wheel: Path, foreign_wheel: Path, tmp_path: Path
) -> None:
    environment = new_environment(tmp_path / "env")
    environment.install(str(foreign_wheel), str(wheel))
    environment.uninstall("cliptrail")
    assert not (environment.site_packages / "cliptrail").exists()
    assert (environment.site_packages / "web/__init__.py").is_file()


def files_of(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}
