"""From a question to a guide in a browser: ask, edit, approve, watch, look a clip up, keep it."""

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.server.conftest import Server
from tests.web.conftest import Visitor, begin

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

MOST_TABS = 60
"""Keys that it may take to come from one control to another."""


async def test_a_question_becomes_a_guide_that_can_be_kept(
    visitor: Visitor, tmp_path: Path
) -> None:
    run = await visitor.ask()
    page = visitor.page
    await page.locator(".step-node", has_text="search_1").click()
    limit = page.get_by_role("textbox", name="limit", exact=True)
    await limit.fill("many")
    await expect(page.get_by_text("1 fault to mend")).to_be_visible()
    await expect(limit).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_role("button", name="Run the edited plan")).to_be_disabled()
    await visitor.shot("plan-with-a-fault")
    await limit.fill("1")
    changes = page.get_by_text("Your edits").locator("..")
    await expect(changes).to_contain_text("search_1.inputs.limit")
    await expect(changes.locator("ins")).to_have_text("1")
    await page.get_by_role("button", name="Run the edited plan").click()

    await expect(page.locator(".guide")).to_be_visible()
    await expect(page.locator(".head").get_by_role("status")).to_contain_text("complete")
    await page.locator(".chip").first.click()
    marked = page.locator("dialog mark")
    await expect(marked.first).to_be_visible()
    await expect(marked.first).to_be_in_viewport()
    await visitor.shot("clip")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)
    await expect(page.locator(".chip").first).to_be_focused()

    for kind in (".md", ".trail.json"):
        async with page.expect_download() as download:
            await page.get_by_role("button", name=f"Download {kind}").click()
        kept = tmp_path / (await download.value).suggested_filename
        assert kept.name.endswith(kind)
        await (await download.value).save_as(kept)
        if kind == ".md":
            assert kept.read_text().startswith("# ")
        else:
            trail = json.loads(kept.read_bytes())
            assert [row["by"] for row in trail["revisions"]] == ["planner", "person"]
            assert run.endswith(trail["thread_id"])


async def test_a_quote_is_marked_word_for_word(visitor: Visitor, finished: str) -> None:
    page = await visitor.open(f"{finished}/guide")
    chip = page.locator(".chip").nth(3)
    quote = (await chip.get_attribute("title") or "").strip("“”")
    await chip.click()
    await page.locator("dialog mark").first.wait_for()
    marked = " ".join(await page.locator("dialog mark").all_inner_texts())
    assert " ".join(marked.split()) == " ".join(quote.split())


async def test_steps_are_dropped_and_added(visitor: Visitor) -> None:
    await visitor.ask()
    page = visitor.page
    nodes = page.locator(".step-node")
    before = await nodes.count()
    await page.locator(".step-node", has_text="search_2").click()
    await page.get_by_role("button", name="Drop this step").click()
    await expect(page.get_by_text(re.compile(r"faults? to mend"))).to_be_visible()
    await page.get_by_role("button", name=re.compile(r"^transcript_2")).first.click()
    await page.get_by_role("button", name="Drop this step").click()
    await expect(nodes).to_have_count(before - 4)
    await page.get_by_label("Agent of a new step").select_option("search")
    await page.get_by_role("button", name="Add search").click()
    await page.get_by_role("textbox", name="query").fill("kamado vents")
    await expect(nodes).to_have_count(before - 3)
    changes = page.get_by_text("Your edits").locator("..")
    await expect(changes).to_contain_text("− step transcript_2")
    await expect(changes).to_contain_text("+ step search")
    await page.reload()
    await expect(page.get_by_text("Your edits")).to_be_visible()
    await page.get_by_role("button", name="Discard edits").click()
    await expect(nodes).to_have_count(before)


async def test_a_reason_sends_the_plan_back(visitor: Visitor) -> None:
    await visitor.ask()
    page = visitor.page
    await page.get_by_role("button", name="Reject…").click()
    await page.get_by_label("What should be different?").fill("two videos a channel, please")
    await page.get_by_role("button", name="Send back to the planner").click()
    await expect(page.get_by_text("Why there is another plan")).to_be_visible()
    await expect(page.get_by_text("What changed since the last plan")).to_be_visible()
    await page.get_by_role("button", name="Reject…").click()
    await page.get_by_role("button", name="Reject and end").click()
    await expect(page.get_by_role("heading", name="There is no guide")).to_be_visible()
    await expect(page.locator(".badge", has_text="rejected")).to_be_visible()


