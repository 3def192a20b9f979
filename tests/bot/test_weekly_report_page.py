"""The report's page in a real browser, as wide as a desk and as a telephone; the docs' picture of it, see `test_widget_pictures`."""

from __future__ import annotations

import os
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import ViewportSize

from bot.office import made
from bot.report.page import as_page
from bot.report.week import last_whole
from bot.report.weekly import facts_of
from conversations.views.view import Views
from retrieval import lines
from tests.bot.console_desk import staffed
from tests.bot.console_month import written
from tests.bot.house import event_log
from tests.bot.widget_page import CHROMIUM, Opened, complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
LARGEST = 200_000  # bytes of a picture
DESK: ViewportSize = {"width": 760, "height": 1240}
PHONE: ViewportSize = {"width": 375, "height": 800}
NIGHTS = (
    ("promoted", "Release b4e1c0d29f37a856 is the champion now."),
    ("refused", "Refused: the challenger is worse; Release b4e1c0d29f37a856 stays the champion."),
    ("unchanged", "Nothing new was taught; Release b4e1c0d29f37a856 stays."),
)


async def page_of(folder: Path) -> str:
    """Return the page of a busy desk's last week."""
    desk = staffed(folder, "Puddle & Pine", "public_url = 'https://desk.example'\n")
    await written(desk)
    week = last_whole(desk.clock(), UTC)
    for day, (outcome, why) in enumerate(NIGHTS):
        at = f"{week.first + timedelta(days=day)}T03:04:00+00:00"
        lines.append(folder / "nights.jsonl", {"at": at, "outcome": outcome, "why": why})

    async def labels() -> int:
        return 143

    async with event_log(folder) as log, Views.open(log, made(desk)) as views:
        assert await views.caught_up(60)
        return as_page(await facts_of(desk, week, log, views, labels))


async def test_the_page_fits_and_needs_nothing_else(tmp_path: Path, opened: Opened) -> None:
    text = await page_of(tmp_path)
    app = web.Application()

    async def shown(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html")

    app.router.add_get("/", shown)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        page = await opened(f"http://{host}:{port}/", viewport=DESK)
        folder = Path(os.environ.get("FRONTDESK_PICTURES", tmp_path))
        await page.screenshot(path=folder / "report.png")
        assert 10_000 < (folder / "report.png").stat().st_size < LARGEST
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            for size in (DESK, PHONE):
                await page.set_viewport_size(size)
                assert await complaints(page) == []
                assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    finally:
        await runner.cleanup()
