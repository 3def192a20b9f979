"""Signing out leaves nothing of the customer in the browser, whoever the page had named before and whether or not the widget is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.channels.web_face import DeskFace
from tests.bot.test_widget_tabs import identify
from tests.bot.web_desk import NAME, Desk, served
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, host_page, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
KEPT = """() => [localStorage, sessionStorage].flatMap((storage) => Object.keys(storage))
  .filter((key) => key.startsWith("frontdesk:")).map((key) => key.replace(/^.*\\//, "").replace(/:.*/, "")).sort()"""
PARTS = "**/widget/panel.js"
UNSENT = """() => {
  const key = Object.keys(localStorage).find((each) => each.endsWith("customer")).replace(/customer$/, "say:1");
  localStorage.setItem(key, JSON.stringify({ owner: "ada", id: "1", text: "a secret", files: [], at: 1 }));
}"""


@pytest_asyncio.fixture(loop_scope="module")
async def store(tmp_path: Path, port: int) -> AsyncIterator[Desk]:
    pages = [host_page("/shop", '<script src="/widget.js" defer></script>')]
    face = DeskFace(NAME, "Hello")
    async with served(tmp_path / "log.db", port, face=face, beside=pages) as desk:
        yield desk


async def left_by_ada(store: Desk, opened: Opened) -> Page:
    """Return a page that names nobody, in a browser where a stranger and then a customer have talked."""
    page = await opened(store.url + "shop")
    for name, words in ((None, "echo of a stranger"), ("ada", "echo mine")):
        if name:
            await page.reload()
            await identify(page, name)
        await page.evaluate("(words) => frontdesk.send(words)", words)
        await expect(bubbles(page, "bot").last).to_have_text(words.removeprefix("echo "))
    await page.evaluate(UNSENT)
    return page


@pytest.mark.parametrize("reachable", [True, False])
async def test_a_page_that_named_nobody_signs_the_customer_out(
    store: Desk, opened: Opened, reachable: bool
) -> None:
    page = await left_by_ada(store, opened)
    if not reachable:
        await page.route(PARTS, lambda route: route.abort())
    await page.reload()
    if reachable:
        await page.evaluate("frontdesk.open()")
        await expect(page.get_by_text("Hello")).to_be_visible()
        await expect(bubbles(page, "bot")).to_have_count(0)
    assert {"customer", "say"} <= set(await page.evaluate(KEPT))
    await page.evaluate("frontdesk.identify(null)")
    assert not {"customer", "say"} & set(await page.evaluate(KEPT))
    await page.unroute(PARTS)
    await page.reload()
    await page.evaluate("frontdesk.send('echo next')")
    await expect(bubbles(page, "bot")).to_have_text(["next"])


async def test_a_page_that_names_nobody_keeps_a_strangers_conversation(
    store: Desk, opened: Opened
) -> None:
    page = await opened(store.url + "shop")
    await page.evaluate("frontdesk.open()")
    await say(page, "echo mine")
    await expect(bubbles(page, "bot")).to_have_text(["mine"])
    await page.evaluate("frontdesk.identify(null)")
    await page.reload()
    await page.evaluate("frontdesk.identify(null)")
    await expect(bubbles(page, "bot")).to_have_text(["mine"])


async def test_a_reset_clears_everything_also_where_the_widget_cannot_be_fetched(
    store: Desk, opened: Opened
) -> None:
    page = await left_by_ada(store, opened)
    await page.route(PARTS, lambda route: route.abort())
    await page.reload()
    await page.evaluate("frontdesk.send('echo never')")
    assert await page.evaluate(KEPT) != []
    await page.evaluate("frontdesk.reset()")
    assert await page.evaluate(KEPT) == []
    await page.unroute(PARTS)
    await page.evaluate("frontdesk.send('echo next')")
    await expect(bubbles(page, "bot")).to_have_text(["next"])


async def test_a_reset_clears_everything_of_an_open_widget(store: Desk, opened: Opened) -> None:
    page = await left_by_ada(store, opened)
    await page.evaluate("frontdesk.reset()")
    assert await page.evaluate(KEPT) == []
    await expect(bubbles(page, "bot")).to_have_count(0)
