"""The docs' pictures of the console; where they go, see `test_widget_pictures`. A font for Arabic has to be there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.bot.console_desk import LAPTOP, offered, sign_in, staffed
from tests.bot.console_talks import written
from tests.bot.served import served
from tests.bot.widget_page import CHROMIUM, Opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
LARGEST = 200_000  # bytes
SHOTS = (
    ("console-inbox.png", "light", LAPTOP, "ltr"),
    ("console-inbox-dark.png", "dark", LAPTOP, "ltr"),
    ("console-inbox-tablet.png", "light", {"width": 1024, "height": 768}, "rtl"),
)
IN_DOCS = {"console-inbox.png"}


async def test_the_inbox(tmp_path: Path, opened: Opened) -> None:
    desk = staffed(tmp_path, "Puddle & Pine", toml="[console]\nanswer_within = '5m'\n")
    conversation = await written(desk)
    folder = Path(os.environ.get("FRONTDESK_PICTURES", tmp_path))
    async with served(desk) as client:
        await offered(client, conversation, "no passport is needed")
        for name, scheme, size, direction in SHOTS:
            address = f"{client.url}/console/inbox/{conversation}"
            page = await opened(address, viewport=size, color_scheme=scheme)
            await sign_in(page)
            await page.evaluate(f"document.documentElement.dir = '{direction}'")
            await expect(page.get_by_role("log").get_by_text("my passport")).to_be_in_viewport()
            await expect(page.get_by_role("link", name="Waiting 4")).to_be_visible()
            await expect(page.get_by_role("list", name="Suggested replies")).to_be_visible()
            file = (folder if name in IN_DOCS else tmp_path) / name
            await page.screenshot(path=file)
            assert 10_000 < file.stat().st_size < LARGEST
