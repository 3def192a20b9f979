"""What the console says by itself on whatever page, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.bot.console_desk import LAPTOP, sign_in, staffed
from tests.bot.console_month import written
from tests.bot.served import Client, served
from tests.bot.widget_page import CHROMIUM, Opened, complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@pytest_asyncio.fixture(loop_scope="module")
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(staffed(tmp_path, toml="[waiting]\ngone = '2s'\n")) as found:
        yield found


async def test_whoever_was_away_hears_which_conversation_waits_again(
    client: Client, opened: Opened
) -> None:
    page = await opened(f"{client.url}/console/numbers", viewport=LAPTOP)
    await sign_in(page)
    said = await client.say("a person please")
    conversation = said["conversation_id"]
    path = f"/api/v1/conversations/{conversation}/take"
    assert (await client.post(path, {"operator": "Ann"}, operator=True))[0] == 200
    news = page.get_by_role("complementary", name="News")
    await expect(news).to_contain_text("open to everybody again", timeout=30_000)
    await news.get_by_role("link", name="Look at it").click()
    await expect(page.get_by_text("It waits for anybody again")).to_be_visible()
    await expect(page.get_by_text("My colleague had to leave").first).to_be_visible()
    await news.get_by_role("button", name="Hide this").click()
    await expect(news).to_have_count(0)


async def test_an_alert_stands_on_whatever_page_until_somebody_has_seen_it(
    tmp_path: Path, opened: Opened
) -> None:
    desk = staffed(tmp_path)
    await written(desk)
    async with served(desk) as client:
        page = await opened(f"{client.url}/console/review", viewport=LAPTOP)
        await sign_in(page)
        news = page.get_by_role("complementary", name="News")
        await expect(news).to_contain_text("Unhappy messages: 11 in one hour")
        await page.get_by_role("heading", name="Review").wait_for()  # the queue may take longer
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await complaints(page) == []
        await news.get_by_role("link", name="Look at the numbers").click()
        await expect(page.get_by_role("button", name="Seen")).to_be_visible()
        await expect(news).to_have_count(0)  # the page has it
        await page.get_by_role("link", name="Review").click()
        await expect(news).to_be_visible()
        seen = await client.post("/api/v1/alerts/a2/seen", {"operator": "Bob"}, operator=True)
        assert seen[0] == 200
        await expect(news).to_have_count(0)
