"""Markdown as renderers read it, footnotes too: what of a page is structure, and what is text."""

from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token


def footnote_mark(state: StateInline, silent: bool) -> bool:
    """A footnote's mark, as renderers with footnotes read it."""
    end = state.src.find("]", state.pos)
    if not state.src.startswith("[^", state.pos) or not state.src[state.pos + 2 : end].isdigit():
        return False
    if not silent:
        state.push("mark", "sup", 0).content = state.src[state.pos : end + 1]
    state.pos = end + 1
    return True


def reader(*, html: bool) -> MarkdownIt:
    read = MarkdownIt("commonmark", {"html": html}).enable(["table", "strikethrough"])
    read.inline.ruler.before("link", "mark", footnote_mark)
    return read


READERS = [reader(html=False), reader(html=True)]


def flat(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or ())


def structure(page: str, read: MarkdownIt) -> list[tuple[str, str, str]]:
    """Everything of a page that is no text: blocks, links with their targets, footnote marks."""
    shown = ((row, str(row.attrs.get("href", ""))) for row in flat(read.parse(page)))
    return [
        (row.type, row.tag, href or (row.content if row.type == "mark" else ""))
        for row, href in shown
        if row.type not in {"text", "inline", "code_inline"}
    ]


def visible(page: str) -> str:
    shown = {"text", "code_inline", "fence"}
    return "\n".join(row.content for row in flat(READERS[0].parse(page)) if row.type in shown)
