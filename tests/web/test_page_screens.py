"""Every screen, in both themes and on a phone: readable, within its width, and without barriers."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.server.conftest import Server
from tests.web.conftest import LAPTOP, PHONE, QUESTION, Come, begin

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web/page/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_LOOK: dict[str, dict[str, Any]] = {
    "light": {"type": "tag", "values": RULES},
    "dark": {"type": "tag", "values": RULES},
    "phone": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]},
}
"""Most of what axe looks for is the same whatever the look: it takes half a second a screen."""
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": LAPTOP, "color_scheme": "light"},
    "dark": {"viewport": LAPTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light", "has_touch": True, "is_mobile": True},
}
BRIGHT = """() => {
    const light = (text) => {
        const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
        return a < 0.5 ? 0 : (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
    };
    return [...document.querySelectorAll("body, body *")]
        .filter((one) => one.offsetWidth * one.offsetHeight > 12_000 && one.checkVisibility())
        .filter((one) => light(getComputedStyle(one).backgroundColor) > 0.3)
        .map((one) => `bright: ${one.tagName} ${one.className}`);
}"""
"""Finds areas whose colour somebody forgot in the dark: larger than any button, and light."""
Screen = Callable[[Page, str], Awaitable[None]]


async def ask(page: Page, run: str) -> None:
    await page.get_by_role("button", name="Is RAID a backup?").wait_for()
    await page.get_by_text("More", exact=True).click()


async def plan(page: Page, run: str) -> None:
    await page.locator(".step-node").first.click()
    await page.get_by_role("region", name="Step search_1").wait_for()


async def live(page: Page, run: str) -> None:
    await page.locator(".step-node").first.click()
    await page.get_by_text("as a list").click()


async def guide(page: Page, run: str) -> None:
    await page.locator(".chip").first.wait_for()


async def clip(page: Page, run: str) -> None:
    await page.locator(".chip").first.click()
    await page.locator("dialog mark").first.wait_for()


async def conversation(page: Page, run: str) -> None:
    await page.get_by_label("Earlier in this conversation").wait_for()
    follow_up = page.get_by_label("Ask a follow-up")
    await follow_up.scroll_into_view_if_needed()


async def path(page: Page, run: str) -> None:
    await page.locator(".step-node.earlier").first.click()
    await page.locator(".moves > li").first.wait_for()


async def fork(page: Page, run: str) -> None:
    await page.locator(".point").first.click()
    await page.locator(".fork summary").click()


async def grown(page: Page, run: str) -> None:
    await page.get_by_role("heading", name="How the plan came to be").wait_for()


async def trail(page: Page, run: str) -> None:
    await page.locator(".timeline").wait_for()
    await page.get_by_text("Every call").click()


async def runs(page: Page, run: str) -> None:
    await page.locator(".runs li").first.wait_for()


async def library(page: Page, run: str) -> None:
    await page.locator(".videos li").first.wait_for()


async def hits(page: Page, run: str) -> None:
    await page.get_by_label("Find where something is said").fill("vent")
    await page.get_by_role("button", name="Search", exact=True).click()
    await page.locator(".hits li").first.wait_for()


async def transcript(page: Page, run: str) -> None:
    await page.locator(".transcript mark").wait_for()


SCREENS: dict[str, tuple[str, Screen]] = {
    "ask": ("/", ask),
    "plan": ("{waiting}", plan),
    "run": ("{finished}/run", live),
    "guide": ("{finished}/guide", guide),
    "clip": ("{finished}/guide", clip),
    "trail": ("{finished}/trail", trail),
    "conversation": ("{talk}/guide", conversation),
    "path": ("{talk}/run", path),
    "grown-plan": ("{talk}/plan", grown),
    "fork": ("{talk}?fork", fork),
    "runs": ("/runs", runs),
    "library": ("/library/samples", library),
    "library-search": ("/library/samples", hits),
    "transcript": ("/library/samples/ct-k-setupz?at=263", transcript),
}


@pytest.fixture(scope="module")
def waiting(web_server: Server) -> str:
    """The address of a run whose plan waits to be approved."""
    thread = begin(web_server.url, {"request": QUESTION}, wait=True, approval="ask")
    return f"/runs/{thread}"


@pytest.fixture(scope="module")
def talk(web_server: Server) -> str:
    """The address of a conversation of two questions."""
    thread = begin(web_server.url, {"request": QUESTION}, wait=True, pattern="supervisor")
    further = {"request": "And how long should it rest?"}
    return f"/runs/{begin(web_server.url, further, wait=True, pattern='supervisor', on=thread)}"


@pytest.mark.parametrize("look", LOOKS)
async def test_every_screen_can_be_read_by_anybody(
    look: str, visit: Come, web_server: Server, finished: str, waiting: str, talk: str
) -> None:
    visitor = await visit(web_server.url, reduced_motion="reduce", **LOOKS[look])
    found: dict[str, list[str]] = {}
    for name, (address, prepare) in SCREENS.items():
        page = await visitor.open(address.format(finished=finished, waiting=waiting, talk=talk))
        await prepare(page, finished)
        await visitor.shot(f"{name}-{look}")
        found[name] = [*await barriers(page, OF_LOOK[look]), *await overflow(page)]
        if look == "dark":
            found[name] += await page.evaluate(BRIGHT)
    assert {name: rows for name, rows in found.items() if rows} == {}


async def barriers(page: Page, rules: dict[str, Any]) -> list[str]:
    """Return what axe finds against WCAG AA; nothing where it is not installed."""
    if not AXE.exists():
        pytest.skip("axe is not installed: make page")
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
    )
    return [
        f"{row['id']}: {row['nodes'][0]['html'][:160]} {row['nodes'][0]['failureSummary'][:300]}"
        for row in found["violations"]
    ]


async def overflow(page: Page) -> list[str]:
    """Say if the page can be scrolled sideways."""
    wide, there = await page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return [f"{wide} px wide, {there} there are"] if wide > there else []


async def test_the_theme_is_kept(visit: Come, web_server: Server) -> None:
    visitor = await visit(web_server.url, color_scheme="light")
    page = await visitor.open()
    paper = "() => getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(paper)
    for _ in ("light", "dark"):
        await page.get_by_role("button", name=re.compile("^Theme")).click()
    dark = await page.evaluate(paper)
    assert dark != light
    await page.reload()
    assert await page.evaluate(paper) == dark


async def test_an_unknown_run_is_told(visit: Come, web_server: Server) -> None:
    visitor = await visit(web_server.url)
    nothing = "00000000-0000-0000-0000-000000000000"
    page = await visitor.open(f"/runs/{nothing}")
    await expect(page.get_by_role("link", name="See all runs")).to_be_visible()
    # The browser itself writes down that the server answered 404.
    assert all("404" in text for text in visitor.complaints)
    visitor.complaints.clear()
