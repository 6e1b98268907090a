"""Reads pages of Markdown: their fenced examples, headings and links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "samples/README.md",
    *sorted(ROOT.glob("docs/**/*.md")),
)

_FENCE = re.compile(r"^```(\w*)(?: title=\"([^\"]+)\")?$")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced example."""

    line: int
    """Of its fence."""
    language: str
    title: str
    """Name of the file that it is; empty if it is none."""
    text: str


@dataclass(frozen=True)
class Command:
    """A line of a console example, and what the page shows below it."""

    line: int
    text: str
    shown: str


def blocks(page: Path) -> Iterator[Block]:
    """Return the fenced examples of a page, in their order."""
    start, language, title, inside = 0, "", "", list[str]()
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if not start and (fence := _FENCE.match(line)):
            start, language, title, inside = number, fence[1], fence[2] or "", []
        elif start and line == "```":
            yield Block(start, language, title, "".join(f"{row}\n" for row in inside))
            start = 0
        elif start:
            inside.append(line)
    assert not start, f"{page}:{start}: the example has no end"


def commands(block: Block) -> Iterator[Command]:
    """Return the commands of a console example with the output shown for each."""
    for part in re.split(r"^(?=\$ )", block.text, flags=re.MULTILINE):
        if part.startswith("$ "):
            text, _, shown = part[2:].partition("\n")
            place = block.text[: block.text.index(part)].count("\n")
            yield Command(block.line + 1 + place, text, shown)


def prose(page: Path) -> str:
    """Return a page without its fenced examples."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)


def links(page: Path) -> list[str]:
    """Return the targets of a page's links."""
    return _LINK.findall(re.sub(r"`[^`\n]*`", "", prose(page)))


def anchors(page: Path) -> set[str]:
    """Return what a link into a page can name: its headings, as GitHub writes them."""
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
