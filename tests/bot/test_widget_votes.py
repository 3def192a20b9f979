"""Thumbs and what the page says for its visitor are kept until the desk has them, and taken back where it refuses."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from bot.channels.web_loader import LOST
from conversations.events import Closed, Rated
from tests.bot.web_desk import Desk, served
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, complaints, composer, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
SORRY = "That did not work just now. Please try again in a moment."
REFUSAL = (
    '{"type":"error","code":"bad_input","id":null,"message":"There is no such answer to rate."}'
)
HELPED = "This helped"


async def refuse(page: Page, kind: str, refusal: str = REFUSAL) -> None:
    """Let the line answer every frame of this kind with a refusal."""

    def between(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        line.on_message(
            lambda said: (
                line.send(refusal) if f'"type":"{kind}"' in str(said) else server.send(said)
            )
        )

    await page.route_web_socket("**/ws", between)


async def test_a_thumb_that_the_desk_refuses_is_taken_back_with_a_word(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await refuse(page, "rate")
    await page.reload()
    await say(page, "hello")
    await page.get_by_role("button", name=HELPED).click()
    await expect(page.get_by_role("status")).to_have_text(SORRY)
    thumb = page.get_by_role("button", name=HELPED)
    await expect(thumb).to_have_attribute("aria-pressed", "false")
    assert (
        await page.evaluate("Object.keys(localStorage).filter((key) => key.includes('rate'))") == []
    )


async def test_a_thumb_that_is_turned_and_refused_goes_back_to_what_the_desk_has(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await say(page, "hello")
    await page.get_by_role("button", name=HELPED).click()
    kept = "Object.keys(localStorage).some((key) => key.includes('rate:'))"
    async with asyncio.timeout(10):
        while await page.evaluate(kept):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)
    await refuse(page, "rate")
    await page.reload()
    up = page.get_by_role("button", name=HELPED)
    down = page.get_by_role("button", name="This did not help")
    await expect(up).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_role("status")).to_have_text("")
    await down.click()
    await expect(page.get_by_role("status")).to_have_text(SORRY)
    await expect(up).to_have_attribute("aria-pressed", "true")
    await expect(down).to_have_attribute("aria-pressed", "false")
    await expect(page.get_by_role("group", name="What was wrong with it?")).to_have_count(0)


@pytest.mark.parametrize(("code", "asked_again"), [("bad_input", 0), ("storage_unavailable", 1)])
async def test_a_score_that_the_desk_refuses_is_taken_back_and_asked_for_again_where_that_helps(
    running: Desk, opened: Opened, code: str, asked_again: int
) -> None:
    page = await opened(running.url)
    refusal = json.dumps({"type": "error", "code": code, "id": None, "message": "No."})
    await refuse(page, "csat", refusal)
    await page.reload()
    await say(page, "hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    conversation_id = (await running.log.search("hello"))[0].conversation_id
    await running.log.append(conversation_id, Closed(reason="done", operator="Mira"))
    question = page.get_by_role("group", name="How was this conversation?")
    await question.get_by_role("button", name="Good").click()
    await expect(page.get_by_role("status")).to_have_text(SORRY)
    await expect(question).to_have_count(asked_again)
    await expect(question.get_by_role("button", pressed=True)).to_have_count(0)
    await expect(page.get_by_text("Thank you for telling us.")).to_have_count(0)
    assert (
        await page.evaluate("Object.keys(localStorage).some((key) => key.includes('csat'))")
        is False
    )


async def test_words_that_are_refused_for_good_are_given_back_to_be_changed(
    running: Desk, opened: Opened
) -> None:
    def between(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def hear(said: str | bytes) -> None:
            frame = json.loads(said)
            if frame["type"] != "say":
                server.send(said)
                return
            refused = {"type": "error", "id": frame["id"], "code": "bad_input", "message": "No."}
            line.send(json.dumps(refused))

        line.on_message(hear)

    page = await opened(running.url)
    await page.route_web_socket("**/ws", between)
    await page.reload()
    await say(page, "not so")
    await expect(page.locator(".failed .meta")).to_contain_text("No.")
    await page.get_by_role("button", name="Edit").click()
    await expect(composer(page)).to_have_value("not so")
    await expect(bubbles(page, "customer")).to_have_count(0)
    assert (
        await page.evaluate("Object.keys(localStorage).some((key) => key.includes('say:'))")
        is False
    )


async def test_a_thumb_given_while_the_desk_is_away_is_sent_when_it_is_back(
    tmp_path: Path, port: int, opened: Opened
) -> None:
    async with served(tmp_path / "log.db", port) as first:
        page = await opened(first.url)
        await say(page, "hello")
        await expect(bubbles(page, "bot")).to_have_count(1)
    await expect(page.get_by_role("status")).to_contain_text("will be sent")
    await page.get_by_role("button", name=HELPED).click()
    thumb = page.get_by_role("button", name=HELPED)
    await expect(thumb).to_have_attribute("aria-pressed", "true")
    async with served(tmp_path / "log.db", port, life="2") as second:
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.get_by_role("status")).to_have_text("")
        # Asked from here: the page's policy lets no string become a condition to wait for.
        kept = "Object.keys(localStorage).some((key) => key.includes('rate:'))"
        async with asyncio.timeout(10):
            while await page.evaluate(kept):  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(0.05)
        events = await second.log.events(0, 50)
        assert [r.event.value for r in events if isinstance(r.event, Rated)] == ["up"]


async def test_what_the_page_says_before_the_panel_could_be_fetched_is_not_lost(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url + "demo")
    await page.route("**/widget/*.js", lambda route: route.abort())
    await page.evaluate("frontdesk.send('echo for you'); frontdesk.draft('and this')")
    await expect(page.get_by_role("alert")).to_have_text(LOST["en"])
    await page.unroute("**/widget/*.js")
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(bubbles(page, "bot")).to_have_text(["for you"])
    await expect(composer(page)).to_have_value("and this")


@pytest.mark.parametrize(
    ("locale", "scheme"), [("en", "light"), ("ar", "dark"), ("hi", "light"), ("zh-Hant", "dark")]
)
async def test_a_first_click_without_a_connection_is_answered_with_a_sentence(
    running: Desk, opened: Opened, locale: str, scheme: str
) -> None:
    page = await opened(running.url + "demo", locale=locale, color_scheme=scheme, bypass_csp=True)
    await page.evaluate("frontdesk.setLocale('auto')")
    await page.context.set_offline(True)
    await page.locator("frontdesk-widget .launcher").click()
    said = page.get_by_role("alert")
    await expect(said).to_have_text(LOST[locale])
    assert await complaints(page, "frontdesk-widget") == []
    await said.click()  # which tries again, as the launcher does
    await expect(said).to_have_text(LOST[locale])
    await page.context.set_offline(False)
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(said).to_be_hidden()


@pytest.mark.parametrize(
    ("browser_speaks", "greets"),
    [("pt-PT", "Abrir o chat"), ("zh-TW", "開啟聊天"), ("zh", "打开聊天"), ("nl", "Open the chat")],
)
async def test_the_language_is_the_browsers_where_the_page_says_auto(
    running: Desk, opened: Opened, browser_speaks: str, greets: str
) -> None:
    page = await opened(running.url + "demo", locale=browser_speaks)
    await page.evaluate("frontdesk.setLocale('auto')")
    await expect(page.locator("frontdesk-widget .launcher")).to_have_attribute("aria-label", greets)
