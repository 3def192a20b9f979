"""The page of the numbers in a real browser: figures with their meaning, the chart with its table, alerts, axe."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
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
LARGEST = 200_000  # bytes of a picture


async def counted(client: Client) -> None:
    """Wait until the views have caught up with the log."""
    for _ in range(300):
        _, found = await client.get("/api/v1/numbers", operator=True)
        if not found["behind"]:
            return
        await asyncio.sleep(0.1)
    pytest.fail("the views did not catch up within half a minute")


async def test_numbers_of_a_desk_are_looked_into(tmp_path: Path, opened: Opened) -> None:
    desk = staffed(tmp_path, "Puddle & Pine")
    await written(desk)
    async with served(desk) as client:
        await counted(client)
        page = await opened(f"{client.url}/console/numbers", viewport=LAPTOP)
        await sign_in(page)
        _, found = await client.get("/api/v1/numbers?days=30", operator=True)
        card = page.locator("[data-figure=containment]")
        await expect(card).to_contain_text(found["definitions"]["containment"])
        await expect(card).to_contain_text(f"{100 * found['figures']['containment']['value']:.1f}%")
        await expect(card).to_contain_text("in the 30 days before")
        chart = page.get_by_role("img", name="Volume, drawn over time")
        await expect(chart.locator("canvas")).to_be_visible()
        await expect(page.get_by_role("region", name="Volume as a table").locator("tbody tr")).to_have_count(30)  # fmt: skip
        folder = Path(os.environ.get("FRONTDESK_PICTURES", tmp_path))
        await page.set_viewport_size({"width": 1280, "height": 920})
        await expect(chart.locator("canvas")).to_be_in_viewport()
        await page.screenshot(path=folder / "console-numbers.png")
        assert (folder / "console-numbers.png").stat().st_size < LARGEST
        await page.set_viewport_size({"width": 1280, "height": 720})
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await complaints(page) == []
        async with page.expect_download() as download:
            await page.get_by_role("link", name="All columns as CSV").click()
        rows = (await (await download.value).path()).read_text("utf-8").splitlines()
        assert len(rows) == 31
        await page.keyboard.press("1")
        await expect(page).to_have_url(f"{client.url}/console/numbers?days=7")
        await page.get_by_label("Channel", exact=True).select_option("telegram")
        await expect(page).to_have_url(f"{client.url}/console/numbers?days=7&channel=telegram")
        _, narrow = await client.get("/api/v1/numbers?days=7&channel=telegram", operator=True)
        volume = page.locator("[data-figure=conversations] .value")
        await expect(volume).to_have_text(str(narrow["figures"]["conversations"]["value"]))
        await page.get_by_role("button", name="Seen").click()
        await expect(page.get_by_text("Nothing rises beyond its season")).to_be_visible()
        await page.keyboard.press("2")
        await page.locator(".lost .examples a").first.click()
        await expect(page.get_by_role("log")).to_be_visible()


async def test_an_empty_desk_says_so(tmp_path: Path, opened: Opened) -> None:
    async with served(staffed(tmp_path)) as client:
        page = await opened(f"{client.url}/console/numbers", viewport=LAPTOP)
        await sign_in(page, "Vic")
        await expect(page.get_by_text("No conversation began in this period")).to_be_visible()
        await expect(page.get_by_text("Nothing rises beyond its season")).to_be_visible()
        assert await complaints(page) == []
