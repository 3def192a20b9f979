"""
The docs' pictures of the widget: on the demo shop by day and by night, on a phone, in Arabic, Hebrew and Chinese, and in a system's own colours.

They go to the folder that FRONTDESK_PICTURES names, `make pictures` says docs, and else nowhere that stays. Fonts for Arabic and
Chinese have to be there (fonts-noto-core, fonts-noto-cjk).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, PHONE, WIDE, Opened, bubbles, say
from tests.bot.widget_states import address, show

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
LARGEST = 300_000  # bytes
PANEL = {"width": 464, "height": 808}


async def take(page: Page, name: str, scratch: Path) -> None:
    """Take a picture and look whether it is small, and not of one colour."""
    file = Path(os.environ.get("FRONTDESK_PICTURES", scratch)) / name
    await page.screenshot(path=file)
    assert 10_000 < file.stat().st_size < LARGEST


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_shop(running: Desk, opened: Opened, tmp_path: Path, scheme: str) -> None:
    page = await opened(running.url, viewport=WIDE, color_scheme=scheme)
    await say(page, "How long does delivery take?")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await say(page, "parcel")
    await expect(bubbles(page, "bot")).to_have_count(2)
    await page.locator("h1").click()  # nothing has the focus
    await take(page, "widget.png" if scheme == "light" else "widget-dark.png", tmp_path)


# A file, a state of the states page, what the window is like (its size, and more), and the settings of the widget.
PICTURES: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
    ("widget-mobile.png", "files", {**PHONE}, {}),
    ("widget-arabic.png", "operator", PANEL, {"locale": "ar", "accent": "#b4562b"}),
    ("widget-hebrew.png", "choices", PANEL, {"locale": "he"}),
    ("widget-chinese.png", "sources", PANEL, {"locale": "zh-Hans", "theme": "dark"}),
    ("widget-contrast.png", "choices", {**PANEL, "forced_colors": "active"}, {}),
]


@pytest.mark.parametrize(("name", "state", "window", "settings"), PICTURES)
async def test_the_panel(
    running: Desk,
    opened: Opened,
    tmp_path: Path,
    name: str,
    state: str,
    window: dict[str, Any],
    settings: dict[str, str],
) -> None:
    scheme = settings.get("theme", "light")
    size = {name: window[name] for name in ("width", "height")}
    looks = {name: window[name] for name in window.keys() - size.keys()}
    page = await opened(
        address(running.url, state, **settings), viewport=size, color_scheme=scheme, **looks
    )
    await show(page, running.url, state, **settings)
    await page.wait_for_timeout(300)  # pictures within it
    await take(page, name, tmp_path)
