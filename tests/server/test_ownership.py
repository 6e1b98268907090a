"""Keys: nobody without one; a second key sees, resumes, cancels and reads nothing of the first."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_client

from cliptrail.tools.keys import hash_of, new_key, remove_key
from cliptrail.tools.settings import Settings
from tests.limits import SOON
from tests.server.conftest import Conversation, Payload, Server, new_thread, running
from tests.server.held import held_at, held_run, let_go

pytestmark = pytest.mark.slow

KEYS = {name: f"ct_of_{name}" for name in ("alice", "bob")}
AUTO = {"library": "samples", "approval": "auto"}
SECRET = "brisket-of-alice"
"""Stands in whatever is alice's."""
NOTHING = "00000000-0000-4000-8000-000000000000"
OPEN = {"/ok", "/info", "/metrics", "/docs"}
"""What a load balancer and a monitor see."""
REFUSED = {403, 404, 409, 501}
"""501: sizes are not told to anybody with a checkpointer of one's own."""
RUN: Payload = {"assistant_id": "planner", "input": {}}
BODIES: dict[str, Payload] = {
    "POST /threads": {"if_exists": "do_nothing", "metadata": {"graph_id": "planner"}},
    "POST /threads/prune": {"strategy": "delete"},
    "POST /threads/{thread_id}/state": {"values": {"message": "mine"}},
    "POST /threads/{thread_id}/state/checkpoint": {"checkpoint": {"checkpoint_id": NOTHING}},
    "PATCH /threads/{thread_id}": {"metadata": {"owner": "bob"}},
    "POST /threads/{thread_id}/runs": RUN | {"command": {"resume": "x"}},
    "POST /threads/{thread_id}/runs/wait": RUN,
    "POST /threads/{thread_id}/runs/stream": RUN,
    "POST /threads/{thread_id}/runs/crons": RUN | {"schedule": "* * * * *"},
    "PATCH /runs/crons/{cron_id}": {"schedule": "* * * * *"},
    "POST /threads/{thread_id}/stream/events": {"channels": ["values"]},
    "POST /threads/{thread_id}/commands": {"id": 1, "method": "run.start", "params": RUN},
    "POST /app/api/runs/{thread_id}/feedback": {"verdict": "good"},
}
"""What a call needs to be understood."""


@dataclass
class Alices:
    """What alice has on the server."""

    server: Server
    thread_id: str
    run_id: str
    cron_id: str
    held: Path

    def call(self, key: str, method: str, path: str) -> httpx.Response:
        """Call an endpoint of the server on what is alice's."""
        body = BODIES.get(f"{method} {path}", {})
        if path == "/threads":
            body = body | {"thread_id": self.thread_id}
        elif path == "/threads/prune":
            body = body | {"thread_ids": [self.thread_id]}
        elif path == "/runs/cancel":
            body = {"thread_id": self.thread_id, "run_ids": [self.run_id]}
        where = path.format(
            thread_id=self.thread_id,
            run_id=self.run_id,
            cron_id=self.cron_id,
            checkpoint_id=NOTHING,
            assistant_id="planner",
            namespace="x",
            kind="guide",
            video_id="ct-k-setupz",
            name="samples",
        )
        with caller(self.server, key) as http:
            return http.request(method, where, json=body if method != "GET" else None)


