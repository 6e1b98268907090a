"""One real server and one real browser for all tests of this folder."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright, expect

from cliptrail.tools.settings import Settings
from cliptrail.tools.threads import Threads
from tests.limits import SOON
from tests.server.conftest import ROOT, Payload, Server, environment, running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SHOTS = Path(os.environ.get("SCREENSHOTS", ROOT / "screenshots"))
"""Where pictures of the screens are kept, to be looked at."""
WITHIN_MS = int(SOON * 1000 / 2)
expect.set_options(timeout=WITHIN_MS)
LAPTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
QUESTION = (
    "How do I cook a pork loin on a kamado? Use techniques from Cinder Porch and Smoke Ledger. "
    "I need temperatures, timing and the grill set-up."
)


@dataclass
class Visitor:
    """Somebody who has the page open, and what their browser complains of."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    """Requests that leave this server."""

    def watch(self, page: Page) -> None:
        """Note what goes wrong on a page."""
        page.set_default_timeout(WITHIN_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)
        page.on("request", self._asked)

    async def open(self, path: str = "/") -> Page:
        """Go to an address of the page."""
        await self.page.goto(f"{self.url}/app{path}")
        return self.page

    async def ask(self, question: str = QUESTION) -> str:
        """Ask on the first screen, and give the run's address when its plan is there."""
        page = await self.open()
        await page.get_by_label("Your question").fill(question)
        await page.get_by_role("radio", name="Bundled samples").check()
        await page.get_by_role("button", name="Ask", exact=True).click()
        await page.get_by_role("button", name="Approve and run").wait_for()
        await page.locator(".step-node").first.wait_for()
        return urlsplit(page.url).path.removeprefix("/app")

    async def another(self) -> "Visitor":
        """Open a second tab."""
        page = await self.page.context.new_page()
        other = Visitor(page, self.url, self.complaints, self.elsewhere)
        other.watch(page)
        return other

    async def shot(self, name: str) -> None:
        """Keep a picture of the screen as it is."""
        await self.page.screenshot(path=SHOTS / f"{name}.png")  # makes the folder too

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.elsewhere.append(request.url)


@pytest.fixture(scope="session")
def web_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that the tests of this folder share."""
    with running(tmp_path_factory.mktemp("web")) as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium of the system: none is downloaded."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    async with async_playwright() as driver:
        started = await driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        await started.close()


Come = Callable[..., Awaitable[Visitor]]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> AsyncIterator[Come]:
    """Return a function that opens a browser of its own; what goes wrong in it fails the test."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    async def come(url: str, **options: Any) -> Visitor:
        context = await browser.new_context(**({"viewport": LAPTOP} | options))
        contexts.append(context)
        visitor = Visitor(await context.new_page(), url)
        visitor.watch(visitor.page)
        visitors.append(visitor)
        return visitor

    yield come
    for context in contexts:
        await context.close()
    assert [text for visitor in visitors for text in visitor.complaints] == []
    assert [url for visitor in visitors for url in visitor.elsewhere] == []


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(visit: Come, web_server: Server) -> Visitor:
    """Somebody with a laptop."""
    return await visit(web_server.url)


@pytest.fixture(scope="session")
def finished(web_server: Server) -> str:
    """The address of a run that has ended with a guide."""
    return f"/runs/{begin(web_server.url, {'request': QUESTION}, wait=True)}"


def threads_of(server: Server) -> Threads:
    """Return the command line's list of runs in the installation of a server."""
    return Threads(Settings(data_dir=server.checkout.parent / "data").runs_file)


def asked_in_a_terminal(server: Server, question: str) -> str:
    """Run the command line in the installation of a server, and give the run's thread."""
    options = ("--library", "samples", "--model", "offline:rules", "--approve", "auto")
    command = [sys.executable, "-m", "cliptrail.cli.main", "research", question, *options]
    own = environment(server.checkout.parent) | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, env=own, cwd=server.checkout, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return threads_of(server).all()[0].thread_id


def begin(
    url: str,
    given: Payload,
    *,
    wait: bool = False,
    pattern: str = "planner",
    on: str = "",
    **options: Any,
) -> str:
    """Start a run without the page, on a new thread unless one is named, and give its thread."""
    with httpx.Client(base_url=url, trust_env=False, timeout=SOON) as http:
        thread = on or str(http.post("/threads", json={"metadata": {}}).json()["thread_id"])
        body = {
            "assistant_id": pattern,
            "input": given,
            "context": {"library": "samples", "approval": "auto"} | options,
            "stream_resumable": True,
            "stream_mode": ["values", "custom"],
        }
        kind = "/wait" if wait else ""
        http.post(f"/threads/{thread}/runs{kind}", json=body).raise_for_status()
    return thread
