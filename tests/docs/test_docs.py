"""The documentation is true: every example runs as shown, every link leads somewhere."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest

from cliptrail import agents
from cliptrail.graphs.registry import OURS
from cliptrail.state.request import Status, StopReason
from tests.docs.pages import PAGES, ROOT, anchors, blocks, commands, links
from tests.docs.session import NOT_RUN, Session, fits

EXAMPLES = [page for page in PAGES if any(blocks(page))]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def lines_typed(page: Path) -> list[str]:
    consoles = (block for block in blocks(page) if block.language == "console")
    return [command.text for block in consoles for command in commands(block)]


def play(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(page, folder, monkeypatch)
    for block in blocks(page):
        session.take(block)


@pytest.mark.parametrize("page", EXAMPLES, ids=name_of)
def test_a_page_does_what_it_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(page, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "example",
    [
        pytest.param("console\n$ cliptrail run nothing.yaml", id="fails"),
        pytest.param("console\n$ cliptrail --help  # exits with 3", id="exit code"),
        pytest.param("console\n$ cliptrail --help\n…\nanother text\n…", id="output"),
        pytest.param("console\n$ python -c 'raise SystemExit(1)'", id="process"),
        pytest.param("python\nassert 1 == 2", id="code"),
        pytest.param("fortran\nSTOP", id="language"),
    ],
)
def test_a_page_that_is_not_true_is_found_out(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n```{example}\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError):
        play(page, tmp_path, monkeypatch)


@pytest.mark.parametrize("page", EXAMPLES, ids=name_of)
def test_every_plan_and_agent_file_of_a_page_is_used(page: Path) -> None:
    typed = "\n".join(lines_typed(page))
    for block in blocks(page):
        if block.language == "yaml" or block.title:
            assert block.title
            assert re.search(rf"\b{re.escape(block.title)}", typed), block


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_what_is_not_run_stands_in_a_page(pattern: str) -> None:
    assert any(re.search(pattern, line) for page in PAGES for line in lines_typed(page))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        if target.startswith("https://"):
            continue
        name, _, heading = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"there is no {target}"
        assert not heading or heading in anchors(file), f"there is no heading {target}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent != ROOT], ids=name_of)
def test_a_page_says_first_what_it_is_for(page: Path) -> None:
    begins = r"# .+\n\nThis page (explains|lists|shows|tells) "
    assert re.match(begins, page.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("plans", agents.__all__),
        ("evidence", [*get_args(Status), *get_args(StopReason)]),
        ("patterns", OURS),
    ],
)
def test_a_page_names_all_that_there_are(page: str, names: Iterable[str]) -> None:
    text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("shown", "output", "fit"),
    [
        ("", "anything", True),
        ("one\ntwo", "one  \n  two\n", True),
        ("one\n…\nthree", "one\ntwo\nthree", True),
        ("one\n…", "one", True),
        ("… of …", "2 of 3", True),
        ("one", "one\ntwo", False),
        ("two\n…", "one\ntwo", False),
        ("1.5", "125", False),
    ],
)
def test_three_dots_stand_for_anything(shown: str, output: str, fit: bool) -> None:
    assert fits(shown, output) is fit
