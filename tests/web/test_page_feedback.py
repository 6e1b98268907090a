"""The page's thumbs: what a person thinks of a traced run reaches LangSmith."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.server.conftest import Server, running
from tests.tracing.conftest import tracing_to
from tests.tracing.recorder import recording
from tests.web.conftest import Come, begin

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_a_verdict_reaches_the_runs_trace(visit: Come, tmp_path: Path) -> None:
    with recording() as recorder, running(tmp_path, **tracing_to(recorder)) as server:
        given = {"request": "Is RAID a backup?"}
        thread = begin(server.url, given, wait=True, model="offline:rules")
        visitor = await visit(server.url)
        page = await visitor.open(f"/runs/{thread}/guide")
        await page.get_by_role("button", name="Bad").click()
        await page.get_by_label("Why, in your words").fill("One source only.")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("LangSmith has your feedback")).to_be_visible()
        told = recorder.feedback[-1]
        assert told["run_id"] == recorder.roots()[0].id
        assert (told["score"], told["comment"]) == (0, "One source only.")


async def test_a_run_that_was_not_traced_is_not_judged(
    visit: Come, web_server: Server, finished: str
) -> None:
    visitor = await visit(web_server.url)
    page = await visitor.open(f"{finished}/guide")
    await expect(page.locator(".guide")).to_be_visible()
    await expect(page.get_by_text("Was it any good?")).to_have_count(0)
