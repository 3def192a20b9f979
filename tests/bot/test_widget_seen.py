"""What counts as seen is what was on the screen: not in a tab behind others, and what another tab has not shown has its badge."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.bot.test_widget_edits import written
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, ready, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
A_WHILE = 1_500  # ms, in which the widget says what it has shown
TURN = """(state) => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""  # a browser without windows shows each of its tabs
COUNTED = "() => { window.counts = []; frontdesk.on('unread', ({ count }) => counts.push(count)); }"


async def turn(page: Page, state: str) -> None:
    await page.evaluate(TURN, state)


async def with_a_person(page: Page) -> None:
    await say(page, "a person please")
    await expect(bubbles(page, "bot")).to_have_count(1)


async def test_a_tab_behind_others_has_seen_nothing_until_it_is_looked_at(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    seen: list[int] = []

    def note(text: str | bytes) -> None:
        frame: dict[str, Any] = json.loads(text)
        seen.extend([frame["seq"]] if frame["type"] == "seen" else [])

    page.on("websocket", lambda ws: ws.on("framesent", note))
    await page.reload()
    await ready(page)
    await with_a_person(page)
    await page.wait_for_timeout(A_WHILE)
    before = seen[-1]
    await page.evaluate(COUNTED)
    await turn(page, "hidden")
    last = await written(running, "Are you there?")
    await expect(bubbles(page, "operator")).to_have_count(1)
    await page.wait_for_timeout(A_WHILE)
    assert seen[-1] == before
    assert await page.evaluate("counts") == [1]
    await turn(page, "visible")
    await page.wait_for_timeout(A_WHILE)
    assert seen[-1] == last.seq
    assert await page.evaluate("counts") == [1, 0]


async def test_what_no_tab_has_shown_has_a_badge_in_the_other_until_one_has(
    running: Desk, opened: Opened
) -> None:
    first = await opened(running.url)
    await with_a_person(first)
    await first.wait_for_load_state("networkidle")
    second = await first.context.new_page()
    await second.goto(running.url + "demo")
    await second.wait_for_load_state("networkidle")
    await written(running, "Seen at once.")
    await expect(bubbles(first, "operator")).to_have_count(1)
    await expect(second.locator(".unread")).to_be_hidden()
    await turn(first, "hidden")
    await written(running, "Are you there?")
    await expect(second.locator(".unread")).to_have_text("1")
    await turn(first, "visible")
    await expect(second.locator(".unread")).to_be_hidden()


async def test_a_page_that_was_there_before_the_first_words_hears_what_comes(
    running: Desk, opened: Opened
) -> None:
    first = await opened(running.url + "demo")
    early = await first.context.new_page()
    await early.goto(running.url + "demo")
    await expect(early.get_by_role("button", name="Open the chat")).to_be_visible()
    await first.evaluate("frontdesk.open()")
    await with_a_person(first)
    await first.get_by_role("button", name="Close the chat").click()
    await written(running, "Here I am.")
    for page in (first, early):
        await expect(page.locator(".unread")).to_have_text("1")
    await early.evaluate("frontdesk.open()")
    await expect(bubbles(early, "operator")).to_be_visible()
    await expect(first.locator(".unread")).to_be_hidden()
