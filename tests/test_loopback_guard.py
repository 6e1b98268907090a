"""The guard of the test session: nothing leaves this machine, from here or from a subprocess."""

import socket
import subprocess
import sys

import pytest

from tests.loopback import sitecustomize

BEYOND = "192.0.2.1"  # TEST-NET-1: nobody has this address


def test_this_process_connects_to_this_machine_only() -> None:
    with socket.socket() as sock, pytest.raises(ConnectionRefusedError, match="this machine only"):
        sock.connect((BEYOND, 80))
    with pytest.raises(ConnectionRefusedError, match="this machine only"):
        socket.getaddrinfo("example.org", 80)
    assert len(sitecustomize.REFUSED) == 2
    sitecustomize.REFUSED.clear()


def test_a_subprocess_connects_to_this_machine_only() -> None:
    code = f"import socket; socket.socket().connect(('{BEYOND}', 80))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "tests connect to this machine only" in done.stderr


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
