"""The page of a server with keys: it asks for one, and shows each key what is its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from cliptrail.state.context import Context
from cliptrail.tools.keys import hash_of
from cliptrail.tools.threads import Thread
from tests.limits import SOON
from tests.server.conftest import Server, running
from tests.web.conftest import Come, Visitor, threads_of

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

NEW: dict[str, Any] = {"context": Context(), "created": 0.0, "updated": 0.0}
KEYS = {name: f"ct_of_{name}" for name in ("alice", "bob")}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two keys."""
    hashes = ",".join(f"{name}:{hash_of(key)}" for name, key in KEYS.items())
    with running(tmp_path_factory.mktemp("keys"), CLIPTRAIL_API_KEYS=hashes) as started:
        yield started


async def come_in(visitor: Visitor, key: str) -> Page:
    page = await visitor.open()
    await expect(page.get_by_role("heading", name="This server wants a key")).to_be_visible()
    await page.get_by_label("Key", exact=True).fill(key)
    await page.get_by_role("button", name="Go on").click()
    return page


def refused(visitor: Visitor) -> None:
    """Let pass what the browser writes down of an answer that was a refusal."""
    visitor.complaints[:] = [text for text in visitor.complaints if "Failed to load" not in text]


async def test_each_key_sees_its_own(visit: Come, guarded: Server, tmp_path: Path) -> None:
    alice, bob = await visit(guarded.url), await visit(guarded.url)
    page = await come_in(alice, "ct_of_nobody")
    await expect(page.get_by_text("was refused")).to_be_visible()
    await page.get_by_label("Key", exact=True).fill(KEYS["alice"])
    await page.get_by_role("button", name="Go on").click()
    run = await alice.ask("Is RAID a backup?")
    await page.get_by_role("button", name="Approve and run").click()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download .md").click()
    kept = tmp_path / "guide.md"
    await (await download.value).save_as(kept)
    assert kept.read_bytes() == (next((guarded.outputs / "alice").glob("*.md"))).read_bytes()

    theirs = await come_in(bob, KEYS["bob"])
    await expect(theirs.get_by_role("button", name="Is RAID a backup?")).to_be_visible()
    await theirs.goto(f"{guarded.url}/app/runs")
    await expect(theirs.get_by_role("heading", name="Nothing was asked yet")).to_be_visible()
    await theirs.goto(f"{guarded.url}/app{run}")
    await expect(theirs.get_by_role("link", name="See all runs")).to_be_visible()
    for visitor in (alice, bob):
        refused(visitor)


async def test_no_route_gives_away_what_is_another_keys(guarded: Server) -> None:
    async with httpx.AsyncClient(base_url=guarded.url, trust_env=False, timeout=SOON) as http:

        async def call(name: str, method: str, path: str, **rest: object) -> httpx.Response:
            headers = {"x-api-key": KEYS[name]} if name else {}
            return await http.request(method, path, headers=headers, **rest)  # type: ignore[arg-type]

        thread = (await call("alice", "POST", "/threads", json={})).json()["thread_id"]
        body = {
            "assistant_id": "planner",
            "input": {"request": "How do I true a wheel?"},
            "context": {"library": "samples", "approval": "auto"},
        }
        ran = await call("alice", "POST", f"/threads/{thread}/runs/wait", json=body)
        (cited,) = {
            row["video_id"]
            for claim in ran.json()["guide"]["claims"][:1]
            for row in claim["citations"][:1]
        }
        clip = f"/app/api/runs/{thread}/clips/{cited}?start=0&end=1"
        parts = ("trail", "files/guide", "points")
        paths = [*(f"/app/api/runs/{thread}/{part}" for part in parts), clip]
        assert {(await call("alice", "GET", path)).status_code for path in paths} == {200}
        assert {(await call("bob", "GET", path)).status_code for path in paths} == {404}
        closed = [*paths, "/app/api/choices", "/app/api/library/samples/videos"]
        assert {(await call("", "GET", path)).status_code for path in closed} == {401}

        # What the command line did on the server's machine is for nobody who comes with a key.
        local = Thread(thread_id="local", request="?", pattern="planner", status="complete", **NEW)
        threads_of(guarded).put(local)
        assert (await call("alice", "GET", "/app/api/command-line")).json() == []
        told = "/app/api/command-line/local/trail"
        assert (await call("alice", "GET", told)).status_code == 404

        # Bob has the state of a thread of his own say that alice's files are his.
        mine = (await call("bob", "POST", "/threads", json={})).json()["thread_id"]
        await call("bob", "POST", f"/threads/{mine}/runs/wait", json=body)
        forged = {"values": {"files": ran.json()["files"]}}
        changed = await call("bob", "POST", f"/threads/{mine}/state", json=forged)
        assert changed.is_success
        for kind in ("guide", "trail"):
            answer = await call("bob", "GET", f"/app/api/runs/{mine}/files/{kind}")
            assert answer.status_code == 400, answer.text


async def test_an_empty_installation_says_what_to_do(visit: Come, guarded: Server) -> None:
    visitor = await visit(guarded.url)
    await come_in(visitor, KEYS["bob"])
    await expect(visitor.page.get_by_role("button", name="Is RAID a backup?")).to_be_visible()
    page = await visitor.open("/library")
    await expect(page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    await visitor.shot("library-empty")
    await page.get_by_role("link", name="See the samples").click()
    await expect(page.locator(".videos li").first).to_be_visible()
    refused(visitor)
