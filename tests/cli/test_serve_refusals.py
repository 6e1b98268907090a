"""`cliptrail serve` says in one sentence why it does not start."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cliptrail.tools.settings import settings
from cliptrail.web.starting import own_folder
from tests.cli.command import invoke


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """The command prepares its process, which is the tests' own here, to be a server's."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def test_without_its_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langgraph_api", None)
    ran = invoke("serve")
    assert ran.code == 2
    assert 'pip install "cliptrail[serve]"' in ran.err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org"])
def test_without_keys_it_does_not_open_to_other_machines(host: str) -> None:
    ran = invoke("serve", "--host", host)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("Make one first: cliptrail key new NAME\n")


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = invoke("serve", "--port", str(port))
    assert ran.code == 2
    assert f"127.0.0.1:{port} cannot be used" in ran.err
    assert "--port" in ran.err


def test_a_second_server_with_the_same_data_is_refused() -> None:
    """It would do the runs of the first one again."""
    with own_folder(settings()):
        ran = invoke("serve", "--port", "1")
    assert ran.code == 2
    assert ran.err.startswith("Error: Another server runs with the data in ")
    with own_folder(settings()):
        pass  # whoever was refused holds nothing


@pytest.mark.parametrize("name", ["served.sqlite", "store.sqlite"])
@pytest.mark.parametrize("what", [b"no database, " * 100, None], ids=["corrupt", "folder"])
def test_files_that_cannot_be_used_are_told_before_it_starts(
    installation: Path, name: str, what: bytes | None
) -> None:
    installation.mkdir()
    file = installation / name
    file.write_bytes(what) if what else file.mkdir()
    ran = invoke("serve")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith(f"Error: The saved runs in {file} cannot be used: ")
    assert "move the file away" in ran.err
    assert what is None or file.read_bytes() == what


@pytest.mark.parametrize("taken", ["data", "data/server", "data/server/.langgraph_api"])
def test_a_data_folder_that_is_none_is_told(installation: Path, taken: str) -> None:
    file = installation.parent / taken
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    ran = invoke("serve")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("Set CLIPTRAIL_DATA_DIR.\n")


def test_an_output_folder_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").touch()
    monkeypatch.setenv("CLIPTRAIL_OUTPUT_DIR", str(tmp_path / "taken"))
    ran = invoke("serve")
    assert (ran.code, ran.err) == (
        2,
        f"Error: {tmp_path / 'taken'} is no folder. Set CLIPTRAIL_OUTPUT_DIR.\n",
    )


@pytest.mark.parametrize("content", [b"hello\n", b"alice:0123\n", b"\xff\xfe", None])
def test_keys_that_cannot_be_read_are_told(installation: Path, content: bytes | None) -> None:
    installation.mkdir()
    file = installation / "keys"
    file.write_bytes(content) if content else file.mkdir()
    ran = invoke("serve")
    assert (ran.code, ran.out) == (2, "")
    assert str(file) in ran.err
    assert "hello" not in ran.err
