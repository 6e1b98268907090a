"""Runs of the command line on the page: listed and read, and gone on with only in a terminal."""

import httpx
import pytest
from playwright.async_api import expect

from tests.server.conftest import Server
from tests.web.conftest import Visitor, asked_in_a_terminal, threads_of

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture(scope="module")
def told(web_server: Server) -> str:
    """A thread of the command line that has ended with a guide."""
    return asked_in_a_terminal(web_server, "How do I steam milk?")


async def test_a_run_of_the_command_line_is_read(visitor: Visitor, told: str) -> None:
    page = await visitor.open("/runs")
    row = page.locator(".runs li", has=page.locator(f'a[href$="{told}"]'))
    await expect(row).to_contain_text("command line")
    await expect(row.get_by_role("button")).to_have_count(0)
    await row.get_by_role("link").click()
    await page.locator(".chip").first.click()
    await expect(page.locator("dialog mark").first).to_be_in_viewport()
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Trail", exact=True).click()
    await expect(page.get_by_role("heading", name="Plan against actual")).to_be_visible()
    await visitor.shot("command-line")


async def test_one_that_has_not_ended_says_how_to_go_on(
    visitor: Visitor, web_server: Server, told: str
) -> None:
    threads = threads_of(web_server)
    asked = "How do I train a sloth?"
    began = {"thread_id": "stopped-early", "status": "waiting", "request": asked}
    threads.put(threads.find(told).model_copy(update=began))
    page = await visitor.open("/runs")
    row = page.locator(".runs li", has_text=asked)
    await expect(row).to_contain_text("waits for you")
    await expect(row).to_contain_text("cliptrail resume stopped-early")
    await expect(row.get_by_role("link")).to_have_count(0)
    async with httpx.AsyncClient(base_url=web_server.url, trust_env=False) as http:
        answer = await http.get("/app/api/command-line/stopped-early/trail")
        assert answer.status_code == 400
        assert "cliptrail resume" in answer.json()["next_step"]
        nothing = await http.get("/app/api/command-line/nothing/trail")
        assert nothing.status_code == 404
