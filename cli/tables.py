"""Rows for people and for programs: a table in a terminal, tab-separated lines in a pipe."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text


def plain(text: str) -> str:
    """Give text without control characters: titles and captions must not steer a terminal."""
    shown = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text)
    return " ".join(shown.split())


def in_terminal() -> bool:
    """Tell whether a person, and no program, reads the output."""
    return sys.stdout.isatty()


def show_rows(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows: a table with headers in a terminal, else one tab-separated line a row."""
    cells = [[plain(cell) for cell in row] for row in rows]
    if not in_terminal():
        for row in cells:
            typer.echo("\t".join(row))
        return
    table = Table(*headers)
    for row in cells:
        # Text, because a title in brackets is no markup.
        table.add_row(*map(Text, row))
    Console().print(table)


def show_json(value: object) -> None:
    """Print a JSON value, indented."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
