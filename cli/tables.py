"""Rows for people and for programs: a table in a terminal, tab-separated lines in a pipe."""

import json
import re
import sys
from collections.abc import Iterable, Sequence

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cliptrail.tools.text.cleaning import inert

_UNSEEN = re.compile(r"[\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def plain(text: str) -> str:
    """Return text on one line that cannot steer a terminal, whatever a title or caption holds."""
    return inert(text)


def in_terminal() -> bool:
    """Return whether a person, and no program, reads the output."""
    return sys.stdout.isatty()


def show_rows(
    headers: Sequence[str], rows: Iterable[Sequence[str]], *, named: bool = False
) -> None:
    """Print rows: a table with headers in a terminal, else one tab-separated line a row.

    Args:
        headers: names of the columns.
        rows: a cell for each column.
        named: begin with the headers in a pipe too, where there are several tables.
    """
    cells = [[plain(cell) for cell in row] for row in rows]
    if not in_terminal():
        for row in [headers, *cells] if named else cells:
            typer.echo("\t".join(row))
        return
    table = Table(*headers)
    for row in cells:
        # Text, because a title in brackets is no markup.
        table.add_row(*map(Text, row))
    Console().print(table)


def show_json(value: object) -> None:
    """Print a JSON value, indented; what could steer a terminal is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    typer.echo(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
