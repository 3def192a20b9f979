"""The menu of the widget: the way to Telegram and back to the menu, and what is asked of the desk in the customer's name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Locator, Page, expect

from bot.channels.web_face import DeskFace
from tests.bot.web_desk import NAME, SECRET, Desk, served
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, host_page, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
IDENTITY = "frontdesk-identity"
ITEMS = ["Sound", "Download the conversation", "Continue on Telegram"]


async def link_for(address: str) -> str:
    return f"https://t.me/desk_bot?start={address}"


@pytest_asyncio.fixture(loop_scope="module")
async def shop(tmp_path: Path, port: int) -> AsyncIterator[Desk]:
    pages = [host_page("/shop", '<script src="/widget.js" defer></script>')]
    face = DeskFace(NAME, "Hello")
    async with served(
        tmp_path / "log.db", port, face=face, beside=pages, telegram_link=link_for
    ) as desk:
        yield desk


async def with_menu(shop: Desk, opened: Opened, customer: str = "") -> Page:
    """Open the chat and its menu, as a customer whom the page vouches for or as a stranger."""
    page = await opened(shop.url + "shop")
    if customer:
        await page.evaluate("(token) => frontdesk.identify(token)", customer)
    await page.evaluate("frontdesk.open()")
    await say(page, "echo a secret")
    await expect(bubbles(page, "bot")).to_have_text(["a secret"])
    await page.get_by_role("button", name="More").click()
    return page


def items(page: Page) -> Locator:
    return page.locator("frontdesk-widget .menu .item").filter(visible=True)


async def test_the_menu_is_as_it_was_after_the_way_to_telegram(shop: Desk, opened: Opened) -> None:
    page = await with_menu(shop, opened)
    await page.context.route("https://t.me/**", lambda route: route.fulfill(body="Telegram"))
    await expect(items(page)).to_have_text(ITEMS)
    async with page.context.expect_page() as coming:
        await page.get_by_role("button", name="Continue on Telegram").click()
    assert (await coming.value).url.startswith("https://t.me/desk_bot?start=")
    await page.bring_to_front()
    await expect(items(page)).to_have_text(ITEMS)  # the link stands where the button stood
    link = page.get_by_role("link", name="Continue on Telegram")
    await expect(link).to_be_focused()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="More").click()
    await expect(items(page)).to_have_text(ITEMS)
    await expect(link).to_have_count(0)  # it was good for one use
    await expect(page.get_by_role("button", name="Continue on Telegram")).to_be_visible()


async def test_a_customers_transcript_and_files_are_asked_for_with_the_word_of_the_page(
    shop: Desk, opened: Opened
) -> None:
    expires = datetime.now(UTC) + timedelta(minutes=5)
    token = jwt.encode({"sub": "ada", "aud": NAME, "exp": expires}, SECRET, algorithm="HS256")
    page = await with_menu(shop, opened, token)
    async with page.expect_request("**/transcript") as asked, page.expect_download() as coming:
        await page.get_by_role("button", name="Download the conversation").click()
    assert (await asked.value).headers[IDENTITY] == token
    kept = await (await coming.value).path()
    assert "You: echo a secret" in await asyncio.to_thread(kept.read_text, "utf-8")
    note = FilePayload(name="note.txt", mimeType="text/plain", buffer=b"a note")
    async with page.expect_request("**/files") as sent:
        await page.locator("input[type=file]").set_input_files([note])
    assert (await sent.value).headers[IDENTITY] == token
    await expect(page.locator(".upload.arrived")).to_have_count(1)


async def test_a_strangers_transcript_is_asked_for_without(shop: Desk, opened: Opened) -> None:
    page = await with_menu(shop, opened)
    async with page.expect_request("**/transcript") as asked, page.expect_download():
        await page.get_by_role("button", name="Download the conversation").click()
    assert IDENTITY not in (await asked.value).headers


async def test_the_transcript_is_in_the_language_of_the_panel(shop: Desk, opened: Opened) -> None:
    page = await with_menu(shop, opened)
    await page.evaluate("frontdesk.setLocale('ar')")
    await page.get_by_role("button", name="المزيد").click()
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="تنزيل المحادثة").click()
    text = await asyncio.to_thread((await (await coming.value).path()).read_text, "utf-8")
    assert "أنت: " in text
    assert "You" not in text
