"""Which version of cliptrail this is."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def current() -> str:
    """Return the version: of the installation, or of a checkout that runs without one.

    It is "0+unknown" where only the folders were copied, as into a container.
    """
    try:
        return version("cliptrail")
    except PackageNotFoundError:
        project = Path(__file__).parents[1] / "pyproject.toml"
        if not project.is_file():
            return "0+unknown"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
