"""A LangGraph server loads the graphs both ways: files of a checkout, and installed modules."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from cliptrail.web.configuration import installed_configuration
from tests.packaging.conftest import NewEnvironment
from tests.packaging.environments import ROOT, Environment, checked, write_foreign_packages
from tests.server.conftest import environment as settings
from tests.server.conftest import free_port, ready, stop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
LANGGRAPH = ("-m", "langgraph_cli")


def test_a_checkout_that_is_not_installed_is_served_by_its_files(
    new_environment: NewEnvironment, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in ("langgraph.json", *(path.parent.name for path in ROOT.glob("*/__init__.py"))):
        (checkout / name).symlink_to(ROOT / name)
    research_over_the_server(new_environment(tmp_path / "env"), checkout)


def test_an_installation_is_served_by_its_modules(installed: Environment, tmp_path: Path) -> None:
    project = write_foreign_packages(tmp_path / "project", spoiled=True)
    written = {"dependencies": ["."], **installed_configuration()}
    assert written["graphs"]["planner"]["path"] == "cliptrail.graphs.planner:graph"
    (project / "langgraph.json").write_text(json.dumps(written), encoding="utf-8")
    research_over_the_server(installed, project)


def research_over_the_server(environment: Environment, folder: Path) -> None:
    """Validate the folder's langgraph.json, serve it, and have every part of it used."""
    checked(environment.python, *LANGGRAPH, "validate", cwd=folder)
    with served(environment, folder) as url, get_sync_client(url=url, api_key=None) as client:
        use_every_part(client)
    assert list(folder.parent.glob("data/*"))


def use_every_part(client: SyncLangGraphClient) -> None:
    found = {row["graph_id"] for row in client.assistants.search(limit=100)}
    assert found == {"handoff", "planner", "react", "supervisor"}
    thread = client.threads.create()["thread_id"]
    given = {"request": "How do I steam milk?"}
    options: Any = {"library": "samples", "approval": "auto"}
    done: Any = client.runs.wait(thread, "planner", input=given, context=options)
    assert done["status"] == "complete"
    assert client.threads.get_state(thread)["values"]["status"] == "complete"
    client.store.put_item(["notes"], "milk", {"steamed": True})
    item = client.store.get_item(["notes"], "milk")
    assert item["value"] == {"steamed": True}
    assert client.http.get("/app/api/agents")  # of the app's own routes


@contextmanager
def served(environment: Environment, folder: Path) -> Iterator[str]:
    where = ["--host", "127.0.0.1", "--port", str(free_port()), "--no-browser", "--no-reload"]
    log_file = folder.parent / "server.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [environment.python, *LANGGRAPH, "dev", *where],
            cwd=folder,
            env=settings(folder.parent) | {"CLIPTRAIL_AGENTS": "", "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=os.name != "nt",
        )
        try:
            yield ready(process, log_file)
        finally:
            stop(process)
