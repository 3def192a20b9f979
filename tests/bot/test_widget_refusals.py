"""What the desk refuses is read out once and told to the page, with the code and the message that it is about."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page, expect

from tests.bot.test_widget_access import HEARD
from tests.bot.test_widget_uploads import LETTER, TAKEN, door
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, composer, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
LISTEN = """() => {
  window.told = { error: [], send: [] };
  for (const name in told) frontdesk.on(name, (detail) => told[name].push(detail));
}"""
NOT_KEPT = "Your message could not be kept just now."
FILE_GONE = "Please attach the file again."


async def listening(opened: Opened, url: str) -> Page:
    page = await opened(url)
    await expect(composer(page)).to_be_visible()
    await page.evaluate(LISTEN)
    await page.evaluate(HEARD)
    return page


async def read_out(page: Page, sentence: str) -> list[str]:
    return [text for text in await page.evaluate("heard") if sentence in text]


async def live(page: Page) -> list[str]:
    """Return how the browser tells a screen reader of what stands under the failed message."""
    session = await page.context.new_cdp_session(page)
    node = await session.send(
        "Runtime.evaluate",
        {"expression": "frontdesk.shadowRoot.querySelector('.failed .meta')"},
    )
    tree = await session.send(
        "Accessibility.getPartialAXTree",
        {"objectId": node["result"]["objectId"], "fetchRelatives": False},
    )
    properties = [each for one in tree["nodes"] for each in one.get("properties", [])]
    return [each["value"]["value"] for each in properties if each["name"] == "live"]


async def test_a_message_that_was_not_kept_is_read_out_once_and_told_to_the_page(
    running: Desk, opened: Opened
) -> None:
    page = await listening(opened, running.url)
    await say(page, "full")
    await expect(page.locator(".failed .meta")).to_contain_text(NOT_KEPT)
    assert len(await read_out(page, NOT_KEPT)) == 1
    assert await live(page) == ["polite"]
    told = await page.evaluate("told")
    refusal = {"code": "storage_unavailable", "sentence": NOT_KEPT, "id": told["send"][0]["id"]}
    assert told["error"] == [refusal]
    await say(page, "hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    assert len(await read_out(page, NOT_KEPT)) == 1
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".failed .meta")).to_contain_text(NOT_KEPT)
    assert [each for each in await page.evaluate("heard") if "Sending" in each] == []
    assert len(await page.evaluate("told.error")) == 2


async def test_a_message_that_failed_before_the_page_was_left_is_not_read_out_again(
    running: Desk, opened: Opened
) -> None:
    page = await listening(opened, running.url)
    await say(page, "hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await say(page, "full")
    await expect(page.locator(".failed .meta")).to_contain_text(NOT_KEPT)
    await page.reload()
    await expect(page.locator(".failed .meta")).to_contain_text(NOT_KEPT)
    assert await live(page) == []


async def test_a_message_with_a_file_that_is_gone_says_so_to_everybody(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await say(page, "hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    gone = {"id": "0" * 32, "text": "see here", "files": [{"id": "f" * 32}], "at": 1}
    await page.add_init_script(
        "addEventListener('DOMContentLoaded', () => setTimeout(() => ("
        + LISTEN
        + ")(), 0), { once: true })"
    )
    await page.evaluate(
        "([id, kept]) => localStorage.setItem(Object.keys(localStorage).find((key) => key.endsWith('token')).replace(/token$/, `say:${id}`), kept)",
        [gone["id"], json.dumps(gone)],
    )
    await page.reload()
    await expect(page.locator(".failed .meta")).to_contain_text(FILE_GONE)
    assert await live(page) == ["polite"]
    (error,) = await page.evaluate("told.error")
    assert error == {"code": "file_gone", "sentence": FILE_GONE, "id": gone["id"]}


async def test_a_flood_and_words_that_are_too_long_are_told_to_the_page(
    running: Desk, opened: Opened
) -> None:
    page = await listening(opened, running.url)
    await composer(page).fill("long " * 900)
    await composer(page).press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("characters too long")
    (error,) = await page.evaluate("told.error")
    assert (error["code"], error["id"]) == ("too_long", None)
    await say(page, "busy")
    await expect(page.get_by_role("status")).to_contain_text("That did not work just now.")
    error = (await page.evaluate("told.error"))[1]
    assert (error["code"], error["id"]) == ("busy", (await page.evaluate("told.send"))[0]["id"])


async def test_a_file_that_is_not_taken_is_told_to_the_page(running: Desk, opened: Opened) -> None:
    page = await listening(opened, running.url)
    refused = {"code": "wrong_type", "detail": "The desk's own words."}
    for status, answer in ((415, refused), (413, {"detail": "Too much."})):
        await door(page, status, answer, [])
        await page.locator("input[type=file]").set_input_files([LETTER])
        await expect(page.locator(".upload.refused").last).to_be_visible()
        await page.unroute("**/files")
    await page.route("**/files", lambda route: route.abort())
    await page.locator("input[type=file]").set_input_files([LETTER])
    await expect(page.locator(".upload.refused")).to_have_count(3)
    assert await page.evaluate("told.error") == [
        {"code": "wrong_type", "sentence": "Files of this kind cannot be sent here.", "id": None},
        {"code": "failed", "sentence": "Too much.", "id": None},
        {"code": "unreachable", "sentence": "letter.pdf could not be sent.", "id": None},
    ]
    await page.unroute("**/files")
    await door(page, 200, TAKEN, [])
    await page.locator("input[type=file]").set_input_files([LETTER] * 8)
    assert (await page.evaluate("told.error"))[3]["code"] == "too_many_at_once"
