"""What the package offers: listed, real, typed, and cheap to import."""

import subprocess
import sys
from importlib.metadata import version
from typing import get_args, get_type_hints

import pytest

import cliptrail
from cliptrail import errors, events
from cliptrail.cli.lazy import COMMANDS
from cliptrail.graphs.registry import OURS
from cliptrail.options import Options
from cliptrail.state import errors as tree
from cliptrail.state.context import Context
from cliptrail.state.events import Event

HEAVY = (
    *("langchain", "langchain_core", "langchain_openai", "langgraph", "langsmith", "openai"),
    *("numpy", "requests", "wordllama", "yt_dlp"),
)


def test_every_name_that_is_listed_is_there() -> None:
    assert sorted(cliptrail.__all__) == list(cliptrail.__all__)
    for name in cliptrail.__all__:
        assert getattr(cliptrail, name) is not None
    assert set(cliptrail.__all__) <= set(dir(cliptrail))


def test_a_name_that_is_not_listed_is_told_like_any_other() -> None:
    with pytest.raises(AttributeError, match="module 'cliptrail' has no attribute 'reserch'"):
        _ = cliptrail.reserch  # type: ignore[attr-defined]


def test_the_version_is_that_of_the_package() -> None:
    assert cliptrail.__version__ == version("cliptrail")


def test_every_error_of_the_tree_is_exported() -> None:
    found = {
        name
        for name, value in vars(tree).items()
        if isinstance(value, type) and issubclass(value, cliptrail.CliptrailError)
    }
    assert set(errors.__all__) == found | {"Failure"}
    assert all(getattr(errors, name) is getattr(tree, name) for name in errors.__all__)


def test_every_event_is_exported() -> None:
    kinds = {kind.__name__ for kind in get_args(get_args(Event)[0])}
    ours = {"Approval", "Event", "Question", "Started", "Waiting"}
    assert set(events.__all__) == kinds | ours


def test_the_options_are_the_fields_of_the_context() -> None:
    fields = {name: row.annotation for name, row in Context.model_fields.items()}
    assert get_type_hints(Options) == fields


@pytest.mark.parametrize("name", OURS)
def test_each_pattern_gives_its_compiled_graph(name: str) -> None:
    assert {"begin", "save", "summary"} <= set(cliptrail.graph(name).nodes)


def test_an_unknown_pattern_is_told() -> None:
    with pytest.raises(cliptrail.errors.UsageError, match="There are: planner"):
        cliptrail.graph("tango")


def loaded_by(code: str) -> set[str]:
    """The heavy packages that a process of its own has loaded after some code."""
    told = f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    names = {name.partition(".")[0] for name in done.stderr.split()}
    assert "cliptrail" in names
    return names.intersection(HEAVY)


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import cliptrail; assert not [n for n in sys.modules if n.startswith('cliptrail.')]"
    assert loaded_by(code) == set()


COMMAND = """
from cliptrail.cli.main import main
sys.argv = ["cliptrail", *{arguments!r}]
try:
    main()
except SystemExit as end:
    assert not end.code
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["patterns"],
        ["threads", "--json"],
        *([name, "--help"] for name in COMMANDS),
    ],
    ids=" ".join,
)
def test_no_help_text_and_no_list_loads_the_engine(arguments: list[str]) -> None:
    assert loaded_by(COMMAND.format(arguments=arguments)) == set()


def test_a_run_without_its_models_does_not_load_openai() -> None:
    code = "import cliptrail\nassert cliptrail.research('How do I steam milk?', library='samples')"
    assert loaded_by(code).isdisjoint({"langchain_openai", "openai", "yt_dlp"})
