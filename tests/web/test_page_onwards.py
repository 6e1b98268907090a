"""What comes after a run: a follow-up on its thread, the question anew, a fork from a decision."""

import json
import re
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.limits import SOON
from tests.server.conftest import Payload, Server
from tests.web.conftest import QUESTION, Visitor, begin

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

FOLLOW_UP = "And how long should it rest?"


async def ended(page: Page) -> None:
    await expect(page.locator(".guide")).to_be_visible()
    await expect(page.locator(".head").get_by_role("status")).to_contain_text("complete")


async def given(server: Server, path: str) -> Payload:
    """Return what a route says, in JSON."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=SOON) as http:
        answer = await http.get(path)
        assert answer.is_success, answer.text
        return dict(answer.json())


async def points(server: Server, thread: str) -> list[tuple[str, int]]:
    """Return where a run can be forked."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=SOON) as http:
        rows = (await http.get(f"/app/api/runs/{thread}/points")).json()
    return [(row["kind"], row["number"]) for row in rows]


async def written(server: Server, thread: str) -> str:
    """Return the guide that a run wrote."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=SOON) as http:
        answer = await http.get(f"/app/api/runs/{thread}/files/guide")
        assert answer.is_success, answer.text
        return answer.text


async def test_a_follow_up_goes_on_from_what_was_found(
    visitor: Visitor, web_server: Server
) -> None:
    thread = begin(web_server.url, {"request": QUESTION}, wait=True, pattern="supervisor")
    page = await visitor.open(f"/runs/{thread}/guide")
    await ended(page)
    await expect(page.get_by_label("Earlier in this conversation")).to_have_count(0)
    await page.get_by_label("Ask a follow-up").fill(FOLLOW_UP)
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", level=1)).to_have_text(FOLLOW_UP)
    await ended(page)
    earlier = page.get_by_label("Earlier in this conversation").get_by_role("listitem")
    await expect(earlier).to_have_count(1)
    await expect(earlier).to_contain_text(QUESTION)
    await visitor.shot("follow-up")
    await page.get_by_role("tab", name="Run").click()
    known = page.locator(".step-node.earlier")
    await expect(known.first).to_contain_text("known before")
    values = (await given(web_server, f"/threads/{thread}/state"))["values"]
    assert len(values["conversation"]) == 2
    new = await page.locator(".step-node").count() - await known.count()
    assert new > 0
    await expect(page.locator(".figure").first).to_contain_text(str(new))


async def test_videos_that_were_asked_for_are_listed(visitor: Visitor, web_server: Server) -> None:
    asked = {"request": "Find videos about brisket on a kamado."}
    thread = begin(web_server.url, asked, wait=True, pattern="supervisor")
    page = await visitor.open(f"/runs/{thread}/guide")
    found = (await given(web_server, f"/app/api/runs/{thread}/trail"))["guide"]["videos"]
    assert found
    links = page.locator(".guide .sources a")
    await expect(links).to_have_text([row["title"] for row in found])
    await expect(page.locator(".outcome")).to_contain_text(f"{len(found)} videos found")
    await visitor.shot("videos")
    await links.first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(found[0]["title"])
    await expect(page.locator(".transcript li").first).to_be_visible()


async def test_a_pattern_that_forgets_is_asked_anew(visitor: Visitor, finished: str) -> None:
    page = await visitor.open(f"{finished}/guide")
    await ended(page)
    await expect(page.get_by_label("Ask a follow-up")).to_have_count(0)
    await page.get_by_role("link", name="Ask anew").click()
    await expect(page.get_by_label("Your question")).to_have_value(QUESTION)
    await expect(page.get_by_role("radio", name=re.compile("^planner"))).to_be_checked()
    await expect(page.get_by_role("radio", name="Bundled samples")).to_be_checked()
    await expect(page.get_by_role("radio", name="Run at once")).to_be_checked()
    await page.get_by_label("Your question").fill("Is RAID a backup?")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await ended(page)
    assert not page.url.endswith(f"{finished}/guide")


async def test_an_edited_fork_leaves_the_first_run_whole(
    visitor: Visitor, web_server: Server, finished: str
) -> None:
    thread = finished.removeprefix("/runs/")
    before = await given(web_server, f"/app/api/runs/{thread}/trail")
    guide = await written(web_server, thread)

    page = await visitor.open(f"/runs/{thread}/run")
    await page.get_by_role("button", name="Fork…").click()
    await page.get_by_role("radio", name="Before plan 1 was decided on").check()
    await page.get_by_text("Approval and limits").click()
    await page.get_by_label("Model calls").fill("30")
    await visitor.shot("fork")
    await page.get_by_role("button", name="Go on from here").click()
    await page.get_by_role("button", name="Approve and run").wait_for()
    await page.locator(".step-node", has_text="search_1").click()
    await page.get_by_role("textbox", name="limit", exact=True).fill("1")
    await page.get_by_role("button", name="Run the edited plan").click()
    await ended(page)

    fork = urlsplit(page.url).path.split("/")[3]
    assert fork != thread
    other = await given(web_server, f"/app/api/runs/{fork}/trail")
    assert [row["by"] for row in other["revisions"]] == ["planner", "person"]
    assert (other["options"]["max_calls"], before["options"]["max_calls"]) == (30, 40)
    assert len(other["sources"]) < len(before["sources"])
    assert other["run_id"] != before["run_id"]
    assert await given(web_server, f"/app/api/runs/{thread}/trail") == before
    for name in (thread, fork):
        assert await points(web_server, name) == [("approval", 1), ("decision", 1)]
    assert await written(web_server, thread) == guide != await written(web_server, fork)

    await page.goto(f"{visitor.url}/app/runs")
    for name, forked in ((thread, 0), (fork, 1)):
        row = page.locator(".runs li", has=page.locator(f'a[href$="{name}"]'))
        await expect(row).to_contain_text("complete")
        await expect(row.locator(".tag", has_text="forked")).to_have_count(forked)


async def test_a_fork_goes_on_before_any_decision(visitor: Visitor, web_server: Server) -> None:
    asked = {"request": "Is RAID a backup?"}
    thread = begin(web_server.url, asked, wait=True, pattern="supervisor")
    path = (await given(web_server, f"/threads/{thread}/state"))["values"]["path"]
    page = await visitor.open("/runs")
    row = page.locator(".runs li", has=page.locator(f'a[href$="{thread}"]'))
    await row.get_by_role("button", name="Fork…").click()
    points = page.get_by_role("radio", name=re.compile("^Before decision"))
    await expect(points).to_have_count(len(path))
    await expect(page.locator(".point").first).to_contain_text(path[-1]["reason"])
    await points.first.check()
    await page.get_by_role("button", name="Go on from here").click()
    await page.wait_for_url(lambda url: thread not in url and "/runs/" in url)
    await ended(page)
    fork = urlsplit(page.url).path.split("/")[3]
    after = (await given(web_server, f"/threads/{fork}/state"))["values"]
    first = (await given(web_server, f"/threads/{thread}/state"))["values"]
    shared = [name for name in first["results"] if not name.startswith("compose")]
    assert shared
    assert all(after["results"][name] == first["results"][name] for name in shared)
    assert set(after["files"]).isdisjoint(first["files"])


async def test_two_forks_at_once_do_not_meet(web_server: Server) -> None:
    """Two copies of one waiting run are approved together: each has its own steps and files."""
    asked = {"request": "How do I rest a brisket?"}
    thread = begin(web_server.url, asked, wait=True, approval="ask")
    async with httpx.AsyncClient(base_url=web_server.url, trust_env=False, timeout=SOON) as http:
        copies = [(await http.post(f"/threads/{thread}/copy")).json()["thread_id"] for _ in "ab"]
        every = [thread, *copies]
        body = {
            "assistant_id": "planner",
            "command": {"resume": {"decisions": [{"type": "approve"}]}},
        }
        for name in every:
            (await http.post(f"/threads/{name}/runs", json=body)).raise_for_status()
        runs = [(await http.get(f"/threads/{name}/runs")).json()[0]["run_id"] for name in every]
        for name, run in zip(every, runs, strict=True):
            await http.get(f"/threads/{name}/runs/{run}/join")
        trails = [(await http.get(f"/app/api/runs/{name}/trail")).json() for name in every]
    assert [row["status"] for row in trails] == ["complete"] * 3
    assert [row["thread_id"] for row in trails] == every
    assert len({row["run_id"] for row in trails}) == 3
    calls = [call["id"] for row in trails for call in row["ledger"] if call["role"] != "planner"]
    assert len(calls) == len(set(calls)), json.dumps(calls)
