"""The page beside what may happen to it: a reload, a second tab, a server that dies and is back."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.server.conftest import Server, free_port, running
from tests.server.held import held_at, held_run, let_go
from tests.web.conftest import Come, Visitor, begin

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

FETCHED = ("search", "fetch[0]", "fetch[1]")


async def stands(page: Page, phase: str, *steps: str) -> None:
    """Wait until steps are shown as they stand."""
    for step in steps:
        node = page.locator(".step-node", has=page.get_by_text(step, exact=True))
        await expect(node).to_have_class(re.compile(rf"\b{phase}\b"))


async def test_a_reload_finds_the_run_as_it_stands(
    visitor: Visitor, web_server: Server, tmp_path: Path
) -> None:
    place = tmp_path / "held"
    thread = begin(web_server.url, held_run(place, "reload.md"))
    await held_at(place)
    page = await visitor.open(f"/runs/{thread}")
    for _ in range(2):
        await stands(page, "running", "wait")
        await stands(page, "done", *FETCHED)
        await stands(page, "waiting", "extract", "compose")
        await expect(page.locator(".react-flow__edge")).to_have_count(8)
        await expect(page.locator(".head").get_by_role("status")).to_contain_text("running")
        await visitor.shot("run-alive")
        await page.reload()
    let_go(place)
    await expect(page.locator(".guide")).to_be_visible()


async def test_a_second_tab_sees_the_same(
    visitor: Visitor, web_server: Server, tmp_path: Path
) -> None:
    place = tmp_path / "held"
    thread = begin(web_server.url, held_run(place, "tabs.md"), approval="ask")
    first = await visitor.open(f"/runs/{thread}")
    other = await visitor.another()
    second = await other.open(f"/runs/{thread}")
    await expect(second.get_by_role("button", name="Approve and run")).to_be_visible()
    await first.get_by_role("button", name="Approve and run").click()
    await held_at(place)
    for page in (first, second):
        await stands(page, "running", "wait")
        await stands(page, "done", *FETCHED)
    let_go(place)
    for page in (first, second):
        await expect(page.locator(".guide")).to_be_visible()


async def test_a_run_is_stopped_and_goes_on(
    visitor: Visitor, web_server: Server, tmp_path: Path
) -> None:
    place = tmp_path / "held"
    # An earlier run of the thread has left its status behind, which is not this one's.
    thread = begin(web_server.url, {"request": "Is RAID a backup?"}, wait=True)
    begin(web_server.url, held_run(place, "stopped.md"), on=thread)
    await held_at(place)
    page = await visitor.open(f"/runs/{thread}")
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator(".head").get_by_role("status")).to_contain_text("stopped")
    await page.goto(f"{visitor.url}/app/runs")
    row = page.locator(".runs li", has=page.locator(f'a[href$="{thread}"]'))
    await expect(row).to_contain_text("stopped")
    let_go(place)
    await row.get_by_role("button", name="Resume").click()
    await expect(page.locator(".guide")).to_be_visible()


async def test_the_page_waits_for_a_server_that_died(visit: Come, tmp_path: Path) -> None:
    place, port = tmp_path / "held", free_port()
    with running(tmp_path, port=port) as server:
        thread = begin(server.url, held_run(place, "died.md"))
        await held_at(place)
        visitor = await visit(server.url)
        page = await visitor.open(f"/runs/{thread}")
        await stands(page, "running", "wait")
        server.kill()
        await expect(page.get_by_text("The server does not answer")).to_be_visible()
        await expect(page.locator(".head").get_by_role("status")).to_contain_text("not known")
        await expect(page.get_by_role("button", name="Resume")).to_have_count(0)
        await expect(page.locator(".notice.error")).to_have_count(0)
        await visitor.shot("server-away")
    let_go(place)
    with running(tmp_path, port=port):
        await expect(page.get_by_text("The server does not answer")).to_have_count(0)
        resume = page.get_by_role("button", name="Resume")
        guide = page.locator(".guide")
        await expect(resume.or_(guide)).to_be_visible()
        if await resume.is_visible():
            await resume.click()
        await expect(guide).to_be_visible()
    # While it was away the browser wrote down every call that failed.
    refused = re.compile("Failed to (fetch|load)|network error|ERR_|404|reconnection")
    assert [text for text in visitor.complaints if not refused.search(text)] == []
    visitor.complaints.clear()
