"""The widget among what is around it: the keyboard on a screen, an input method, the line of the device, and a page that changes its body."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, PHONE, Opened, bubbles, composer, ready, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
KEYBOARD = """([height, offsetTop, scale]) => {
  for (const [name, value] of Object.entries({ height, offsetTop, scale })) Object.defineProperty(visualViewport, name, { value, configurable: true });
  visualViewport.dispatchEvent(new Event("resize"));
}"""  # what browsers tell of the keyboard on a screen, which one without a screen has not
TABLET: ViewportSize = {"width": 820, "height": 1180}
OFFLINE = "You are offline. What you write will be sent."


async def settled(opened: Opened, url: str, **options: object) -> Page:
    page = await opened(url, **options)
    await page.evaluate("frontdesk.open()")
    return await ready(page)


async def bottom(page: Page) -> float:
    box = await page.locator(".composer").bounding_box()
    assert box is not None
    return box["y"] + box["height"]


@pytest.mark.parametrize("viewport", [PHONE, TABLET])
async def test_the_composer_stays_above_the_keyboard_on_a_screen(
    running: Desk, opened: Opened, viewport: ViewportSize
) -> None:
    page = await settled(opened, running.url, viewport=viewport)
    await say(page, "hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    before = await bottom(page)
    for top in (0, 120):  # a browser that moves what is seen, too
        await page.evaluate(KEYBOARD, [viewport["height"] - 340, top, 1])
        seen = viewport["height"] - 340 + top
        assert seen - 100 < await bottom(page) <= seen
        box = await page.get_by_role("dialog").bounding_box()
        assert box is not None
        assert box["y"] >= top
        await expect(page.get_by_role("button", name="Close the chat")).to_be_in_viewport()
    await page.evaluate(KEYBOARD, [viewport["height"] / 2, 0, 2])
    assert await bottom(page) == before  # magnified
    await page.evaluate(KEYBOARD, [viewport["height"], 0, 1])
    assert await bottom(page) == before


async def test_a_page_that_closes_the_widget_keeps_its_own_focus(
    running: Desk, opened: Opened
) -> None:
    page = await settled(opened, running.url + "demo")
    field = page.get_by_role("textbox", name="Greeting")
    await field.focus()
    await page.evaluate("frontdesk.close()")
    await expect(field).to_be_focused()
    await page.evaluate("frontdesk.open()")
    await expect(composer(page)).to_be_focused()
    await page.evaluate("frontdesk.close()")
    await expect(page.get_by_role("button", name="Open the chat")).to_be_focused()


async def test_to_be_offline_is_noticed_at_once_and_so_is_its_end(
    running: Desk, opened: Opened
) -> None:
    page = await settled(opened, running.url)
    await say(page, "hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await page.context.set_offline(True)
    status = page.locator("frontdesk-widget").get_by_role("status")
    await expect(status).to_have_text(OFFLINE, timeout=1_000)
    await say(page, "echo later")
    await expect(page.locator(".pending .meta")).to_have_text("Will be sent")
    await page.context.set_offline(False)
    await expect(bubbles(page, "bot").last).to_have_text("later", timeout=2_000)
    await expect(status).to_have_text("")


async def test_escape_within_an_input_method_does_not_close_the_panel(
    running: Desk, opened: Opened
) -> None:
    page = await settled(opened, running.url)
    await composer(page).focus()
    session = await page.context.new_cdp_session(page)
    await session.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Escape", "code": "Escape", "windowsVirtualKeyCode": 229},
    )
    await expect(composer(page)).to_be_focused()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()


NEW_BODY = """() => {
  const body = document.createElement("body");
  body.append(Object.assign(document.createElement("h1"), { textContent: "Another page" }));
  document.body.replaceWith(body);
}"""


async def test_the_widget_is_there_again_when_the_page_has_another_body(
    running: Desk, opened: Opened
) -> None:
    page = await settled(opened, running.url)
    await say(page, "echo hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await composer(page).fill("half written")
    await page.evaluate(NEW_BODY)
    await expect(page.get_by_role("heading", name="Another page")).to_be_visible()
    await expect(bubbles(page, "bot")).to_have_text(["hello"])
    await expect(composer(page)).to_have_value("half written")
    assert await page.locator("frontdesk-widget").count() == 1


async def test_a_body_that_brings_a_widget_of_its_own_keeps_that_alone(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url + "demo")
    await expect(page.get_by_role("button", name="Open the chat")).to_be_visible()
    own = NEW_BODY.replace(
        "document.body", "body.append(document.createElement('frontdesk-widget')); document.body"
    )
    await page.evaluate(own)
    await page.wait_for_timeout(200)
    assert await page.locator("frontdesk-widget").count() == 1


async def test_a_widget_that_is_taken_away_stays_away(running: Desk, opened: Opened) -> None:
    page = await settled(opened, running.url)
    await page.evaluate("document.querySelector('frontdesk-widget').remove()")
    await page.wait_for_timeout(200)
    assert await page.locator("frontdesk-widget").count() == 0
