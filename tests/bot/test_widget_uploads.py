"""Files on their way: chosen, pasted or dropped, with their progress, and what is said where one cannot be taken. The desk's door is played by the browser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, Route, WebSocketRoute, expect

from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, Opened, composer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
LETTER = FilePayload(name="letter.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7")
LATER = "That did not work just now. Please try again in a moment."
TAKEN = {
    "id": "f1",
    "name": "letter.pdf",
    "url": "/files/f1/letter.pdf",
    "size": 8,
    "type": "application/pdf",
}
HANDED_OVER = """
([selector, type]) => {
  const data = new DataTransfer();
  data.items.add(new File(["x"], "letter.pdf"));
  const into = document.querySelector("frontdesk-widget").shadowRoot.querySelector(selector);
  const event = type === "paste" ? new ClipboardEvent(type, { clipboardData: data }) : new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
  into.dispatchEvent(event);
}
"""


async def door(page: Page, status: int, answer: dict[str, Any], asked: list[str]) -> None:
    async def take(route: Route) -> None:
        asked.append(route.request.headers["authorization"])
        await route.fulfill(status=status, json=answer)

    await page.route("**/files", take)


async def test_a_file_goes_with_the_words_that_follow(running: Desk, opened: Opened) -> None:
    frames: list[dict[str, Any]] = []
    asked: list[str] = []
    page = await opened(running.url)
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    page.on(
        "websocket", lambda ws: ws.on("framesent", lambda text: frames.append(json.loads(text)))
    )
    await page.reload()
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    await door(page, 200, TAKEN, asked)
    await page.locator("input[type=file]").set_input_files([LETTER])
    await expect(page.locator(".upload.arrived")).to_have_count(1)
    assert asked[0].startswith("Bearer token-")
    await composer(page).fill("here it is")
    await composer(page).press("Enter")
    await expect(page.locator(".customer .card")).to_contain_text("letter.pdf")
    await expect(page.locator(".upload")).to_have_count(0)
    said = next(frame for frame in frames if frame["type"] == "say")
    assert (said["text"], said["files"]) == ("here it is", ["f1"])


@pytest.mark.parametrize(("into", "how"), [("textarea", "paste"), (".panel", "drop")])
async def test_a_file_is_taken_however_it_is_handed_over(
    running: Desk, opened: Opened, into: str, how: str
) -> None:
    page = await opened(running.url)
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await door(page, 200, TAKEN, [])
    await page.evaluate(HANDED_OVER, [into, how])
    await expect(page.locator(".upload.arrived")).to_have_count(1)
    await expect(page.get_by_role("button", name="Send")).to_be_enabled()  # words are not needed


async def test_a_file_that_the_desk_refuses_says_why(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    why = "Programs cannot be sent here."
    await door(page, 415, {"detail": why}, [])
    await page.locator("input[type=file]").set_input_files([LETTER])
    await expect(page.get_by_role("alert")).to_have_text(why)
    await expect(page.get_by_role("button", name="Send")).to_be_disabled()


async def test_a_file_is_offered_again_where_the_line_broke(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    await page.route("**/files", lambda route: route.abort())
    await page.locator("input[type=file]").set_input_files([LETTER])
    await expect(page.get_by_role("alert")).to_contain_text("letter.pdf could not be sent.")
    await page.unroute("**/files")
    await door(page, 200, TAKEN, [])
    await page.locator(".upload").get_by_role("button", name="Try again").click()
    await expect(page.locator(".upload.arrived")).to_have_count(1)


async def test_the_conversation_comes_as_a_file(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    await page.route("**/transcript", lambda route: route.fulfill(body="You: hello"))
    await page.get_by_role("button", name="More").click()
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="Download the conversation").click()
    assert (await coming.value).suggested_filename == "Puddle & Pine.txt"


async def test_files_beyond_the_tenth_are_not_dropped_without_a_word(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    await door(page, 200, TAKEN, [])
    await page.locator("input[type=file]").set_input_files([LETTER] * 11)
    await expect(page.locator(".upload.arrived")).to_have_count(10)
    await expect(page.get_by_role("status")).to_have_text(
        "No more than 10 files fit into one message."
    )


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (401, "unauthorized", "letter.pdf could not be sent."),
        (408, "timeout", LATER),
        (429, "rate_limited", LATER),
    ],
)
async def test_what_passes_can_be_tried_again(
    running: Desk, opened: Opened, status: int, code: str, said: str
) -> None:
    page = await opened(running.url)
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    await door(page, status, {"code": code, "detail": "In the server's English."}, [])
    await page.locator("input[type=file]").set_input_files([LETTER])
    await expect(page.get_by_role("alert")).to_have_text(f"{said} Try again")


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "empty", "letter.pdf ist leer."),
        (415, "wrong_type", "Dateien dieser Art können hier nicht gesendet werden."),
        (
            429,
            "too_many",
            "Heute können keine weiteren Dateien gesendet werden. Noch einmal versuchen",
        ),
        (418, "of_tomorrow", "In the server's English."),
    ],
)
async def test_a_refusal_is_said_in_the_visitors_language_by_its_code(
    running: Desk, opened: Opened, status: int, code: str, said: str
) -> None:
    page = await opened(running.url)
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    await page.evaluate("document.querySelector('frontdesk-widget').setLocale('de')")
    await expect(page.get_by_role("textbox", name="Nachricht schreiben")).to_be_visible()
    await door(page, status, {"code": code, "detail": "In the server's English."}, [])
    await page.locator("input[type=file]").set_input_files([LETTER])
    await expect(page.get_by_role("alert")).to_have_text(said)


async def test_a_file_waits_for_the_desk_to_say_who_the_visitor_is(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    held: list[WebSocketRoute] = []
    await page.route_web_socket(
        "**/ws", lambda line: held.append(line)
    )  # a line on which nothing comes
    asked: list[str] = []
    await door(page, 200, TAKEN, asked)
    await page.reload()
    await page.locator("input[type=file]").set_input_files([LETTER])
    await expect(page.locator(".upload")).to_have_count(1)
    await page.wait_for_timeout(100)
    assert asked == []
    welcome = {"type": "welcome", "token": "late", "seq": 0, "desk": {"name": "D", "greeting": "G"}}
    held[0].send(json.dumps(welcome))
    await expect(page.locator(".upload.arrived")).to_have_count(1)
    assert asked == ["Bearer late"]
