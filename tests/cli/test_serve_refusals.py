"""`cliptrail serve` says in one sentence why it does not start."""

import os
import socket
import sys
from collections.abc import Iterator

import pytest

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
