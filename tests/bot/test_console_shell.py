"""The console's shell in a real browser: signing in, the pages, the keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.bot.console_desk import LAPTOP, sign_in, staffed
from tests.bot.served import Client, served
from tests.bot.widget_page import CHROMIUM, Opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@pytest_asyncio.fixture(loop_scope="module")
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(staffed(tmp_path)) as found:
        yield found


async def test_one_signs_in_goes_about_with_the_keyboard_and_signs_out(
    client: Client, opened: Opened
) -> None:
    page = await opened(f"{client.url}/console/numbers", viewport=LAPTOP)
    await page.get_by_label("Name").fill("Ann")
    await page.get_by_label("Password").fill("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("wrong")
    await sign_in(page)
    await expect(page).to_have_title("Numbers · Test")
    await expect(page.get_by_role("link", name="People")).to_have_count(0)  # for admins
    await page.keyboard.press("Control+k")
    await page.keyboard.type("go to rev")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{client.url}/console/review")
    await page.go_back()
    await expect(page.get_by_role("link", name="Numbers")).to_have_attribute("aria-current", "page")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(
    ("page_of", "shown", "asked"),
    [
        ("inbox?state=all", "a.row", "/api/v1/inbox?state=all&sort=recent"),
        ("numbers?days=7", ".numbers .panel", "/api/v1/numbers?days=7&step=day"),
    ],
)
async def test_what_a_page_begins_with_is_asked_for_with_who_is_there(
    client: Client, opened: Opened, page_of: str, shown: str, asked: str
) -> None:
    await client.say("where is my order")
    page = await opened(f"{client.url}/console/people", viewport=LAPTOP)
    await sign_in(page)
    await page.goto(f"{client.url}/console/{page_of}")
    await page.locator(shown).first.wait_for()
    times = """path => performance.getEntriesByType("resource").filter(({ name }) => name === location.origin + path)
        .map(({ startTime, responseEnd }) => [startTime, responseEnd])"""
    [who, *_] = await page.evaluate(times, "/api/v1/me")
    [first, *_] = await page.evaluate(times, asked)
    assert first[0] < who[1]  # before the answer


async def test_who_has_to_sign_in_first_sees_the_page_as_it_is_then(
    client: Client, opened: Opened
) -> None:
    page = await opened(f"{client.url}/console/inbox?state=all", viewport=LAPTOP)
    await page.get_by_label("Name").wait_for()
    await client.say("where is my order")
    await sign_in(page)
    await expect(page.locator("a.row")).to_have_count(1)


async def test_a_key_is_another_one_or_none_as_its_operator_likes(
    client: Client, opened: Opened
) -> None:
    page = await opened(f"{client.url}/console/review", viewport=LAPTOP)
    await sign_in(page)
    sheet = page.get_by_role("dialog", name="Keys")
    await page.keyboard.press("?")
    await page.get_by_role("button", name="Change the key of Keys").click()
    await page.keyboard.press("h")
    await expect(sheet.get_by_role("row", name="Keys")).to_contain_text("H")
    await page.keyboard.press("Escape")
    await page.reload()
    await page.get_by_role("navigation", name="Pages").wait_for()
    await page.keyboard.press("h")
    await page.get_by_label("Single keys do something").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("h")
    await expect(sheet).to_be_hidden()
