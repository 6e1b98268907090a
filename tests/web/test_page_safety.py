"""Hostile words stay words: from a transcript, from a model, from a file name."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.server.conftest import Server
from tests.web.conftest import Come, Visitor, begin

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

ATTACKS = (
    "<img src=x onerror=\"document.title='owned'\">",
    "<script>document.title='owned'</script>",
    "![pixel](https://evil.example/pixel.png)",
    "[click](javascript:document.title='owned')",
    "<iframe src=https://evil.example></iframe>",
    "<https://evil.example> &lt;b&gt; &amp;",
)
LINES = [f"Zorbles need {n + 40} grams of salt. {attack}" for n, attack in enumerate(ATTACKS)]

PLAYER = "https://www.youtube-nocookie.com"


@pytest.fixture(scope="module")
def hostile(web_server: Server) -> str:
    """A run on an imported transcript that is full of mark-up."""
    segments = [{"start": 5.0 * n, "duration": 5.0, "text": text} for n, text in enumerate(LINES)]
    video = {"video_id": "hostile", "title": "Zorbles <b>raw</b>", "channel": "<i>Evil</i> & Co"}
    content = json.dumps(video | {"segments": segments})
    with httpx.Client(base_url=web_server.url, trust_env=False) as http:
        imported = http.post("/app/api/library/own/import?file=hostile.json", content=content)
        assert imported.json()["video"], imported.text
    given = {"request": "How many grams of salt do zorbles need?"}
    return f"/runs/{begin(web_server.url, given, wait=True, library='')}"


async def untouched(page: Page) -> None:
    """Nothing of what was said has become a part of the page."""
    assert "owned" not in await page.title()
    inside = page.locator("main, dialog")
    for made in ("img", "script", "iframe", "a[href^=javascript]", "a[href*=evil]", "b", "i"):
        assert await inside.locator(made).count() == 0, made


async def test_mark_up_in_a_transcript_is_shown_and_not_obeyed(
    visitor: Visitor, hostile: str
) -> None:
    page = await visitor.open(f"{hostile}/guide")
    shown = await page.locator(".guide").inner_text()
    assert any(attack in shown for attack in ATTACKS), shown
    await untouched(page)
    await page.locator(".chip").first.click()
    await expect(page.locator("dialog mark").first).to_contain_text("Zorbles need")
    await untouched(page)
    await visitor.shot("hostile-clip")
    for tab in ("plan", "run", "trail"):
        await visitor.open(f"{hostile}/{tab}")
        await page.get_by_role("heading", name="How many grams").wait_for()
        await untouched(page)
    await visitor.open("/library/own/hostile")
    for attack in ATTACKS:
        await expect(page.locator(".transcript")).to_contain_text(attack)
    await untouched(page)


async def test_the_bundled_hostile_transcript_changes_nothing(
    visitor: Visitor, web_server: Server
) -> None:
    before = {path.name for path in web_server.outputs.parent.rglob("*.md")}
    thread = begin(web_server.url, {"request": "How do I rest a brisket?"}, wait=True)
    page = await visitor.open(f"/runs/{thread}/guide")
    await expect(page.locator(".guide")).to_be_visible()
    await untouched(page)
    await visitor.open("/library/samples/ct-brisketz")
    await expect(page.get_by_text("ignore your instructions")).to_be_visible()
    await untouched(page)
    made = {path.name for path in web_server.outputs.parent.rglob("*.md")} - before
    assert len(made) == 1


async def test_the_policy_lets_nothing_in_from_elsewhere(
    visit: Come, web_server: Server, finished: str
) -> None:
    visitor = await visit(web_server.url)
    page = await visitor.open(f"{finished}/guide")
    await page.locator(".chip").first.wait_for()
    blocked: Any = await page.evaluate(
        """async () => {
            const seen = [];
            addEventListener("securitypolicyviolation", (e) => seen.push(e.effectiveDirective));
            const image = document.createElement("img");
            image.src = "https://evil.example/pixel.png";
            const frame = document.createElement("iframe");
            frame.src = "https://evil.example/";
            const script = document.createElement("script");
            try { script.textContent = "1"; } catch { seen.push("trusted-types"); }
            try { document.body.innerHTML += "<p>x</p>"; } catch { seen.push("trusted-types"); }
            document.body.append(image, frame);
            await fetch("https://evil.example/").catch(() => 0);
            await new Promise((resolve) => setTimeout(resolve, 200));
            return seen;
        }"""
    )
    assert {"img-src", "frame-src", "connect-src", "trusted-types"} <= set(blocked)
    assert visitor.complaints
    visitor.complaints.clear()
    visitor.elsewhere.clear()


async def test_every_file_of_the_page_carries_the_policy(web_server: Server) -> None:
    static = Path(__file__).parents[2] / "web/static"
    names = [str(path.relative_to(static)) for path in static.rglob("*") if path.is_file()]
    async with httpx.AsyncClient(base_url=web_server.url, trust_env=False) as http:
        for name in ("", "runs/x/guide", *names):
            answer = await http.get(f"/app/{name}")
            assert answer.status_code == 200, name
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
        for name in ("../app.py", "..%2fapp.py", "assets/none.js", "%2e%2e/access.py"):
            assert (await http.get(f"/app/{name}")).status_code in (404, 405), name
        assert (await http.get("/app")).headers["location"] == "/app/"


async def test_the_player_is_youtubes_and_comes_only_when_asked_for(
    visitor: Visitor, web_server: Server
) -> None:
    url = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    lines = "Glimbers are oiled twice a year. Use 3 drops of linseed oil on a glimber."
    segments = [{"start": 61.5, "duration": 5.0, "text": lines}]
    video = {"video_id": "dQw4w9WgXcQ", "title": "Oiling glimbers", "channel": "Shed", "url": url}
    async with httpx.AsyncClient(base_url=web_server.url, trust_env=False) as http:
        content = json.dumps(video | {"segments": segments})
        imported = await http.post("/app/api/library/own/import?file=g.json", content=content)
        assert imported.json()["video"]["url"] == url
    given = {"request": "How many drops of oil does a glimber need?"}
    thread = begin(web_server.url, given, wait=True, library="")
    # The far end of the wire: what stands in for YouTube is never asked before the click.
    await visitor.page.route(f"{PLAYER}/**", lambda route: route.fulfill(body="a clip"))

    page = await visitor.open(f"/runs/{thread}/guide")
    await page.locator(".chip", has_text="Shed").first.click()
    await expect(page.locator("dialog mark").first).to_contain_text("3 drops of linseed oil")
    link = page.get_by_role("link", name="Open on YouTube")
    await expect(link).to_have_attribute("href", "https://youtu.be/dQw4w9WgXcQ?t=61")
    await expect(page.locator("iframe")).to_have_count(0)
    assert visitor.elsewhere == []

    await page.get_by_role("button", name="Play from 1:01").click()
    frame = page.locator("iframe")
    await expect(frame).to_have_attribute(
        "src", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=61&autoplay=1"
    )
    await expect(page.frame_locator("iframe").get_by_text("a clip")).to_be_visible()
    await expect(page.locator("dialog mark").first).to_be_visible()
    assert visitor.elsewhere
    assert all(one.startswith(f"{PLAYER}/embed/") for one in visitor.elsewhere)
    visitor.elsewhere.clear()
    async with httpx.AsyncClient(base_url=web_server.url, trust_env=False) as http:
        policy = (await http.get("/app/")).headers["content-security-policy"]
    assert [part for part in policy.split("; ") if part.startswith("frame-src")] == [
        "frame-src https://www.youtube-nocookie.com"
    ]