def caller(server: Server, key: str, **headers: str) -> httpx.Client:
    named = {"x-api-key": KEYS.get(key, key)} if key else {}
    return httpx.Client(
        base_url=server.url,
        headers=named | headers,
        trust_env=False,
        timeout=SOON,
        follow_redirects=True,
    )


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two keys in its environment."""
    known = ",".join(f"{name}:{hash_of(key)}" for name, key in KEYS.items())
    settings = {"CLIPTRAIL_API_KEYS": known, "LANGGRAPH_STRICT_MSGPACK": "true"}
    with running(tmp_path_factory.mktemp("guarded"), **settings) as server:
        yield server
        assert "Blocked deserial" not in server.log


@pytest.fixture
async def alices(guarded: Server, tmp_path: Path) -> AsyncIterator[Alices]:
    """A run of alice that waits in the middle."""
    place = tmp_path / "held"
    async with get_client(url=guarded.url, api_key=KEYS["alice"]) as client:
        talk = await new_thread(client)
        given = held_run(place, "alice.md") | {"request": SECRET}
        run = await client.runs.create(talk.thread_id, "planner", input=given, context=AUTO)
        cron: Any = await client.crons.create("planner", schedule="0 0 1 1 *", input=given)
        await held_at(place)
        yield Alices(guarded, talk.thread_id, run["run_id"], cron["cron_id"], place)
        let_go(place)
        await client.runs.join(talk.thread_id, run["run_id"])


def refused(answer: httpx.Response) -> bool:
    """Return whether a call got nothing; a stream that was opened already says so in it."""
    if answer.status_code == 200 and not answer.content:
        return True  # a stream that was closed at once
    if answer.status_code == 200:
        told = answer.text.startswith(("event: error", '{"type":"error"'))
        return told and "404: " in answer.text
    return answer.status_code in REFUSED


def operations(server: Server) -> list[tuple[str, str]]:
    """Every endpoint that the server says it has."""
    with caller(server, "alice") as http:
        described = http.get("/openapi.json").json()
    return [(verb.upper(), path) for path, verbs in described["paths"].items() for verb in verbs]


def test_nobody_comes_in_without_a_key(guarded: Server) -> None:
    let_in = {
        (verb, path)
        for verb, path in operations(guarded)
        for key in ("", "ct_wrong")
        if Alices(guarded, NOTHING, NOTHING, NOTHING, Path()).call(key, verb, path).status_code
        not in (401, 403)
    }
    assert {path for _, path in let_in} <= OPEN
    with caller(guarded, "", **{"x-auth-scheme": "langsmith"}) as http:
        assert http.post("/threads/search", json={}).status_code == 401
    with caller(guarded, "", authorization=f"Bearer {KEYS['bob']}") as http:
        assert http.post("/threads/search", json={}).status_code == 200


async def test_a_second_key_gets_nothing_of_the_first_by_any_verb(alices: Alices) -> None:
    of_one = [
        (verb, path)
        for verb, path in operations(alices.server)
        if "{thread_id}" in path
        or "{cron_id}" in path
        or path in ("/threads/prune", "/runs/cancel")
    ]
    assert len(of_one) > 25
    got = {}
    for verb, path in [*of_one, ("POST", "/threads")]:
        answer = await asyncio.to_thread(alices.call, "bob", verb, path)
        if not refused(answer) or SECRET in answer.text:
            got[verb, path] = answer.status_code, answer.text
    assert not got, got
    own = await asyncio.to_thread(alices.call, "alice", "GET", "/threads/{thread_id}")
    assert (own.json()["status"], own.json()["metadata"]["owner"]) == ("busy", "alice")
    run = await asyncio.to_thread(alices.call, "alice", "GET", "/threads/{thread_id}/runs/{run_id}")
    assert run.json()["status"] == "running"


@pytest.mark.parametrize("what", ["/threads", "/runs/crons", "/assistants"])
def test_a_search_finds_ones_own(alices: Alices, what: str) -> None:
    with caller(alices.server, "bob") as bob, caller(alices.server, "alice") as alice:
        found = bob.post(f"{what}/search", json={"metadata": {"owner": "alice"}}).json()
        assert found == []
        assert SECRET not in bob.post(f"{what}/search", json={}).text
        assert alice.post(f"{what}/search", json={}).json()


def test_patterns_are_the_same_for_all_and_nobodys(guarded: Server) -> None:
    with caller(guarded, "bob") as bob:
        (planner,) = bob.post("/assistants/search", json={"graph_id": "planner"}).json()
        place = f"/assistants/{planner['assistant_id']}"
        assert bob.get(f"{place}/schemas").status_code == 200
        codes = [
            bob.post("/assistants", json={"graph_id": "planner"}).status_code,
            bob.patch(place, json={"name": "mine"}).status_code,
            bob.delete(place).status_code,
        ]
    assert codes == [403, 403, 403]


def test_stored_items_are_ones_own(guarded: Server) -> None:
    item = {"namespace": ["notes"], "key": "k", "value": {"text": SECRET}}
    with caller(guarded, "bob") as bob, caller(guarded, "alice") as alice:
        assert alice.put("/store/items", json=item).is_success
        got = alice.get("/store/items", params={"namespace": "notes", "key": "k"}).json()
        assert (got["value"], got["namespace"]) == ({"text": SECRET}, ["alice", "notes"])
        for namespace in (["notes"], ["alice", "notes"], []):
            place = {"namespace": ".".join(namespace) or "x", "key": "k"}
            assert SECRET not in bob.get("/store/items", params=place).text
            found = bob.post("/store/items/search", json={"namespace_prefix": namespace})
            assert found.json() == {"items": []}
            bob.request("DELETE", "/store/items", json={"namespace": namespace, "key": "k"})
        assert bob.post("/store/namespaces", json={}).json() == {"namespaces": []}
        assert alice.get("/store/items", params={"namespace": "alice.notes", "key": "k"}).json()


async def test_files_lie_in_ones_own_folder(guarded: Server) -> None:
    given = {"request": "How do I rest a brisket?", "output": "rested.md"}
    for name, key in KEYS.items():
        async with get_client(url=guarded.url, api_key=key) as client:
            ended = await (await new_thread(client)).run(input=given, context=AUTO)
            assert ended["files"][0] == str(guarded.outputs / name / "rested.md")
            elsewhere = AUTO | {"output_dir": str(guarded.outputs / "alice"), "overwrite": True}
            tried = await (await new_thread(client)).run(input=given, context=elsewhere)
            assert (tried["status"] == "failed") == (name == "bob")
    assert not (guarded.outputs / "rested.md").exists()


async def test_a_thread_that_the_server_forgot_stays_its_owners(
    alices: Alices, tmp_path: Path
) -> None:
    """Its row is lost in a crash, its checkpoints are not: who knows its id still gets nothing."""
    let_go(alices.held)
    async with get_client(url=alices.server.url, api_key=KEYS["alice"]) as client:
        await client.runs.join(alices.thread_id, alices.run_id)
    folder = alices.server.outputs.parent
    known = ",".join(f"{name}:{hash_of(key)}" for name, key in KEYS.items())
    twin = tmp_path / "twin"
    twin.mkdir()
    settings = {"CLIPTRAIL_API_KEYS": known, "CLIPTRAIL_DATA_DIR": str(folder / "data")}
    with running(twin, **settings) as server:
        forgotten = Alices(server, alices.thread_id, NOTHING, NOTHING, alices.held)
        assert forgotten.call("bob", "POST", "/threads").status_code == 409
        with caller(server, "bob") as bob:
            body = RUN | {"if_not_exists": "create"}
            answer = bob.post(f"/threads/{alices.thread_id}/runs/wait", json=body)
        assert (answer.status_code, SECRET in answer.text) == (404, False)
        assert forgotten.call("alice", "POST", "/threads").is_success
        state = forgotten.call("alice", "GET", "/threads/{thread_id}/state").json()
        assert SECRET in json.dumps(state)


def test_a_key_counts_from_when_it_is_made_until_it_is_removed(guarded: Server) -> None:
    settings = Settings(data_dir=guarded.outputs.parent / "data")
    carol = new_key("carol", settings)
    with caller(guarded, carol) as http:
        assert http.post("/threads/search", json={}).json() == []
        remove_key("carol", settings)
        assert http.post("/threads/search", json={}).status_code == 401


class TestWithoutKeys:
    """The server answers this machine, and no page that a browser on it happens to show."""

    @pytest.mark.parametrize(
        ("headers", "allowed"),
        [
            ({}, True),
            ({"origin": "http://localhost:5173"}, True),
            ({"origin": "https://smith.langchain.com"}, True),
            ({"origin": "https://evil.example"}, False),
            ({"origin": "null"}, False),
            ({"host": "evil.example:2024"}, False),
            ({"origin": "https://smith.langchain.com.evil.example"}, False),
        ],
    )
    def test_who_is_let_in(self, server: Server, headers: dict[str, str], allowed: bool) -> None:
        with caller(server, "", **headers) as http:
            answer = http.post("/threads/search", json={})
        assert answer.status_code == (200 if allowed else 401)
        if not allowed:
            assert "cliptrail key new NAME" in answer.json()["detail"]

    async def test_who_is_here_sees_all(self, server: Server) -> None:
        async with get_client(url=server.url, api_key=None) as client:
            talk: Conversation = await new_thread(client)
            found = await client.threads.search(ids=[talk.thread_id])
            assert [row["metadata"] for row in found] == [{"owner": "local"}]
