"""Who calls a route of ours, and what of the server's threads they may read."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import httpx
from fastapi import Depends, Request

from state.errors import CliptrailError, UsageError

HERE = frozenset({"127.0.0.1", "::1", "localhost"})
IDENTIFYING = ("authorization", "x-api-key", "host", "origin")
"""Headers by which the server tells who calls."""


class NotAllowed(CliptrailError):
    """Whoever calls may not."""


class NoSuchRun(UsageError):
    """There is no such thread, or not for this caller."""


@dataclass(frozen=True)
class Caller:
    """Whoever made a request."""

    request: Request

    async def state(self, thread_id: str) -> dict[str, Any]:
        """Give the state of a thread, as the server's own API gives it to this caller.

        Raises:
            NoSuchRun: there is none, or it is somebody else's.
        """
        client = self.request.client
        transport = httpx.ASGITransport(
            self.request.app, client=(client.host, client.port) if client else ("", 0)
        )
        given = self.request.headers
        headers = {name: given[name] for name in IDENTIFYING if name in given}
        async with httpx.AsyncClient(transport=transport, base_url=_base(self.request)) as http:
            path = f"/threads/{quote(thread_id, safe='')}/state"
            answer = await http.get(path, headers=headers)
        if not answer.is_success:
            raise NoSuchRun(f"There is no run {thread_id}.", "Choose one from the list of runs.")
        values = answer.json().get("values")
        return values if isinstance(values, dict) else {}


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def caller(request: Request) -> Caller:
    """Give who calls, if they may.

    Raises:
        NotAllowed: the call comes from elsewhere, or through a foreign page on this machine.
    """
    host = _host(f"//{request.headers.get('host', '')}")
    origin = request.headers.get("origin")
    foreign = origin is not None and _host(origin) not in HERE
    client = request.client.host if request.client else ""
    if client not in HERE or host not in HERE or foreign:
        raise NotAllowed(
            "This server has no keys, so it answers this machine only.",
            "Open the page on the machine that the server runs on.",
        )
    return Caller(request)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


Called = Annotated[Caller, Depends(caller)]
"""The parameter of a route that only who may call gets an answer from."""
