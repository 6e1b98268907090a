"""`langgraph.json` and what `cliptrail serve` uses name the same things, and all are there."""

import importlib
import json
import subprocess
import sys
from typing import Any

from cliptrail.graphs.registry import OURS
from cliptrail.web.configuration import configuration, installed_configuration
from tests.server.conftest import ROOT


def paths(parts: dict[str, Any]) -> list[str]:
    graphs = [row["path"] for row in parts["graphs"].values()]
    return [*graphs, *(parts[name]["path"] for name in ("auth", "checkpointer", "store"))]


def test_the_file_serves_every_pattern_of_the_registry() -> None:
    written = json.loads((ROOT / "langgraph.json").read_text())
    assert written == configuration(), "run: python docs/generate.py"
    assert {name: row["description"] for name, row in written["graphs"].items()} == {
        pattern.name: pattern.summary for pattern in OURS.values()
    }


def test_langgraph_finds_no_fault_in_the_file() -> None:
    command = [sys.executable, "-m", "langgraph_cli", "validate", "--config", "langgraph.json"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_an_installed_server_has_the_same_parts_by_module() -> None:
    here, installed = configuration(), installed_configuration()
    for file, module in zip(paths(here), paths(installed), strict=True):
        name, _, attribute = module.replace(":", ".").rpartition(".")
        assert file == f"./{name.removeprefix('cliptrail.').replace('.', '/')}.py:{attribute}"
        assert (ROOT / file.split(":")[0]).is_file()
        assert hasattr(importlib.import_module(name), attribute)
    assert installed["auth"]["disable_studio_auth"] is here["auth"]["disable_studio_auth"] is True