async def test_a_step_asks_and_goes_on_with_the_answer(
    visitor: Visitor, web_server: Server
) -> None:
    ask = {"agent": "ask", "brief": "Ask."}
    steps = [
        ask | {"id": "grill", "inputs": {"question": "Which grill?", "choices": ["gas", "coal"]}},
        ask | {"id": "meat", "inputs": {"question": "Which cut?"}},
    ]
    given = {"request": "What do I grill?", "stored": {"plan": {"goal": "g", "steps": steps}}}
    thread = begin(web_server.url, given)
    page = await visitor.open(f"/runs/{thread}")
    await expect(page.get_by_role("heading", name="Which grill?")).to_be_visible()
    await expect(page.get_by_role("heading", name="Which cut?")).to_be_visible()
    await visitor.shot("questions")
    await page.get_by_role("button", name="coal").click()
    await expect(page.get_by_role("heading", name="Which grill?")).to_have_count(0)
    await page.get_by_label("Your answer").fill("neck")
    await page.get_by_role("button", name="Answer", exact=True).click()
    await expect(page.locator(".head").get_by_role("status")).to_contain_text(
        re.compile("failed|partial")
    )
    await page.get_by_role("tab", name="Run").click()
    await expect(page.locator(".step-node.done")).to_have_count(2)


async def test_a_run_is_found_opened_and_forked(visitor: Visitor, finished: str) -> None:
    page = await visitor.open("/runs")
    search = page.get_by_label("Search the requests")
    await search.fill("no such words")
    await expect(page.get_by_role("heading", name="No run fits")).to_be_visible()
    await search.fill("KAMADO ledger")
    await page.get_by_label("Any status").select_option("complete")
    row = page.locator(".runs li", has=page.locator(f'a[href$="{finished}"]'))
    await expect(row).to_contain_text("free")
    await row.get_by_role("button", name="Fork…").click()
    await page.get_by_role("link", name="run its last plan again").click()
    await expect(page.get_by_label("Your question")).to_have_value(re.compile("pork loin"))
    await page.get_by_role("button", name="Run again").click()
    await page.get_by_role("button", name="Approve and run").click()
    await expect(page.locator(".guide")).to_be_visible()
    await page.get_by_role("tab", name="Trail").click()
    ledger = page.get_by_role("region", name="Ledger by role")
    await expect(ledger).to_contain_text("compose")
    await expect(ledger).not_to_contain_text("planner")


async def test_a_run_is_removed_only_after_a_second_word(
    visitor: Visitor, web_server: Server
) -> None:
    thread = begin(web_server.url, {"request": "Is RAID a backup?"}, wait=True)
    page = await visitor.open("/runs")
    row = page.locator(".runs li", has=page.locator(f'a[href$="{thread}"]'))
    await row.get_by_role("button", name="Remove").click()
    await page.get_by_role("button", name="Keep").click()
    await expect(row).to_have_count(1)
    await row.get_by_role("button", name="Remove").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(row).to_have_count(0)


async def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press a key until a control has the focus, and can be seen to have it."""
    await target.wait_for()
    for _ in range(MOST_TABS):
        await page.keyboard.press(key)
        if await target.evaluate("element => element === document.activeElement"):
            await expect(target).to_be_in_viewport()
            outline = "element => getComputedStyle(element).outlineStyle"
            assert await target.evaluate(outline) != "none"
            return
    pytest.fail(f"{target} is not reached with {key}")


async def test_the_keyboard_alone_leads_from_the_question_to_a_clip(visitor: Visitor) -> None:
    page = await visitor.open()
    await tab_to(page, page.get_by_label("Your question"))
    await page.keyboard.type("Is RAID a backup?")
    samples = page.get_by_role("radio", name="Bundled samples")
    own = page.get_by_role("radio", name=re.compile("^Your library"))
    await tab_to(page, own if await own.is_checked() else samples)
    if not await samples.is_checked():
        await page.keyboard.press("ArrowDown")
    await expect(samples).to_be_checked()
    await page.keyboard.press("Enter")

    step = page.locator(".step-node").first
    await tab_to(page, step)
    await page.keyboard.press("Enter")
    await tab_to(page, page.get_by_role("textbox", name="Brief"))
    await tab_to(page, page.get_by_role("button", name="Close the step"), "Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(step).to_be_focused()
    await tab_to(page, page.get_by_role("button", name="Approve and run"))
    await page.keyboard.press("Enter")

    chip = page.locator(".chip").first
    await tab_to(page, chip)
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog mark").first).to_be_in_viewport()
    await page.keyboard.press("Escape")
    await expect(chip).to_be_focused()
    await tab_to(page, page.get_by_role("tab", name="Guide"), "Shift+Tab")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Trail")).to_be_focused()
    await expect(page.get_by_role("heading", name="Timeline")).to_be_visible()


async def test_what_cannot_be_done_is_told(visitor: Visitor) -> None:
    page = await visitor.open()
    await page.get_by_label("Your question").fill("Is RAID a backup?")
    await page.get_by_text("More", exact=True).click()
    await page.get_by_label("Model", exact=True).fill("nonsense:x")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await expect(page.get_by_role("heading", name="There is no guide")).to_be_visible()
    await expect(page.get_by_text("Name it as provider:model")).to_be_visible()
    await page.goto(f"{visitor.url}/app/nowhere")
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
