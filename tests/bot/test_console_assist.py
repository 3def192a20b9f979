"""Assist in a real browser: suggestions by the keyboard, gaps, the summary, and an answer that is taught and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.bot.console_desk import LAPTOP, offered, sign_in, staffed
from tests.bot.onlooker import PAUSES
from tests.bot.served import Client, served
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, complaints, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
CHEWS = "can my dog chew these boots"
HOSTILE = "<img src=x onerror=alert(1)> order ${alert(2)} {{alert(3)}}"


@pytest_asyncio.fixture(loop_scope="module")
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(staffed(tmp_path)) as found:
        yield found


async def waiting(client: Client, opened: Opened, *texts: str) -> tuple[Page, str]:
    """Let a customer of the widget ask, and then ask for a person; gives their page and the conversation."""
    page = await opened(f"{client.url}/demo")
    await page.get_by_role("button", name="Open the chat").click()
    for number, text in enumerate((*texts, "a person please"), start=1):
        await say(page, text)
        await expect(bubbles(page, "bot")).to_have_count(number)
    asked = "/api/v1/inbox?state=waiting&sort=recent"  # follows the log, a moment behind
    rows: list[dict[str, str]] = []
    for pause in PAUSES:
        if rows := (await client.get(asked, operator=True))[1]["rows"]:
            break
        await asyncio.sleep(pause)
    return page, rows[0]["conversation_id"]


async def console(
    client: Client, opened: Opened, conversation: str, name: str = "Ann", **options: Any
) -> Page:
    address = f"{client.url}/console/inbox/{conversation}"
    page = await opened(address, **({"viewport": LAPTOP, "bypass_csp": False} | options))
    await sign_in(page, name)
    await page.get_by_role("log").wait_for()
    return page


def replies(page: Page) -> Locator:
    return page.get_by_role("list", name="Suggested replies").get_by_role("listitem")


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Reply to the customer")


async def test_a_suggestion_is_taken_by_a_key_and_sent_only_by_whoever_took_it(
    client: Client, opened: Opened
) -> None:
    theirs, here = await waiting(client, opened, "maybe an order")
    ann = await console(client, opened, here)
    await expect(replies(ann)).to_have_count(3)
    await expect(replies(ann).first).to_contain_text("Hello there, which order?")
    await expect(replies(ann).first).to_contain_text("Where my order is")
    second = await replies(ann).nth(1).get_by_role("button").inner_text()
    await ann.keyboard.press("1")
    await expect(field(ann)).to_have_value("Hello there, which order?")
    await expect(field(ann)).to_be_focused()
    await ann.keyboard.press("Control+/")
    await expect(field(ann)).to_have_value(second)
    await ann.keyboard.press("Control+/")
    await ann.keyboard.press("Control+/")
    await expect(field(ann)).to_have_value("")
    await ann.keyboard.type("Ann here.")
    await replies(ann).first.get_by_role("button").click()
    await expect(field(ann)).to_have_value("Ann here.\n\nHello there, which order?")
    await expect(bubbles(theirs, "bot")).to_have_count(2)
    await ann.keyboard.press("Enter")
    await expect(theirs.get_by_text("Ann here.")).to_be_visible()
    await expect(replies(ann)).to_have_count(0)
    await say(theirs, "how do I return it")
    await expect(replies(ann).first).to_contain_text("Sixty days, free label.")


async def test_a_colleagues_answer_comes_with_a_gap_to_fill_in(
    client: Client, opened: Opened
) -> None:
    _, before = await waiting(client, opened, CHEWS)
    wrote = "Hello Maren, boots are no toys. I wrote to maren@post.example about bones. Bob"
    path = f"/api/v1/conversations/{before}/messages"
    await client.post(path, {"operator": "Bob", "text": wrote}, operator=True)
    _, here = await waiting(client, opened, CHEWS)
    await offered(client, here, "boots are no toys")
    ann = await console(client, opened, here)
    answered = replies(ann).filter(has_text="boots are no toys")
    await expect(answered).to_contain_text("Hello [name], boots are no toys. I wrote to [email]")
    link = answered.get_by_role("link")
    assert await link.get_attribute("href") == f"/console/inbox/{before}?state=all"
    await answered.get_by_role("button").click()
    await expect(field(ann)).to_have_value("Hello [name], boots are no toys. I wrote to [email] about bones.")  # fmt: skip
    await ann.keyboard.type("Lou")
    await expect(field(ann)).to_have_value("Hello Lou, boots are no toys. I wrote to [email] about bones.")  # fmt: skip


async def test_a_long_conversation_is_summed_up_in_its_own_words(
    client: Client, opened: Opened
) -> None:
    said = "The left boot of my pair is leaking. I bought them in March. They were wet on day one."
    _, here = await waiting(client, opened, "where is order now", said, "Can you send a new pair?")
    ann = await console(client, opened, here)
    await expect(ann.get_by_role("button", name="Summary")).to_be_visible()
    await ann.keyboard.press("m")
    summary = ann.get_by_role("list", name="Summary")
    await expect(summary).to_contain_text("The left boot of my pair is leaking.")
    await expect(summary).to_contain_text("Can you send a new pair?")
    await ann.keyboard.press("m")
    await expect(summary).to_have_count(0)


async def test_what_was_written_is_taught_at_once_and_taken_back(
    client: Client, opened: Opened
) -> None:
    _, here = await waiting(client, opened, "do you wrap gifts, order PP-204817")
    mia = await console(client, opened, here, "Mia")
    await field(mia).fill("Hello Maren, we wrap gifts for two euros. Ask a@b.example.")
    await mia.get_by_label("Assist").get_by_role("button", name="Save as answer").click()
    dialog = mia.get_by_role("dialog", name="Save as answer")
    await expect(dialog.get_by_label("Question")).to_be_focused()
    answer = dialog.get_by_label("Answer, for everybody")
    await expect(answer).to_have_value("We wrap gifts for two euros. Ask [email].")
    await expect(dialog.get_by_role("button", name="Teach")).to_be_disabled()
    await answer.fill("We wrap gifts for two euros.")
    await dialog.get_by_label("Question").fill("do you wrap gifts")
    await dialog.get_by_text("Something new, called").click()
    await dialog.get_by_label("What it is called").fill("Gift wrap")
    assert await complaints(mia) == []
    await dialog.get_by_role("button", name="Teach").click()
    await expect(dialog).to_contain_text("Taught. The next customer who asks gets it.")
    asked = await client.say("do you wrap gifts", visitor="eve")
    assert (asked["intent"], asked["text"]) == ("gift_wrap", "We wrap gifts for two euros.")
    await dialog.get_by_role("button", name="Take it back").click()
    await expect(dialog).to_be_hidden()
    await expect(mia.get_by_text("Taken back.")).to_be_visible()
    asked = await client.say("do you wrap gifts", visitor="ida")
    assert asked["text"] != "We wrap gifts for two euros."
    await field(mia).press("Enter")
    message = mia.get_by_role("log").get_by_role("article").filter(has_text="for two euros")
    await message.hover()
    await message.get_by_role("button", name="Save as answer").click()
    await expect(answer).to_have_value("We wrap gifts for two euros. Ask [email].")


async def test_who_may_not_teach_or_write_is_not_offered_it(client: Client, opened: Opened) -> None:
    _, here = await waiting(client, opened, "where is order")
    ann = await console(client, opened, here)
    await expect(replies(ann)).to_have_count(1)
    await expect(ann.get_by_role("button", name="Save as answer")).to_have_count(0)
    vic = await console(client, opened, here, "Vic")
    await expect(vic.get_by_text("You may read along.")).to_be_visible()
    await expect(vic.get_by_label("Assist")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_hostile_words_are_only_words(
    client: Client, opened: Opened, scheme: str
) -> None:
    _, here = await waiting(client, opened, f"{HOSTILE}. It rained. It was wet. It is late. My boots leak.", "where is order")  # fmt: skip
    path = f"/api/v1/conversations/{here}/messages"
    await client.post(path, {"operator": "Mia", "text": HOSTILE}, operator=True)
    mia = await console(client, opened, here, "Mia", color_scheme=scheme, bypass_csp=True)
    await expect(mia.get_by_text("Answered.")).to_be_visible()
    assert await complaints(mia) == []
    message = mia.get_by_role("log").get_by_role("article").filter(has_text=HOSTILE).last
    await message.hover()
    await message.get_by_role("button", name="Save as answer").click()
    dialog = mia.get_by_role("dialog", name="Save as answer")
    await expect(dialog.get_by_label("Answer, for everybody")).to_have_value(HOSTILE)
    assert await complaints(mia) == []
    await dialog.get_by_role("button", name="Teach").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("This cannot be taught")
