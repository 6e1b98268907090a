"""The example of the docs that calls the server does what it says."""

import subprocess
import sys
from pathlib import Path

from tests.docs.pages import PAGES, blocks
from tests.limits import SOON
from tests.server.conftest import Server

DEFAULT_URL = "http://127.0.0.1:2024"


def test_the_client_of_the_docs_gets_a_guide(server: Server, tmp_path: Path) -> None:
    (example,) = [
        block.text for page in PAGES for block in blocks(page) if "langgraph_sdk" in block.text
    ]
    assert DEFAULT_URL in example
    (tmp_path / "client.py").write_text(example.replace(DEFAULT_URL, server.url))
    ran = subprocess.run(
        [sys.executable, "client.py"], cwd=tmp_path, capture_output=True, text=True, timeout=SOON
    )
    assert ran.returncode == 0, ran.stderr
    assert "'extract'" in ran.stdout
    assert "The guide is complete." in ran.stdout
