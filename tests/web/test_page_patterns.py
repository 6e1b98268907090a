"""Patterns that decide as they go, in a browser: the path grows, then there is a guide.

A model server at the far end of the wire answers as the offline engine would, but only when a test
lets it: so what the page shows between two decisions can be looked at.
"""

import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.graphs.offline_server import MODEL, Wire
from tests.limits import SOON
from tests.server.conftest import Payload, Server, running
from tests.tools.models.model_server import Asked, Reply, serving
from tests.web.conftest import QUESTION, Come

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

GROWING = ("supervisor", "react", "handoff")


@dataclass
class Gate:
    """Lets the model's answers out, one by one."""

    wire: Wire = field(default_factory=Wire)
    asked: int = 0
    """How many questions came so far."""
    answered: int = 0
    """How many answers may go out so far."""
    moved: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, asked: Asked) -> Reply:
        with self.moved:
            self.asked += 1
            number = self.asked
            if not self.moved.wait_for(lambda: self.answered >= number, SOON):
                raise TimeoutError("no test let the answer out")
        return self.wire(asked)

    def let_one_out(self) -> None:
        with self.moved:
            self.answered += 1
            self.moved.notify_all()

    @property
    def holds(self) -> bool:
        """Does a question wait for its answer?"""
        return self.asked > self.answered


@dataclass
class Stepwise:
    """A server whose model answers when it is told to."""

    server: Server
    gate: Gate

    async def state(self, thread: str) -> Payload:
        async with httpx.AsyncClient(base_url=self.server.url, trust_env=False) as http:
            return dict((await http.get(f"/threads/{thread}/state")).json()["values"])

    async def decisions(self, page: Page) -> AsyncIterator[Payload]:
        """Return the run's state before each answer of the model, and let it out; until the end."""
        await page.locator(".run").wait_for()
        thread = page.url.split("/")[5]
        deadline = time.monotonic() + SOON
        while not (state := await self.state(thread)).get("files"):
            assert time.monotonic() < deadline, "the run did not end"
            if self.gate.holds:
                yield await self.state(thread)
                self.gate.let_one_out()
            await page.wait_for_timeout(30)
        assert state["status"] == "complete"


@pytest.fixture(scope="module")
def stepwise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stepwise]:
    gate = Gate()
    with serving(gate) as model:
        own = {"CLIPTRAIL_BASE_URL": model.url, "CLIPTRAIL_MODEL": MODEL}
        with running(tmp_path_factory.mktemp("stepwise"), **own) as started:
            yield Stepwise(started, gate)


async def shows(page: Page, state: Payload) -> tuple[int, int]:
    """Wait until the page shows at least what the state holds; give its moves and steps."""
    moves, steps = page.locator(".moves > li"), page.locator(".step-node")
    known = len(state.get("path", ()))
    if known:
        await expect(moves.nth(known - 1)).to_be_visible()
        await expect(steps.first).to_be_visible()
    return await moves.count(), await steps.count()


@pytest.mark.parametrize("pattern", GROWING)
async def test_the_path_grows_and_a_guide_comes_of_it(
    pattern: str, visit: Come, stepwise: Stepwise
) -> None:
    visitor = await visit(stepwise.server.url, color_scheme="dark")
    page = await visitor.open()
    await page.get_by_label("Your question").fill(QUESTION)
    await page.get_by_role("radio", name="Bundled samples").check()
    await page.get_by_role("radio", name=pattern).check()
    await expect(page.get_by_text("Show me the plan first")).to_have_count(0)
    await page.get_by_role("button", name="Ask", exact=True).click()

    seen: list[tuple[int, int]] = []
    reloaded = False
    async for state in stepwise.decisions(page):
        seen.append(await shows(page, state))
        if seen[-1][0] > 1 and not reloaded:
            reloaded = True
            await visitor.shot(f"run-{pattern}-alive-dark")
            await page.reload()
            await expect(page.locator(".head").get_by_role("status")).to_contain_text("running")
            assert await shows(page, state) == seen[-1]
    assert reloaded
    assert [moves for moves, _ in seen] == sorted(moves for moves, _ in seen)
    assert len({moves for moves, _ in seen}) >= 3, seen
    assert len({steps for _, steps in seen}) >= 3, seen

    await expect(page.locator(".guide")).to_be_visible()
    await page.locator(".chip").first.click()
    await expect(page.locator("dialog mark").first).to_be_in_viewport()
    await page.keyboard.press("Escape")
    await page.get_by_role("tab", name="Run").click()
    path = (await stepwise.state(page.url.split("/")[5]))["path"]
    rows = page.locator(".moves > li")
    await expect(rows).to_have_count(len(path))
    assert any(move["reason"] for move in path)
    for place, move in enumerate(path):
        await expect(rows.nth(place)).to_contain_text(move["reason"])
