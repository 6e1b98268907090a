"""The site is built from all pages, without a warning, and a fault of it would be found."""

import importlib.util
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.pages import PAGES, ROOT

SCRIPT = ROOT / "docs/build_site.py"
SITE = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, with an empty site."""
    spec = importlib.util.spec_from_file_location("build_site", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "HTML", tmp_path)
    return module


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_site_is_built_without_a_warning() -> None:
    ran = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    pages = list((ROOT / ".site/html").rglob("index.html"))
    assert len(pages) >= len(PAGES)
    assert "CliptrailError" in (ROOT / ".site/html/docs/api/errors/index.html").read_text()


def test_every_page_is_in_the_navigation() -> None:
    named = set(files_of(SITE["nav"]))
    assert {page.relative_to(ROOT).as_posix() for page in PAGES} <= named


def files_of(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for entry in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from files_of(entry)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<a href="../there/">', []),
        ('<a href="#here"><p id="here">', []),
        ('<a href="https://example.com/x">', []),
        ('<a href="../gone/">', ["page/index.html links to ../gone/, which is not there"]),
        ('<a href="../there/#no">', ["page/index.html links to ../there/#no, which is not there"]),
        ('<script src="https://cdn.example/x">', ["page/index.html loads https://cdn.example/x"]),
        ('<link rel="canonical" href="https://example.com/">', []),
        (
            '<link rel="stylesheet" href="//cdn.example/a">',
            ["page/index.html loads //cdn.example/a"],
        ),
    ],
)
def test_a_broken_link_or_a_foreign_file_is_found(
    body: str, told: list[str], site: ModuleType, tmp_path: Path
) -> None:
    for name, text in (("page", body), ("there", "<p>")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(text, encoding="utf-8")
    assert list(site.problems()) == told


@pytest.mark.parametrize("said", ["WARNING mkdocstrings: no such object", "ERROR griffe: a"])
def test_what_the_api_reference_complains_of_fails_the_build(
    said: str, site: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.CompletedProcess([], 0, said)
    monkeypatch.setattr(site.subprocess, "run", lambda *_, **__: ended)
    assert site.build() == [said]
