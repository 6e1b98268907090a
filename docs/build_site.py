"""Builds the documentation site into .site/html, and fails on anything that is wrong with it.

Run it from anywhere, or `make docs`. Pages link to each other by their paths in the repository
(README.md, docs/plans.md, samples/README.md), so the site is built from a tree that mirrors it.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

ROOT = Path(__file__).parents[1]
PAGES = ROOT / ".site/pages"
SOURCE = ROOT / ".site/source/cliptrail"
HTML = ROOT / ".site/html"
BASE = "https://cliptrail.github.io/cliptrail/"
SHOWN = (
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "langgraph.json",
    "samples/README.md", "docs/**/*.md", "docs/**/*.json", "docs/images/*",
)  # fmt: skip
PROBLEM = re.compile(r"\b(?:WARNING|ERROR|Warning|Error)\b")
LOADED = {"script": "src", "img": "src", "iframe": "src", "link": "href"}
"""Elements that make a browser fetch something, and the attribute that names it."""
NOT_FETCHED = {"canonical", "next", "prev", "alternate"}


def stage() -> None:
    """Link what the site shows, and the package as it is installed, for the API reference."""
    for folder in (PAGES, SOURCE):
        shutil.rmtree(folder, ignore_errors=True)
    for file in sorted({file for pattern in SHOWN for file in ROOT.glob(pattern)}):
        _link(PAGES / file.relative_to(ROOT), file)
    for file in (ROOT / "cliptrail").iterdir():
        _link(SOURCE / file.name, file)
    for package in ROOT.glob("*/__init__.py"):
        if package.parent.name != "cliptrail":
            _link(SOURCE / package.parent.name, package.parent)


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target, target_is_directory=target.is_dir())


def build() -> list[str]:
    """Build the site; what the builder complains of."""
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    ran = subprocess.run(  # noqa: S603 - a fixed command
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    # In strict mode the builder counts its own warnings only, not those of the API reference.
    if ran.returncode or PROBLEM.search(ran.stdout):
        return [re.sub(r"\x1b\[[0-9;]*m", "", ran.stdout)]
    return []


class _Page(HTMLParser):
    """What a built page links to, loads, and can be linked to at."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = {""}
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        row = {name: value or "" for name, value in attrs}
        self.ids.add(row.get("id", ""))
        if tag == "a" and "href" in row:
            self.links.append(row["href"])
        if tag in LOADED and row.get("rel") not in NOT_FETCHED:
            self.loads.append(row.get(LOADED[tag], ""))


def problems() -> Iterator[str]:
    """Tell of links that lead nowhere, and of what a browser would load from another host."""
    pages = {file: _Page(file) for file in sorted(HTML.rglob("*.html"))}
    for file, page in pages.items():
        name = file.relative_to(HTML).as_posix()
        here = BASE + name.removesuffix("index.html")
        for target in page.loads:
            if not urljoin(here, target).startswith(BASE):
                yield f"{name} loads {target}"
        for target in page.links:
            found = _file(urljoin(here, target))
            if found and not _exists(*found, pages):
                yield f"{name} links to {target}, which is not there"


def _file(url: str) -> tuple[Path, str] | None:
    """Return the file that an address of the site stands for, and the place in it."""
    if not url.startswith(BASE):
        return None
    parts = urlsplit(url)
    path = HTML / unquote(parts.path.removeprefix(urlsplit(BASE).path))
    return (path / "index.html" if path.is_dir() else path), unquote(parts.fragment)


def _exists(file: Path, place: str, pages: dict[Path, _Page]) -> bool:
    return file.is_file() and (file not in pages or place in pages[file].ids)


def _tell(found: Iterable[str]) -> int:
    lines = list(found)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return len(lines)


def main() -> None:
    """Build the site, check it, and say where it is."""
    stage()
    if _tell(build()) or _tell(problems()):
        raise SystemExit(1)
    pages = len(list(HTML.rglob("*.html")))
    sys.stdout.write(f"Built: {pages} pages in {HTML.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
