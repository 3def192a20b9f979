"""A visitor who goes on to another page and comes back by the browser's button: the page is woken as it was, and has what was said meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.channels.web_face import DeskFace
from tests.bot.test_widget_edits import written
from tests.bot.web_desk import NAME, Desk, served
from tests.bot.widget_page import CHROMIUM, QUIET, Opened, bubbles, composer, host_page, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
WATCHED = """
window.asleep = 0; window.woken = 0;
addEventListener("pagehide", ({ persisted }) => { asleep += persisted; });
addEventListener("pageshow", ({ persisted }) => { woken += persisted; });
Math.random = () => 1_000; // a line that is not dialled at once is dialled much later
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser that keeps the pages that are left, as visitors' do; the library turns that off."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=QUIET,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def shop(tmp_path: Path, port: int) -> AsyncIterator[Desk]:
    pages = [
        host_page("/shop", '<script src="/widget.js" defer data-open></script>'),
        host_page("/elsewhere", ""),
    ]
    async with served(
        tmp_path / "log.db", port, face=DeskFace(NAME, "Hello"), beside=pages
    ) as desk:
        yield desk


async def with_a_person(shop: Desk, opened: Opened) -> Page:
    page = await opened(shop.url + "shop")
    await page.add_init_script(WATCHED)
    await page.reload()
    await say(page, "a person please")
    await expect(bubbles(page, "bot")).to_have_count(1)
    return page


async def leave(page: Page, shop: Desk) -> None:
    await page.goto(shop.url + "elsewhere")
    await expect(page.locator("frontdesk-widget")).to_have_count(0)


async def come_back(page: Page) -> None:
    """Take the browser's button; the page is woken, not loaded, so no load is waited for."""
    await page.evaluate("history.back()")
    await page.wait_for_url("**/shop", wait_until="commit")
    assert await page.evaluate("[asleep, woken]") == [1, 1]


async def test_what_was_said_meanwhile_is_there_at_once(shop: Desk, opened: Opened) -> None:
    page = await with_a_person(shop, opened)
    await composer(page).fill("half a sen")
    await leave(page, shop)
    await written(shop, "I am here.")
    await written(shop, "What is it?")
    await come_back(page)
    await expect(bubbles(page, "operator")).to_have_text(["I am here.", "What is it?"])
    await expect(page.locator("frontdesk-widget").get_by_role("status")).to_have_text("")
    await expect(composer(page)).to_have_value("half a sen")
    await say(page, "a sentence, please")
    await expect(page.locator(".pending")).to_have_count(0)
    await expect(bubbles(page, "customer")).to_have_text(["a person please", "a sentence, please"])


async def test_the_closed_widget_counts_what_came_meanwhile(shop: Desk, opened: Opened) -> None:
    page = await with_a_person(shop, opened)
    await page.evaluate("frontdesk.close()")
    await leave(page, shop)
    await written(shop, "I am here.")
    await come_back(page)
    await expect(page.get_by_role("button", name="Open the chat, 1 new message")).to_be_visible()
    await page.get_by_role("button", name="Open the chat").click()
    await expect(bubbles(page, "operator")).to_have_text(["I am here."])
