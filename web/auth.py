"""Who may call the server, and what is theirs: keys, and an owner for everything that is kept.

Without keys the server answers this machine only. Then whoever calls is the one person here, and
sees all. With keys each owner has threads, runs, crons, stored items and files of their own.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from langgraph_sdk import Auth

from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError
from cliptrail.tools.keys import LOCAL, known_keys, owner_of
from cliptrail.tools.settings import settings
from cliptrail.tools.workspace import output_folder
from cliptrail.web.checkpointer import OWNER, thread_owner
from cliptrail.web.run_validation import fault

STUDIO = frozenset({"smith.langchain.com", "eu.smith.langchain.com", "apac.smith.langchain.com"})
"""Whose pages may call a server without keys from a browser on this machine."""
HERE = frozenset({"127.0.0.1", "::1", "localhost"})
READING = frozenset({"read", "search"})
MAKING = frozenset({"create", "create_run"})
KEPT = frozenset({"threads", "crons"})
"""What is kept for an owner, with metadata."""

Headers = Mapping[str, str] | Mapping[bytes, bytes]


class NotAllowed(CliptrailError):
    """Whoever calls may not."""


def who(headers: Headers, client: str = "") -> str:
    """Tell who calls; reads the file with the keys.

    Args:
        headers: of the request. The key is in `X-Api-Key`, or in `Authorization: Bearer KEY`.
        client: the caller's address; empty if it is not known.

    Returns:
        The name of the key; "local" where there are no keys and the call comes from this machine.

    Raises:
        NotAllowed: there is no such key, or there are none and the call comes from elsewhere.
        UsageError: the keys cannot be read.
    """
    named = {_text(name).lower(): _text(value) for name, value in headers.items()}
    if not known_keys(settings()):
        _check_local(named, client)
        return LOCAL
    key = _key(named)
    if not key:
        raise NotAllowed("This server wants a key.", "Send it as X-Api-Key.")
    owner = owner_of(key, settings())
    if not owner:
        raise NotAllowed("This server has no such key.", "Make one: cliptrail key new NAME")
    return owner


def files_of(owner: str) -> Path:
    """Return the folder with an owner's guides and trails: what lies elsewhere is not theirs."""
    return output_folder(Context(), settings(), "" if owner == LOCAL else owner)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _key(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    bearer = token if scheme.lower() == "bearer" else ""
    return (headers.get("x-api-key", "") or bearer).strip()


def _check_local(headers: Mapping[str, str], client: str) -> None:
    """Let in what comes from this machine, and not through a page that a browser here has open."""
    origin = headers.get("origin", "")
    foreign = bool(origin) and _host(origin) not in HERE | STUDIO
    if (
        client.removeprefix("::ffff:") not in HERE
        or foreign
        or _host(f"http://{headers.get('host', '')}") not in HERE
    ):
        raise NotAllowed(
            "This server has no keys, so it answers this machine only.",
            "Make one on the server: cliptrail key new NAME",
        )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


auth = Auth()


@auth.authenticate
async def authenticate(
    headers: dict[bytes, bytes], scope: dict[str, Any] | None = None
) -> Auth.types.MinimalUserDict:
    """Tell the server who calls. A server that gives headers alone must have keys."""
    client = (scope or {}).get("client") or ("",)
    try:
        owner = await asyncio.to_thread(who, headers, client[0])
    except CliptrailError as error:
        raise Auth.exceptions.HTTPException(status_code=401, detail=str(error)) from error
    return {"identity": owner, "is_authenticated": True}


@auth.on
async def authorize(ctx: Auth.types.AuthContext, value: dict[str, Any]) -> Any:
    """Mark what is made with its owner, and give the filter that hides everybody else's."""
    owner = ctx.user.identity
    if ctx.action == "create_run":
        _admit(value)
        _ask_nobody(value)
    if ctx.resource == "assistants":  # the patterns: the same for all
        return owner == LOCAL or ctx.action in READING
    if ctx.resource == "store":
        return owner == LOCAL or _within_own(value, owner)
    if ctx.resource not in KEPT:
        return False
    if ctx.action not in READING | {"delete"}:
        _mark(value, owner)
    if owner == LOCAL:
        return True
    if ctx.action in MAKING and await _is_anothers(value, owner):
        code, why = (409, "This id is taken.") if ctx.action == "create" else (404, "Not found.")
        raise Auth.exceptions.HTTPException(status_code=code, detail=why)
    return {OWNER: owner}


def _admit(value: dict[str, Any]) -> None:
    """Refuse a run that cannot be: the server asks here about every one before it is there."""
    if why := fault(value.get("kwargs") or {}):
        raise Auth.exceptions.HTTPException(status_code=422, detail=why)


def _ask_nobody(value: dict[str, Any]) -> None:
    """Let a run approve its plan by itself where nobody could: its thread goes when it ends.

    MCP makes such runs. Who wants to see the plan only says so: approval "ask".
    """
    kwargs = value.get("kwargs") or {}
    if kwargs.get("temporary"):
        kwargs["context"] = {"approval": "auto"} | (kwargs.get("context") or {})


def _within_own(value: dict[str, Any], owner: str) -> bool:
    """Put a namespace below the owner's, unless it is there."""
    namespace = tuple(value.get("namespace") or ())
    value["namespace"] = namespace if namespace[:1] == (owner,) else (owner, *namespace)
    return True


def _mark(value: dict[str, Any], owner: str) -> None:
    # In place: the server goes on with its own dictionary.
    metadata = value.get("metadata")
    if metadata is None:
        value["metadata"] = {OWNER: owner}
    else:
        metadata[OWNER] = owner


async def _is_anothers(value: dict[str, Any], owner: str) -> bool:
    """Return whether a thread that is to be made has checkpoints of somebody else.

    `langgraph dev` can lose its list of threads when it is killed, and the checkpoints stay.
    """
    thread = value.get("thread_id")
    first = await thread_owner(str(thread)) if thread else ""
    return first not in ("", owner)
