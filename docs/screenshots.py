"""Takes the pictures of the README: the real page of a real server, in a headless Chromium.

Run it from the project's root after a change of the page: make screenshots
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.async_api import Page, async_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs/images"
PORT = 20_247
URL = f"http://127.0.0.1:{PORT}"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SIZE = {"width": 1180, "height": 760}
WITHIN_S = 60
QUESTION = (
    "How do I cook a pork loin on a kamado? Use techniques from Cinder Porch and Smoke Ledger. "
    "I need temperatures, timing and the grill set-up."
)


@contextmanager
def served() -> Iterator[None]:
    """Run `cliptrail serve` in an empty installation."""
    with tempfile.TemporaryDirectory(prefix="cliptrail-") as folder:
        own = {name: f"{folder}/{name}" for name in ("CLIPTRAIL_DATA_DIR", "CLIPTRAIL_OUTPUT_DIR")}
        command = [sys.executable, "-m", "cliptrail.cli.main", "serve", "--port", str(PORT)]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **own})  # noqa: S603
        try:
            yield
        finally:
            process.terminate()
            process.wait()


async def ready() -> None:
    """Wait until the server answers."""
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(WITHIN_S * 10):
            try:
                await http.get(f"{URL}/ok")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return
    raise TimeoutError(f"The server did not answer within {WITHIN_S} s.")


async def keep(page: Page, name: str) -> None:
    """Keep a picture."""
    await page.wait_for_timeout(300)  # fonts and the entering of panels
    await page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


async def take(page: Page) -> None:
    """Go from the question to the trail, and take a picture of each screen that the README has."""
    await page.goto(f"{URL}/app/")
    await page.get_by_label("Your question").fill(QUESTION)
    await page.get_by_role("radio", name="Bundled samples").check()
    await page.get_by_role("button", name="Ask", exact=True).click()
    await page.locator(".step-node").first.wait_for()
    await keep(page, "plan")
    await page.get_by_role("button", name="Approve and run").click()
    await page.locator(".chip").nth(2).click()
    await page.locator("dialog mark").first.wait_for()
    await keep(page, "guide")
    await page.keyboard.press("Escape")
    await page.get_by_role("tab", name="Trail").click()
    await page.locator(".timeline").wait_for()
    await keep(page, "trail")


async def main() -> None:
    """Take all pictures."""
    browser_file = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser_file is None:
        sys.exit("Chromium is not installed: apt-get install chromium")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with served():
        await ready()
        async with async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=browser_file, args=FLAGS)
            await take(await browser.new_page(viewport=SIZE, color_scheme="light"))
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
