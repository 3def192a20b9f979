"""A real browser for the widget, a desk to open in it, and a Bot API server on loopback."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from bot.channels.telegram import Telegram
from tests.bot.telegram_desk import TOKEN, open_desk, polling
from tests.bot.telegram_desk import Desk as TelegramDesk
from tests.bot.web_desk import Desk, served
from tests.bot.widget_page import CHROMIUM, QUIET, WATCH, WIDE, Opened, watch
from tests.fakes.telegram import FakeTelegram


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(TOKEN) as server:
        yield server


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[TelegramDesk]:
    """What the Telegram channel hears into; other tests have a desk of their own."""
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
async def channel(telegram: FakeTelegram, desk: TelegramDesk) -> AsyncIterator[Telegram]:
    async with polling(telegram, desk) as started:
        yield started


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest_asyncio.fixture(loop_scope="module")
async def running(tmp_path: Path, port: int) -> AsyncIterator[Desk]:
    async with served(tmp_path / "log.db", port) as desk:
        yield desk


@pytest_asyncio.fixture(loop_scope="module")
async def opened(browser: Browser) -> AsyncIterator[Opened]:
    """Open a page; at the end, nothing may have been blocked, thrown or asked of another host."""
    faults: list[str] = []
    pages: list[Page] = []

    async def open_page(url: str, **options: Any) -> Page:
        defaults: dict[str, Any] = {"reduced_motion": "reduce", "viewport": WIDE}
        origin = "{0.scheme}://{0.netloc}/".format(urlsplit(url))
        page = await (await browser.new_context(**(defaults | options))).new_page()
        page.set_default_timeout(5_000)
        watch(page, origin, faults)
        await page.add_init_script(WATCH)
        await page.goto(url)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        faults += await page.evaluate("window.violations")
        await page.context.close()
    assert faults == []
