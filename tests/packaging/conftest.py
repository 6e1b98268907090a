"""What is built once for all tests of this folder: the distributions, and what they depend on."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.environments import (
    ROOT,
    SCRIPTS,
    Environment,
    checked,
    link_dependencies,
    write_foreign_packages,
)

FOREIGN = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "somebody-else"
version = "1"
[tool.hatch.build.targets.wheel]
only-include = ["tools", "state", "web", "agents", "graphs"]
"""


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the source distribution, and the wheel that was built from it."""
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    [found] = distributions.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def foreign_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel of somebody else's that has packages named as our folders are."""
    source = write_foreign_packages(tmp_path_factory.mktemp("foreign") / "source")
    (source / "pyproject.toml").write_text(FOREIGN, encoding="utf-8")
    [found] = build(source, source / "dist").glob("*.whl")
    return found


def build(source: Path, folder: Path) -> Path:
    checked(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(source))
    return folder


@pytest.fixture(scope="session")
def dependencies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return link_dependencies(tmp_path_factory.mktemp("dependencies"))


@pytest.fixture(scope="session")
def pip(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Return how to start a pip, which the environment of the tests need not have."""
    folder = tmp_path_factory.mktemp("pip")
    checked(sys.executable, "-m", "venv", str(folder))
    return (str(folder / SCRIPTS / "python"), "-m", "pip")


NewEnvironment = Callable[[Path], Environment]


@pytest.fixture(scope="session")
def new_environment(dependencies: Path, pip: tuple[str, ...]) -> NewEnvironment:
    """Return what makes an environment in a folder: nothing in it but the dependencies."""

    def make(folder: Path) -> Environment:
        checked(sys.executable, "-m", "venv", "--without-pip", str(folder))
        [packages] = folder.rglob("site-packages")
        # What is installed later stands before the lines of a .pth file in sys.path.
        (packages / "dependencies.pth").write_text(f"{dependencies}\n", encoding="utf-8")
        return Environment(folder, pip)

    return make


@pytest.fixture(scope="session")
def installed(
    new_environment: NewEnvironment,
    wheel: Path,
    foreign_wheel: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Environment:
    """Return an environment with the wheel, beside somebody else's packages."""
    environment = new_environment(tmp_path_factory.mktemp("installed") / "env")
    environment.install(str(wheel), str(foreign_wheel))
    return environment
