"""Reading along in the widget: what comes while one looks back, how much is kept, and what is counted while the panel is closed."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from conversations.events import OperatorWrote
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, PHONE, Opened, bubbles, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
NEWEST = "Go to the newest message"
LONG = """
(count) => new Promise((shown) => {
  const widget = document.createElement("frontdesk-widget");
  widget.session = class {
    online = true;
    constructor(server, store, on) { setTimeout(() => { on.events(said, true); shown(); }); }
    connect() {} seen() {} destroy() {}
  };
  const said = Array.from({ length: count }, (_, at) => ({ type: "event", seq: at + 1, at: new Date().toISOString(), message_id: "m" + at, kind: "bot", text: "number " + (at + 1) }));
  document.body.append(widget);
  widget.open();
})
"""


async def from_the_end(page: Page) -> float:
    """Return how many pixels of the list are below what is seen."""
    return float(
        await page.locator(".scroll").evaluate(
            "(n) => n.scrollHeight - n.clientHeight - n.scrollTop"
        )
    )


async def test_a_new_message_does_not_move_what_is_read_and_leads_to_the_end(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url, viewport=PHONE)
    await page.get_by_role("button", name="Open the chat").click()
    for turn in range(1, 5):
        await say(page, f"time {turn}")
        await expect(bubbles(page, "bot")).to_have_count(turn)
    await say(page, "slow question")
    await expect(page.locator(".typing")).to_be_visible()
    await page.locator(".scroll").evaluate("(n) => { n.scrollTop = 0; }")
    running.intake.go.set()
    newest = page.get_by_role("button", name=NEWEST)
    await expect(newest).to_be_visible()
    assert await page.locator(".scroll").evaluate("(n) => n.scrollTop") == 0
    await newest.click()
    await expect(newest).to_be_hidden()
    assert await from_the_end(page) < 2
    await page.locator(".scroll").evaluate("(n) => { n.scrollTop = 0; }")
    await say(page, "echo one's own words are always seen")
    await expect(bubbles(page, "bot").last).to_be_in_viewport()


async def test_a_long_history_is_kept_to_its_latest_messages(running: Desk, opened: Opened) -> None:
    page = await opened(running.url + "demo/states?state=closed")
    await page.evaluate(LONG, 450)
    texts = await page.locator(".log .bubble").all_text_contents()
    assert (len(texts), texts[0], texts[-1]) == (400, "number 51", "number 450")
    assert await from_the_end(page) < 2


async def test_more_than_nine_new_messages_are_counted_for_those_who_hear_the_page(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await say(page, "a person please")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await page.get_by_role("button", name="Close the chat").click()
    conversation_id = (await running.log.waiting())[0]
    for number in range(10):
        wrote = OperatorWrote(message_id=f"o{number}", operator="Ida", text=f"Part {number}")
        await running.log.append(conversation_id, wrote)
    await expect(page.get_by_role("button", name="Open the chat, 10 new messages")).to_be_visible()
    await expect(page.locator(".unread")).to_have_text("9+")
    await page.get_by_role("button", name="Open the chat").click()
    await expect(page.locator(".unread")).to_be_hidden()
