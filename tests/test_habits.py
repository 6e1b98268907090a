"""How tests are written here, held by program: what they import, what they skip, how they wait."""

import ast
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

TESTS = Path(__file__).parent
MODULES = sorted(TESTS.rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def imported(tree: ast.Module) -> Iterator[str]:
    """Every module, and everything of a module, that a file imports, by its full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (row.name for row in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{row.name}" for row in node.names)


def functions(tree: ast.Module) -> Iterator[Function]:
    return (row for row in ast.walk(tree) if isinstance(row, Function))


def called(node: ast.AST) -> Iterator[str]:
    """What a piece of code calls, as it is written."""
    return (ast.unparse(row.func) for row in ast.walk(node) if isinstance(row, ast.Call))


def faults(source: str) -> list[str]:
    """Everything in a file of tests that this project does otherwise."""
    tree = ast.parse(source)
    names = [
        part for name in imported(tree) for part in name.split(".") if name.startswith("tests.")
    ]
    found = [f"imports {name}" for name in names if name.startswith("test_")]
    for row in functions(tree):
        varied = any("parametrize" in ast.unparse(mark) for mark in row.decorator_list)
        if varied and "pytest.skip" in called(row):
            found.append(f"{row.name} makes parameters that it skips")
    if any(isinstance(row, ast.keyword) and row.arg == "deadline" for row in ast.walk(tree)):
        found.append("sets a deadline of its own")
    return found


def test_every_file_of_tests_keeps_our_habits() -> None:
    found = {str(path.relative_to(TESTS)): faults(path.read_text("utf-8")) for path in MODULES}
    assert found.pop("conftest.py") == ["sets a deadline of its own"]  # the one for all
    assert {name: row for name, row in found.items() if row} == {}


@pytest.mark.parametrize(
    "source",
    [
        "from tests.graphs.test_contract import ended",
        "from tests.graphs import test_contract",
        "import tests.graphs.test_contract",
        "@pytest.mark.parametrize('n', [1])\ndef test_a(n):\n    if n:\n        pytest.skip('no')",
        "@settings(deadline=None)\ndef test_a(): ...",
    ],
)
def test_what_we_do_otherwise_is_found(source: str) -> None:
    assert len(faults(source)) == 1


def test_property_tests_know_no_deadline() -> None:
    assert hypothesis.settings().deadline is None
