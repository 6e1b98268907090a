"""Refuses connections beyond this machine: imported by the test session, and by its subprocesses.

Python imports a module of this name at its start, so with this folder in PYTHONPATH every Python
process that a test starts has the guard too.
"""

import ipaddress
import sys
from typing import Any

NAMES = frozenset({"localhost", "", "0.0.0.0", "::"})
_EARLIER = sys.modules.get("sitecustomize")
"""This module too, where Python imported it at its start: so in a worker of the test session."""
REFUSED: list[str] = getattr(_EARLIER, "REFUSED", [])
"""Where somebody wanted to connect to, so that a test fails even if the refusal was caught."""


def is_here(host: object) -> bool:
    """Return whether a host is this machine."""
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return name in NAMES or ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        return False


def refuse(event: str, args: tuple[Any, ...]) -> None:
    """Raise ConnectionRefusedError for an audit event that leads beyond this machine."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        if not isinstance(address, tuple) or is_here(address[0]):
            return
    elif event not in {"socket.getaddrinfo", "socket.gethostbyname"} or is_here(args[0]):
        return
    else:
        address = args[0]
    REFUSED.append(f"{event} {address}")
    refusal = f"tests connect to this machine only, not to {address}"
    print(refusal, file=sys.stderr, flush=True)  # noqa: T201 - the raised one may be swallowed
    raise ConnectionRefusedError(refusal)


if not hasattr(_EARLIER, "REFUSED") or __name__ == "sitecustomize":
    sys.addaudithook(refuse)
