"""Who calls a route of ours, and what of the server's threads they may read."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

import httpx
from fastapi import Depends, Request

from cliptrail.state.errors import UsageError
from cliptrail.tools.keys import LOCAL
from cliptrail.web.auth import who

IDENTIFYING = ("authorization", "x-api-key", "host", "origin")
"""Headers by which the server tells who calls."""


class NoSuchRun(UsageError):
    """There is no such thread, or not for this caller."""


@dataclass(frozen=True)
class Caller:
    """Whoever made a request."""

    owner: str
    """Empty where nobody else uses the server."""
    request: Request

    async def state(self, thread_id: str) -> dict[str, Any]:
        """Return the state of a thread, as the server's own API gives it to this caller.

        Raises:
            NoSuchRun: there is none, or it is somebody else's.
        """
        values = (await self._asked(thread_id, "state")).get("values")
        return values if isinstance(values, dict) else {}

    async def history(self, thread_id: str, limit: int) -> list[dict[str, Any]]:
        """Return the last checkpoints of a thread, the newest first; see `state`.

        Raises:
            NoSuchRun: there is none, or it is somebody else's.
        """
        rows: list[dict[str, Any]] = await self._asked(thread_id, f"history?limit={limit}")
        return rows

    async def _asked(self, thread_id: str, what: str) -> Any:
        """Ask the server's own API for a part of a thread, as this caller."""
        client = self.request.client
        transport = httpx.ASGITransport(
            self.request.app, client=(client.host, client.port) if client else ("", 0)
        )
        given = self.request.headers
        headers = {name: given[name] for name in IDENTIFYING if name in given}
        base = f"{self.request.url.scheme}://{self.request.url.netloc}"
        async with httpx.AsyncClient(transport=transport, base_url=base) as http:
            answer = await http.get(f"/threads/{quote(thread_id, safe='')}/{what}", headers=headers)
        if not answer.is_success:
            raise NoSuchRun(f"There is no run {thread_id}.", "Choose one from the list of runs.")
        return answer.json()


def caller(request: Request) -> Caller:
    """Return who calls, if they may; blocks.

    Raises:
        NotAllowed: there is no such key, or no keys and the call comes from elsewhere.
    """
    identity = who(request.headers, request.client.host if request.client else "")
    return Caller("" if identity == LOCAL else identity, request)


Called = Annotated[Caller, Depends(caller)]
"""The parameter of a route that only who may call gets an answer from."""
