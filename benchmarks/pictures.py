"""
The docs' screenshots, made anew from the running demo: `make pictures`.

A real Chromium asks the demo shop a few things; what the pictures show is what the bot answered.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, expect

from benchmarks.loop import visitors
from benchmarks.shop import open_shop

DOCS = Path(__file__).parent.parent / "docs"
ASKED = ("my zip broke on the Skipper, can you mend it?", "do you ship to Norway?", "boots")


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its file, the window's size in CSS pixels, and the colour scheme."""

    file: str
    width: int
    height: int
    dark: bool = False


SHOTS = (
    Shot("widget.png", 1280, 800),
    Shot("widget-dark.png", 1280, 800, dark=True),
    Shot("widget-mobile.png", 390, 844),
)


async def main(folder: Path, asked: Sequence[str] = ASKED) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        async with open_shop(Path(scratch) / "desk", {}) as shop, visitors() as browser:
            for shot in SHOTS:
                await _take(browser, shop.url, shot, folder, asked)


async def _take(browser: Browser, url: str, shot: Shot, folder: Path, asked: Sequence[str]) -> None:
    context = await browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.dark else "light",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(url)
    composer = page.get_by_role("textbox")
    if not await composer.is_visible():
        await page.get_by_role("button", name="Chat").click()
    for number, text in enumerate(asked, start=1):
        await composer.fill(text)
        await composer.press("Enter")
        answers = page.locator(".log .message.bot")
        await expect(answers).to_have_count(number, timeout=30_000)
    await page.screenshot(path=folder / shot.file)
    await context.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="the docs' screenshots")
    parser.add_argument("--folder", type=Path, default=DOCS)
    asyncio.run(main(parser.parse_args().folder))
