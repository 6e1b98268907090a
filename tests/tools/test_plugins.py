"""Plugins: what an installed distribution adds by its entry points, and what a broken one says."""

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cliptrail.agents import registry as agent_registry
from cliptrail.agents.registry import agents
from cliptrail.graphs.registry import pattern_named, patterns
from cliptrail.state.context import Context
from cliptrail.state.errors import UsageError
from cliptrail.tools.models import providers
from cliptrail.tools.models.catalog import choose, connect
from cliptrail.tools.models.prices import price
from cliptrail.tools.plugins import forget_plugins
from cliptrail.tools.settings import settings
from cliptrail.tools.sources import registry as source_registry
from cliptrail.tools.sources.registry import source_named, source_names, sources
from cliptrail.tools.workspace import RunSources, open_workspace
from tests.cli.command import cliptrail

MODULE = '''
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from pydantic import BaseModel

from cliptrail.agents.registry import agent
from cliptrail.graphs.planner import build
from cliptrail.state.plan import Cost
from cliptrail.graphs.registry import Pattern
from cliptrail.testing import MemorySource, transcript_of
from cliptrail.tools.models.providers import model_provider
from cliptrail.tools.sources.registry import source


class Words(BaseModel):
    """Words."""

    words: str = ""


@agent(capabilities=("shout",), cost=Cost(seconds=0.1))
async def shout(inputs: Words, ctx) -> Words:
    """Say it loudly."""
    return Words(words=inputs.words.upper())


@source("radio", title="Radio", network=False)
def open_radio(opening):
    """What was on the air."""
    return MemorySource([transcript_of("steam the milk slowly", video_id="one")])


@model_provider("parrot", local=True)
def parrot(name, settings):
    return FakeListChatModel(responses=[name])


again = Pattern("again", "A plan, as always.", build, decides="planner", plans=True)
'''
ENTRIES = {
    "cliptrail.agents": "loud = acme_plugin",
    "cliptrail.sources": "radio = acme_plugin:open_radio",
    "cliptrail.models": "parrot = acme_plugin:parrot",
    "cliptrail.patterns": "again = acme_plugin:again",
}
Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution: a module and its metadata, as an installer leaves them."""
    agents(), sources()  # ours are registered before the tables are copied
    for module, table in (
        (agent_registry, "_AGENTS"),
        (source_registry, "_SOURCES"),
        (providers, "_PROVIDERS"),
    ):
        monkeypatch.setattr(module, table, dict(getattr(module, table)))
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    forget_plugins()

    def installed(text: str = MODULE, **changed: str) -> Path:
        (folder / "acme_plugin.py").write_text(text, encoding="utf-8")
        about = folder / "acme_cliptrail-1.2.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-cliptrail\nVersion: 1.2")
        rows = changed or ENTRIES
        groups = [f"[{name.replace('_', '.')}]\n{row}\n" for name, row in rows.items()]
        (about / "entry_points.txt").write_text("\n".join(groups))
        forget_plugins()
        return folder

    yield installed
    sys.modules.pop("acme_plugin", None)
    forget_plugins()


def test_a_distribution_adds_an_agent_a_source_a_pattern_and_a_model(install: Install) -> None:
    install()
    assert agents()["shout"].summary == "Say it loudly."
    assert (sources()["radio"].title, sources()["radio"].about) == ("Radio", "What was on the air.")
    assert pattern_named("again").plans
    assert "again" in patterns()
    chosen = choose("cheap", settings(), "parrot:polly")
    assert connect(chosen, settings()).invoke("Hello").text == "polly"
    assert price(chosen, 10, 10) == 0


def test_a_run_reads_from_a_source_that_a_distribution_added(install: Install) -> None:
    install()
    workspace = open_workspace(Context(source="radio"), settings(), RunSources())
    (found,) = workspace.source.search("milk")
    assert workspace.transcripts.get(found.video_id).segments[0].text == "steam the milk slowly"


def test_names_of_sources_are_known_without_an_import(install: Install) -> None:
    install("raise RuntimeError('imported')")
    assert source_names() == ("library", "youtube", "radio")


BROKEN = "acme-cliptrail 1.2"


def test_a_broken_plugin_is_told_once_with_its_distribution_and_the_rest_goes_on(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install("import nothing_of_this_name")
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            assert "search" in agents()
            assert set(sources()) == {"library", "youtube"}
            assert "planner" in patterns()
    told = [row.getMessage() for row in caplog.records if row.name == "cliptrail.plugins"]
    assert len(told) == len(set(told)) == 3  # one a group that was looked at
    assert all(BROKEN in row and "No module named 'nothing_of_this_name'" in row for row in told)


@pytest.mark.parametrize(
    "use",
    [
        lambda: source_named("radio"),
        lambda: pattern_named("again"),
        lambda: connect(choose("cheap", settings(), "parrot:polly"), settings()),
    ],
    ids=["source", "pattern", "model"],
)
@pytest.mark.parametrize("text", ["raise SystemExit(3)", "import nothing_of_this_name", "1 +"])
def test_who_asks_for_a_broken_plugin_is_told_why_not(
    use: Callable[[], object], text: str, install: Install
) -> None:
    install(text)
    with pytest.raises(UsageError, match=BROKEN):
        use()


def test_an_entry_point_that_registers_something_else_is_found_out(install: Install) -> None:
    install(**{"cliptrail.sources": "video8 = acme_plugin"})
    with pytest.raises(UsageError, match="registers no source of that name"):
        source_named("video8")


def test_a_name_of_ours_cannot_be_taken(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install(MODULE.replace('"radio"', '"youtube"'), **{"cliptrail.agents": "loud = acme_plugin"})
    assert "shout" in agents()  # what came before the fault in the file
    assert f"{BROKEN} (cliptrail.agents) cannot be loaded: There are two sources" in caplog.text
    assert sources()["youtube"].title == "YouTube"


@pytest.mark.slow
def test_help_is_shown_whatever_is_installed(install: Install) -> None:
    folder = install("raise RuntimeError('no\\nway')")
    ran = cliptrail("research", "--help", variables={"PYTHONPATH": str(folder)})
    assert ran.code == 0
    assert "There are: library, youtube, radio." in " ".join(ran.out.replace("│", " ").split())
    assert ran.err.count(BROKEN) <= 1


@pytest.mark.slow
def test_a_command_that_needs_a_broken_plugin_ends_with_one_message(install: Install) -> None:
    folder = install("raise RuntimeError('no way')")
    ran = cliptrail("research", "x", "--source", "radio", variables={"PYTHONPATH": str(folder)})
    assert ran.code == 2
    errors = [row for row in ran.err.splitlines() if row.startswith("Error: ")]
    assert errors == [
        "Error: The plugin 'radio' of acme-cliptrail 1.2 (cliptrail.sources) cannot be loaded: "
        "RuntimeError: no way. Upgrade or uninstall that package."
    ]
