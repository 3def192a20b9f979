"""The widget's quiet line: too many words, too much at once, no connection, and when a person comes, in a sentence each."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import WebSocketRoute, expect

from conversations.events import OperatorWrote
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, composer, say
from tests.bot.widget_states import address, show

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
TOO_FAST = '{"type":"error","code":"rate_limited","id":"%s","message":"That was a lot at once. The rest follows one by one."}'


async def test_what_is_too_long_stays_in_the_composer_and_is_counted(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await say(page, "é" * 4_097)
    status = page.get_by_role("status")
    await expect(status).to_have_text("That is one character too long for one message.")
    await page.evaluate("frontdesk.setLocale('de')")
    german = page.get_by_role("textbox", name="Nachricht schreiben")
    await expect(german).to_have_value("é" * 4_097)  # nothing is lost with the language
    await german.fill("😀" * 5_330)  # a character is what people take for one
    await german.press("Enter")
    await expect(status).to_have_text("Das sind 1.234 Zeichen zu viel für eine Nachricht.")
    await expect(page.locator(".log .customer")).to_have_count(0)


async def test_what_is_said_too_fast_waits_and_is_sent_once(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    refused: list[str] = []

    def between(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def passed(said: str | bytes) -> None:
            found = re.search(r'"type":"say","id":"([^"]+)"', str(said))
            if found and not refused:
                refused.append(found[1])
                line.send(TOO_FAST % found[1])
            else:
                server.send(said)

        line.on_message(passed)

    await page.route_web_socket("**/ws", between)
    await page.reload()
    await say(page, "echo first")
    await say(page, "echo second")
    await expect(page.get_by_role("status")).to_have_text(
        "That was a lot at once. The rest follows one by one."
    )
    await expect(bubbles(page, "bot")).to_have_text(["first", "second"])
    await expect(bubbles(page, "customer")).to_have_text(["echo first", "echo second"])
    await expect(page.locator(".pending")).to_have_count(0)


async def test_without_a_connection_the_line_says_so_and_what_is_written_follows(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    lines: list[WebSocketRoute] = []

    async def between(line: WebSocketRoute) -> None:
        lines.append(line)
        if len(lines) == 1:
            line.connect_to_server()
        else:
            await line.close()  # while there is no connection

    await page.route_web_socket("**/ws", between)
    await page.reload()
    await say(page, "echo before")
    await expect(bubbles(page, "bot")).to_have_text(["before"])
    await page.context.set_offline(True)
    await lines[0].close()
    status = page.get_by_role("status")
    await expect(status).to_have_text("You are offline. What you write will be sent.")
    await say(page, "echo after")
    await expect(page.locator(".customer .meta").last).to_have_text("Will be sent")
    lines.clear()
    await page.context.set_offline(False)  # which the browser tells the page
    await expect(bubbles(page, "bot")).to_have_text(["before", "after"])
    await expect(status).to_have_text("")


async def test_whoever_takes_over_is_named_within_a_second(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await say(page, "a person please")
    await expect(page.get_by_role("status")).to_have_text("A person will answer here.")
    wrote = OperatorWrote(message_id="o1", operator="Ida", text="One moment.")
    await running.log.append((await running.log.waiting())[0], wrote)
    await expect(page.get_by_text("Ida is with you")).to_be_visible(timeout=1_000)
    await expect(page.get_by_role("status")).to_have_text("")
    await expect(page.get_by_role("button", name="Talk to a person")).to_be_hidden()


async def test_who_waits_for_a_person_is_told_how_long_or_until_when(
    running: Desk, opened: Opened
) -> None:
    page = await opened(address(running.url, "waiting"))
    status = page.get_by_role("status")
    await expect(status).to_have_text("A person will answer here. Usual wait: about 3 minutes.")
    await show(page, running.url, "closing", locale="de")
    await expect(status).to_have_text(re.compile(r"^Unser Team ist ab \w+tag.*09:00.* wieder da"))
    await expect(composer(page)).to_have_count(0)  # all of it is German
