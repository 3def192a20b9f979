"""Two tabs of one browser, as strangers, as one customer and as both: they never fight over who the visitor is, and a sign-out is one in all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.channels.web_face import DeskFace
from conversations.events import Heard
from tests.bot.web_desk import NAME, SECRET, Desk, served
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, composer, host_page, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
COUNTED = """
window.sockets = 0;
window.WebSocket = class extends WebSocket { constructor(url) { super(url); sockets += 1; } };
"""
QUIET = 1.5  # seconds; a quarrel opened some fifty sockets in that time


@pytest_asyncio.fixture(loop_scope="module")
async def shop(tmp_path: Path, port: int) -> AsyncIterator[Desk]:
    pages = [host_page("/shop", '<script src="/widget.js" defer></script>')]
    face = DeskFace(NAME, "Hello")
    async with served(tmp_path / "log.db", port, face=face, beside=pages) as desk:
        yield desk


def identity(name: str) -> str:
    expires = datetime.now(UTC) + timedelta(minutes=5)
    return jwt.encode({"sub": name, "aud": NAME, "exp": expires}, SECRET, algorithm="HS256")


async def identify(page: Page, name: str | None) -> None:
    await page.evaluate("(jwt) => frontdesk.identify(jwt)", name and identity(name))


async def tabs(shop: Desk, opened: Opened) -> tuple[Page, Page]:
    """Two tabs of one browser with the chat open, whose sockets are counted."""
    first = await opened(shop.url + "shop")
    second = await first.context.new_page()
    for page in (first, second):
        await page.add_init_script(COUNTED)
        await page.goto(shop.url + "shop")
        await page.evaluate("frontdesk.open()")
        await expect(page.get_by_text("Hello")).to_be_visible()
    return first, second


async def sockets(*pages: Page) -> int:
    """Return how many sockets the pages open in a while."""
    before = [int(await page.evaluate("sockets")) for page in pages]
    await asyncio.sleep(QUIET)
    after = [int(await page.evaluate("sockets")) for page in pages]
    return sum(after) - sum(before)


async def test_strangers_in_two_tabs_have_one_conversation(shop: Desk, opened: Opened) -> None:
    first, second = await tabs(shop, opened)
    await say(first, "echo one")
    await expect(bubbles(second, "bot")).to_have_text(["one"])
    await say(second, "echo two")
    await expect(bubbles(first, "bot")).to_have_text(["one", "two"])
    assert await sockets(first, second) == 0


async def test_a_tab_that_signs_in_leaves_the_stranger_beside_it_in_peace(
    shop: Desk, opened: Opened
) -> None:
    customer, stranger = await tabs(shop, opened)
    await say(stranger, "echo before")
    await expect(bubbles(customer, "bot")).to_have_text(["before"])
    await identify(customer, "ada")
    await say(customer, "echo mine")
    await expect(bubbles(customer, "bot")).to_have_text(["before", "mine"])
    await expect(bubbles(stranger, "bot")).to_have_count(0)  # it went along to the customer
    assert await sockets(customer, stranger) == 0
    await say(stranger, "echo again")
    await expect(bubbles(stranger, "bot")).to_have_text(["again"])
    await expect(bubbles(customer, "bot")).to_have_text(["before", "mine"])
    assert await sockets(customer, stranger) == 0


async def test_a_page_that_names_nobody_does_not_sign_the_customer_out(
    shop: Desk, opened: Opened
) -> None:
    customer, other = await tabs(shop, opened)
    await identify(customer, "ada")
    await say(customer, "echo mine")
    await expect(bubbles(customer, "bot")).to_have_text(["mine"])
    await other.reload()
    await other.evaluate("frontdesk.open()")
    await expect(other.get_by_text("Hello")).to_be_visible()
    assert await sockets(customer, other) == 0
    await expect(bubbles(other, "bot")).to_have_count(0)
    await say(customer, "echo still")
    await expect(bubbles(customer, "bot")).to_have_text(["mine", "still"])


async def test_two_customers_in_two_tabs_keep_apart(shop: Desk, opened: Opened) -> None:
    ada, bob = await tabs(shop, opened)
    await identify(ada, "ada")
    await say(ada, "echo of ada")
    await expect(bubbles(ada, "bot")).to_have_text(["of ada"])
    await identify(bob, "bob")
    await say(bob, "echo of bob")
    await expect(bubbles(bob, "bot")).to_have_text(["of bob"])
    assert await sockets(ada, bob) <= 1
    await expect(bubbles(ada, "bot")).to_have_text(["of ada"])


@pytest.mark.parametrize("ending", ["frontdesk.identify(null)", "frontdesk.reset()"])
async def test_a_customer_who_signs_out_in_one_tab_has_left_the_other(
    shop: Desk, opened: Opened, ending: str
) -> None:
    first, second = await tabs(shop, opened)
    for page in (first, second):
        await identify(page, "ada")
    await say(first, "echo mine")
    await expect(bubbles(second, "bot")).to_have_text(["mine"])
    await composer(second).fill("a secret half written")
    await first.evaluate(ending)
    for page in (first, second):
        await expect(bubbles(page, "bot")).to_have_count(0)
        await expect(composer(page)).to_have_value("")
    await asyncio.sleep(0.3)
    assert await sockets(first, second) == 0
    await say(second, "echo next")
    await expect(bubbles(second, "bot")).to_have_text(["next"])
    await second.reload()
    await second.evaluate("frontdesk.open()")
    await expect(bubbles(second, "bot")).to_have_text(["next"])


async def test_a_stranger_who_is_forgotten_in_one_tab_is_forgotten_in_the_other(
    shop: Desk, opened: Opened
) -> None:
    first, second = await tabs(shop, opened)
    await say(first, "echo mine")
    await expect(bubbles(second, "bot")).to_have_text(["mine"])
    await first.evaluate("frontdesk.reset()")
    await expect(bubbles(second, "bot")).to_have_count(0)
    await say(second, "echo next")
    for page in (first, second):
        await expect(bubbles(page, "bot")).to_have_text(["next"])


async def test_what_a_customer_had_not_sent_is_never_said_by_the_next_visitor(
    tmp_path: Path, port: int, opened: Opened
) -> None:
    pages = [host_page("/shop", '<script src="/widget.js" defer></script>')]
    async with served(tmp_path / "log.db", port, beside=pages) as first:
        page = await opened(first.url + "shop")
        await page.evaluate("frontdesk.open()")
        await identify(page, "ada")
        await say(page, "echo mine")
        await expect(bubbles(page, "bot")).to_have_text(["mine"])
    await say(page, "echo a secret")
    await expect(page.locator(".pending")).to_have_count(1)
    await page.evaluate("frontdesk.identify(null)")
    async with served(tmp_path / "log.db", port, life="2", beside=pages) as second:
        await page.evaluate("dispatchEvent(new Event('online'))")
        await say(page, "echo next")
        await expect(bubbles(page, "bot")).to_have_text(["next"])
        events = [each.event for each in await second.log.events(0, 100)]
        heard = [event.text for event in events if isinstance(event, Heard)]
        assert heard == ["echo mine", "echo next"]
