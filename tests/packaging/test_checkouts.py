"""A checkout works as it is: installed as editable, and not installed at all."""

from pathlib import Path

import pytest

from tests.packaging.conftest import NewEnvironment
from tests.packaging.environments import ROOT, SAMPLES, write_foreign_packages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ASK = ("research", "How do I steam milk?", "--output", "milk.md", *SAMPLES)
WHERE = "import cliptrail.state.plan as plan; print(plan.__file__)"


def test_an_editable_installation_runs_the_files_of_the_checkout(
    new_environment: NewEnvironment, tmp_path: Path
) -> None:
    environment = new_environment(tmp_path / "env")
    environment.install("--editable", str(ROOT))
    project = write_foreign_packages(tmp_path / "project", spoiled=True)
    told = environment.run("python", "-c", WHERE, cwd=project)
    assert Path(told.strip()) == ROOT / "state/plan.py"
    assert "The guide is complete." in environment.run("cliptrail", *ASK, cwd=project)


def test_a_checkout_on_the_path_runs_without_an_installation(
    new_environment: NewEnvironment, tmp_path: Path
) -> None:
    environment = new_environment(tmp_path / "env")
    with (environment.site_packages / "dependencies.pth").open("a", encoding="utf-8") as lines:
        lines.write(f"{ROOT}\n")
    module = ("python", "-m", "cliptrail.cli.main")
    assert "The guide is complete." in environment.run(*module, *ASK, cwd=tmp_path)
    assert environment.run(*module, "--version", cwd=tmp_path).split()[-1][0].isdigit()
