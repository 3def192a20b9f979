"""The question how a conversation was: all of it is seen, and one tab's answer is enough."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, ViewportSize, WebSocketRoute, expect

from conversations.events import Closed
from tests.bot.test_widget_returns import conversation_with
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, PHONE, WIDE, Opened, bubbles, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
QUESTION = "How was this conversation?"


def lose_scores(line: WebSocketRoute) -> None:
    """Pass everything on but a score, which the small desk knows nothing of."""
    server = line.connect_to_server()
    line.on_message(lambda said: None if '"type":"csat"' in str(said) else server.send(said))


async def ended(page: Page, desk: Desk) -> None:
    for number in (1, 2, 3):
        await say(page, f"echo hello {number}\n" + "and more\n" * 5)
        await expect(bubbles(page, "bot")).to_have_count(number)
    conversation_id = await conversation_with(desk, "hello")
    await desk.log.append(conversation_id, Closed(reason="done", operator="Mira"))


@pytest.mark.parametrize("viewport", [WIDE, PHONE, {"width": 800, "height": 500}])
async def test_a_score_can_be_sent_or_left_at_once(
    running: Desk, opened: Opened, viewport: ViewportSize
) -> None:
    page = await opened(running.url, viewport=viewport)
    await page.evaluate("frontdesk.open()")
    await ended(page, running)
    await page.reload()
    await page.evaluate("frontdesk.open()")
    await page.get_by_role("button", name="Good").click()
    for name in ("Not now", "Send"):
        button = page.locator(".score").get_by_role("button", name=name)
        await expect(button).to_be_in_viewport(ratio=1)


async def test_a_score_given_in_one_tab_is_asked_for_in_no_other(
    running: Desk, opened: Opened
) -> None:
    first = await opened(running.url)
    await ended(first, running)
    second = await first.context.new_page()
    await first.context.route_web_socket("**/ws", lose_scores)
    for page in (first, second):
        await page.goto(running.url)
        await page.evaluate("frontdesk.open()")
        await expect(page.get_by_role("group", name=QUESTION)).to_be_visible()
    await first.get_by_role("button", name="Excellent").click()
    await expect(second.get_by_role("group", name=QUESTION)).to_have_count(0)
    await expect(first.get_by_role("group", name=QUESTION)).to_be_visible()
