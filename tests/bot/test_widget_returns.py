"""What a visitor finds who comes back, and where the keyboard goes on when what it was on is gone."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from conversations.events import Closed, OperatorWrote
from tests.bot.web_desk import CHOICES, Desk
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, composer, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
HASTY = """
const later = window.setTimeout;
window.setTimeout = (act, ms, ...rest) => later(act, ms === 4_000 ? 50 : ms, ...rest);
"""  # what is called late, is called so at once
LATE = "The answer takes a little longer than usual."


async def conversation_with(desk: Desk, words: str) -> str:
    return (await desk.log.search(words))[0].conversation_id


async def test_the_score_is_still_asked_for_after_a_return(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await say(page, "echo hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    ended = Closed(reason="done", operator="Mira")
    await running.log.append(await conversation_with(running, "hello"), ended)
    await page.reload()
    await expect(bubbles(page, "bot")).to_have_count(1)
    await expect(page.get_by_role("group", name="How was this conversation?")).to_be_visible()


async def test_nothing_is_late_after_a_return(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await say(page, "echo hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await page.add_init_script(HASTY)
    await page.reload()
    await expect(bubbles(page, "bot")).to_have_count(1)
    await page.wait_for_timeout(300)
    await expect(page.get_by_role("status")).to_have_text("")
    await say(page, "slow question")
    await expect(page.get_by_role("status")).to_have_text(LATE)
    running.intake.go.set()
    await expect(page.get_by_role("status")).to_have_text("")


async def test_a_person_who_takes_their_time_is_not_late(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await page.add_init_script(HASTY)
    await page.reload()
    await say(page, "a person please")
    await expect(bubbles(page, "bot")).to_have_count(1)
    wrote = OperatorWrote(message_id="o1", operator="Mira", text="I am here.")
    await running.log.append(await conversation_with(running, "please"), wrote)
    await expect(bubbles(page, "operator")).to_have_count(1)
    await say(page, "thank you")
    await expect(page.locator(".pending")).to_have_count(0)
    await page.wait_for_timeout(300)
    await expect(page.get_by_role("status")).to_have_text("")


@pytest.mark.parametrize("button", [CHOICES[0].label, "Talk to a person"])
async def test_after_a_button_that_goes_away_the_keyboard_is_at_the_composer(
    running: Desk, opened: Opened, button: str
) -> None:
    page = await opened(running.url)
    await say(page, "parcel")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await page.locator("frontdesk-widget").get_by_role("button", name=button).focus()
    await page.keyboard.press("Enter")
    await expect(bubbles(page, "bot")).to_have_count(2)
    await expect(composer(page)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_after_a_second_try_the_keyboard_is_at_the_composer(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await say(page, "full")
    await pressed(page, "Try again")


async def pressed(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).focus()
    await page.keyboard.press("Enter")
    await expect(composer(page)).to_be_focused()
