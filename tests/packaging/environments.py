"""Environments of their own, as a user would have one: what the tests here install and run in."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
SAMPLES = ("--library", "samples", "--model", "offline:rules", "--approve", "auto")
OURS = ("cliptrail", "_cliptrail", "__editable__")
"""How files begin that an installation of cliptrail leaves in site-packages."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment that has cliptrail's dependencies, and not cliptrail."""

    folder: Path
    pip: tuple[str, ...]
    """The command that starts a pip; it may be the pip of another environment."""

    @property
    def python(self) -> str:
        return str(self.folder / SCRIPTS / "python")

    @property
    def site_packages(self) -> Path:
        [found] = {path.parent for path in self.folder.rglob("dependencies.pth")}
        return found

    def install(self, *what: str) -> None:
        """Install without dependencies and without a network."""
        options = ("--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed")
        self._pip("install", *options, *what)

    def uninstall(self, name: str) -> None:
        self._pip("uninstall", "--yes", name)

    def run(self, *words: str, cwd: Path, **variables: str) -> str:
        """Run a command of this environment; its output.

        Args:
            words: a program of this environment, and its arguments.
            cwd: where; a run leaves all its files there.
            variables: set beside those of the tests.
        """
        program = str(self.folder / SCRIPTS / words[0])
        paths = {"CLIPTRAIL_DATA_DIR": str(cwd / "data"), "CLIPTRAIL_OUTPUT_DIR": str(cwd)}
        return checked(program, *words[1:], cwd=cwd, **paths, **variables)

    def _pip(self, *words: str) -> None:
        checked(*self.pip, "--python", self.python, "--disable-pip-version-check", *words)


def checked(*command: str, cwd: Path = ROOT, **variables: str) -> str:
    """Run a command that must succeed; what it printed."""
    ran = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, f"{' '.join(command)}\n{ran.stdout}"
    return ran.stdout


def link_dependencies(folder: Path) -> Path:
    """Fill a folder with links to every installed package but cliptrail."""
    for place in map(Path, sys.path):
        if place.name != "site-packages" or not place.is_dir():
            continue
        for entry in place.iterdir():
            link = folder / entry.name
            if not entry.name.startswith(OURS) and entry.suffix != ".pth" and not link.exists():
                link.symlink_to(entry, target_is_directory=entry.is_dir())
    return folder


def write_foreign_packages(folder: Path, *, spoiled: bool = False) -> Path:
    """Write packages that have the names of cliptrail's folders.

    Args:
        folder: where; it is made.
        spoiled: let each raise when it is imported.
    """
    for name in ("tools", "state", "web", "agents", "graphs"):
        package = folder / name
        package.mkdir(parents=True)
        text = (
            "raise ImportError('a package of somebody else')\n" if spoiled else "OWNER = 'them'\n"
        )
        (package / "__init__.py").write_text(text, encoding="utf-8")
    return folder
