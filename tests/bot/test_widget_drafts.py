"""What is being written is not lost: not to a failed message, not to another page or language, and not to a file on its way."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.bot.test_widget_tabs import identify
from tests.bot.test_widget_uploads import LETTER, TAKEN, door
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, composer, ready, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
GERMAN = "Nachricht schreiben"


async def attach(page: Page) -> None:
    await page.locator("input[type=file]").set_input_files([LETTER])


async def held_door(page: Page) -> list[Route]:
    """Let files wait at the door; returns those that do."""
    held: list[Route] = []
    await page.route("**/files", lambda route: held.append(route))
    return held


async def come(held: list[Route]) -> None:
    async with asyncio.timeout(5):
        while not held:  # noqa: ASYNC110 - the browser asks
            await asyncio.sleep(0.05)


async def test_editing_a_failed_message_keeps_what_was_being_written(
    running: Desk, opened: Opened
) -> None:
    page = await ready(await opened(running.url))
    await door(page, 200, TAKEN, [])  # and the desk has no such file
    await attach(page)
    await expect(page.locator(".upload.arrived")).to_have_count(1)
    await say(page, "see here")
    await composer(page).fill("half a sentence")
    await page.get_by_role("button", name="Edit").click()
    await expect(composer(page)).to_have_value("see here\nhalf a sentence")
    await expect(bubbles(page, "customer")).to_have_count(0)


async def test_a_draft_is_there_after_a_reload_and_gone_when_it_was_sent(
    running: Desk, opened: Opened
) -> None:
    page = await ready(await opened(running.url))
    await composer(page).fill("first words,\nhalf written")
    await page.reload()
    await expect(composer(page)).to_have_value("first words,\nhalf written")
    box = await composer(page).bounding_box()
    assert box is not None
    assert box["height"] > 60  # both lines are seen
    await composer(page).press("Enter")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await page.reload()
    await expect(bubbles(page, "bot")).to_have_count(1)
    await ready(page)


async def test_a_draft_goes_along_to_the_next_page_and_no_other_tab(
    running: Desk, opened: Opened
) -> None:
    page = await ready(await opened(running.url))
    await say(page, "hello")
    await composer(page).fill("on the way")
    await page.goto(running.url + "demo")
    await expect(composer(page)).to_have_value("on the way")
    other = await page.context.new_page()
    await other.goto(running.url)
    await ready(other)


@pytest.mark.parametrize("there", [True, False])
async def test_a_customers_draft_is_no_strangers(
    running: Desk, opened: Opened, there: bool
) -> None:
    page = await ready(await opened(running.url))
    await identify(page, "ada")
    await say(page, "hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await composer(page).fill("a secret")
    await page.reload()
    await ready(page)
    await identify(page, "ada")
    await expect(composer(page)).to_have_value("a secret")
    if not there:
        await page.route("**/widget/panel.js", lambda route: route.abort())
        await page.reload()
    await page.evaluate("frontdesk.identify(null)")
    await page.unroute_all()
    await page.reload()
    await identify(page, "ada")
    await ready(page)


async def test_another_language_keeps_the_words_and_the_files(
    running: Desk, opened: Opened
) -> None:
    page = await ready(await opened(running.url))
    asked: list[str] = []
    await door(page, 200, TAKEN, asked)
    await attach(page)
    await expect(page.locator(".upload.arrived")).to_have_count(1)
    await page.unroute("**/files")
    held = await held_door(page)
    await attach(page)
    await composer(page).fill("half written")
    await come(held)
    await page.locator("frontdesk-widget").evaluate("(widget) => widget.setLocale('de')")
    words = page.get_by_role("textbox", name=GERMAN)
    await expect(words).to_have_value("half written")
    await expect(page.locator(".upload")).to_have_count(2)
    await expect(page.locator(".upload.arrived")).to_have_count(1)
    async with asyncio.timeout(5):
        while len(held) < 2:  # noqa: ASYNC110 - it is sent once more
            await asyncio.sleep(0.05)
    await held[-1].fulfill(status=200, json=TAKEN | {"id": "f2"})
    await expect(page.locator(".upload.arrived")).to_have_count(2)
    assert len(asked) == 1


async def test_enter_while_a_file_is_on_its_way_sends_both_when_it_is_there(
    running: Desk, opened: Opened
) -> None:
    page = await ready(await opened(running.url))
    held = await held_door(page)
    await attach(page)
    await composer(page).fill("here it is")
    await composer(page).press("Enter")
    send = page.get_by_role("button", name="Send")
    await expect(send).to_have_attribute("aria-busy", "true")
    await expect(bubbles(page, "customer")).to_have_count(0)
    await come(held)
    await held[0].fulfill(status=200, json=TAKEN)
    await expect(page.locator(".customer .card")).to_contain_text("letter.pdf")
    await expect(bubbles(page, "customer")).to_have_text(["here it is"])
    await expect(composer(page)).to_have_value("")
    await expect(send).to_have_attribute("aria-busy", "false")


async def test_who_writes_on_or_whose_file_is_refused_sends_once_more(
    running: Desk, opened: Opened
) -> None:
    page = await ready(await opened(running.url))
    held = await held_door(page)
    await attach(page)
    await composer(page).fill("here it is")
    await composer(page).press("Enter")
    await composer(page).press("End")
    await composer(page).press_sequentially(", and more")
    await come(held)
    await held[0].fulfill(status=200, json=TAKEN)
    await expect(page.locator(".upload.arrived")).to_have_count(1)
    await expect(composer(page)).to_have_value("here it is, and more")
    await attach(page)
    await composer(page).press("Enter")
    async with asyncio.timeout(5):
        while len(held) < 2:  # noqa: ASYNC110 - the browser asks
            await asyncio.sleep(0.05)
    await held[1].fulfill(status=415, json={"code": "wrong_type"})
    await expect(page.locator(".upload.refused")).to_have_count(1)
    await expect(composer(page)).to_have_value("here it is, and more")
    await expect(bubbles(page, "customer")).to_have_count(0)
