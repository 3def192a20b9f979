"""The panel's later parts: fetched in a quiet moment, so that a first use needs no line, and asked for again where one could not be fetched."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, Request, Route, expect

from bot.channels.web_assets import static
from bot.channels.web_slim import variables
from conversations.events import Enclosed
from tests.bot.test_widget_edits import written
from tests.bot.test_widget_files import LATER
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, composer, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
PARTS = "**/widget/later/*.js"
SORRY = "That did not work just now. Please try again in a moment."
HASTY = """
const later = window.setTimeout;
window.setTimeout = (act, ms, ...rest) => later(act, ms === 5_000 ? 50 : ms, ...rest);
"""  # what could not be fetched is soon tried again
WHY = "What was wrong with it?"
RESTED = """async () => {
  let rested = 0;
  const list = frontdesk.shadowRoot.querySelector(".scroll");
  const watching = new MutationObserver(() => { rested += list.style.contentVisibility === "hidden"; });
  watching.observe(list, { attributes: true });
  await frontdesk.open();
  await new Promise((done) => setTimeout(done, 200));
  return rested;
}"""  # how often the list was out of sight


async def without_parts(opened: Opened, url: str) -> Page:
    """Return a page whose widget is open and gets none of its later parts."""
    page = await opened(url)
    await page.add_init_script(HASTY)
    await page.route(PARTS, lambda route: route.abort())
    await page.reload()
    await expect(composer(page)).to_be_visible()
    return page


async def test_the_parts_come_after_the_panel_each_once(running: Desk, opened: Opened) -> None:
    page = await opened(running.url + "demo")
    asked: list[str] = []

    def note(request: Request) -> None:
        path = request.url.removeprefix(running.url)
        asked.extend([path] if path.startswith("widget/") else [])

    page.on("request", note)
    await page.evaluate("frontdesk.open()")
    await expect(composer(page)).to_be_focused()
    wanted = ["widget/panel.js", *(f"widget/later/{path.name}" for path in LATER)]
    async with asyncio.timeout(5):
        while len(asked) < len(wanted):  # noqa: ASYNC110 - the browser asks
            await asyncio.sleep(0.05)
    await page.get_by_role("button", name="More").click()
    await expect(page.get_by_role("switch", name="Sound")).to_be_visible()
    assert asked[0] == wanted[0]
    assert sorted(asked) == sorted(wanted)


async def test_without_a_line_nothing_is_missing(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await say(page, "hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await page.wait_for_load_state("networkidle")
    await page.context.set_offline(True)
    await page.get_by_role("button", name="More").click()
    await expect(page.get_by_role("switch", name="Sound")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="This did not help").click()
    await expect(page.get_by_role("group", name=WHY)).to_be_visible()
    await page.get_by_role("button", name="It is wrong").click()
    await expect(page.locator(".thanks")).to_be_focused()


async def test_a_menu_that_could_not_be_fetched_is_there_at_the_next_tap(
    running: Desk, opened: Opened
) -> None:
    page = await without_parts(opened, running.url)
    more = page.get_by_role("button", name="More")
    await more.click()
    await expect(page.get_by_role("status")).to_have_text(SORRY)
    await expect(more).to_have_attribute("aria-expanded", "false")
    await page.unroute(PARTS)
    await more.click()
    await expect(page.get_by_role("switch", name="Sound")).to_be_visible()
    await more.click()
    await expect(page.get_by_role("switch", name="Sound")).to_be_hidden()


async def test_a_card_that_could_not_be_drawn_comes_when_it_can(
    running: Desk, opened: Opened
) -> None:
    page = await without_parts(opened, running.url)
    await say(page, "a person please")
    await expect(bubbles(page, "bot")).to_have_count(1)
    label = Enclosed(file_id="f1", name="label.pdf", type="application/pdf", size=86_400)
    await written(running, "Here it is.", (label,))
    await expect(bubbles(page, "operator")).to_have_count(1)
    await expect(page.locator(".operator .enclosed")).to_be_empty()
    await page.unroute(PARTS)
    await expect(page.locator(".operator .card")).to_contain_text("label.pdf")
    await expect(page.locator(".operator .card")).to_be_in_viewport()


async def test_a_thumb_that_was_turned_up_meanwhile_is_not_asked_why(
    running: Desk, opened: Opened
) -> None:
    page = await without_parts(opened, running.url)
    await say(page, "hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await page.unroute(PARTS)
    held: list[Route] = []
    await page.route(PARTS, lambda route: held.append(route))
    down = page.get_by_role("button", name="This did not help")
    async with page.expect_request(PARTS):
        await down.click()
    await page.get_by_role("button", name="This helped").click()
    await asyncio.gather(*(route.continue_() for route in held))
    await page.wait_for_load_state("networkidle")
    await expect(page.get_by_role("group", name=WHY)).to_have_count(0)
    await down.click()
    await expect(page.get_by_role("group", name=WHY)).to_have_count(1)


async def test_what_is_open_stays_in_sight_when_it_is_opened_once_more(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url + "demo")
    await page.evaluate("frontdesk.open()")
    await expect(composer(page)).to_be_focused()
    assert await page.evaluate(RESTED) == 0


async def test_what_is_shortened_is_no_name_of_the_browsers(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    scripts = [body.decode() for path, body in static().items() if path.startswith("widget")]
    own = sorted(set[str]().union(*(variables(script) for script in scripts)))
    assert len(own) > 100
    taken = await page.evaluate("(names) => names.filter((name) => name in window)", own)
    assert set(taken) <= {"frames", "when"}  # which our scripts never ask the browser for
