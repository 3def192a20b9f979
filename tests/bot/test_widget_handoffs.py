"""What the page's makers are told: who has the conversation, by name, and that the desk does not allow their page."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from conversations.handling import Taken
from tests.bot.test_widget_edits import written
from tests.bot.test_widget_returns import conversation_with
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, composer, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
LISTEN = """
addEventListener("frontdesk-handoff", ({ detail }) => (window.handed ??= []).push(detail.operator));
"""


async def taken(page: Page, desk: Desk, operator: str) -> None:
    conversation_id = await conversation_with(desk, "please")
    await desk.log.append(conversation_id, Taken(operator=operator))
    await expect(page.get_by_text(f"{operator} is with you")).to_be_visible()


async def test_the_page_is_told_who_has_the_conversation_as_soon_as_that_is_known(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await page.add_init_script(LISTEN)
    await page.reload()
    await say(page, "a person please")
    await expect(bubbles(page, "bot")).to_have_count(1)
    assert await page.evaluate("handed") == [None]
    await taken(page, running, "Mira")
    await written(running, "Here I am.")
    await expect(bubbles(page, "operator")).to_have_count(1)
    assert await page.evaluate("handed") == [None, "Mira"]
    await taken(page, running, "Jonas")
    assert await page.evaluate("handed") == [None, "Mira", "Jonas"]
    await page.reload()
    await expect(bubbles(page, "operator")).to_have_count(1)
    await expect(page.get_by_text("Jonas is with you")).to_be_visible()
    assert await page.evaluate("window.handed") is None  # it had been told


async def shop_of(desk: Desk) -> TestServer:
    """Serve a page of another origin that embeds the widget."""

    async def page(request: web.Request) -> web.Response:
        script = f'<script src="{desk.url}widget.js" defer data-open></script>'
        text = f"<!doctype html><html lang=en><title>A shop</title>{script}<h1>A shop</h1>"
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", page)])
    server = TestServer(app)
    await server.start_server()
    return server


async def test_a_page_that_the_desk_does_not_allow_finds_out_once_what_to_change(
    running: Desk, browser: Browser
) -> None:
    shop = await shop_of(running)
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    warnings: list[str] = []
    page.on("console", lambda said: warnings.extend([said.text] * (said.type == "warning")))
    try:
        async with page.expect_console_message(lambda said: "allowed_origins" in said.text):
            await page.goto(str(shop.make_url("/")))
        await expect(composer(page)).to_be_visible()
        await page.evaluate("frontdesk.setLocale('de')")
        await expect(page.get_by_role("textbox", name="Nachricht schreiben")).to_be_visible()
        await page.wait_for_timeout(1_000)
        (warning,) = warnings
        assert str(shop.make_url("/").origin()) in warning
    finally:
        await page.close()
        await shop.close()


async def test_a_desk_that_is_away_is_no_reason_to_change_anything(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url + "demo")
    warnings: list[str] = []
    page.on("console", lambda said: warnings.extend([said.text] * (said.type == "warning")))
    await page.route("**/ws", lambda route: route.abort())
    await page.route_web_socket("**/ws", lambda line: line.close())
    await page.reload()
    await page.evaluate("frontdesk.open()")
    await expect(page.locator("frontdesk-widget").get_by_role("status")).not_to_have_text("")
    await page.wait_for_timeout(500)
    assert warnings == []
