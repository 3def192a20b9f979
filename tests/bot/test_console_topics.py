"""The console's view of new topics in a real browser: what is shown, what becomes of a topic, looking for more, and who may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, ViewportSize, expect

from finetune.mining.looking import keep_failure
from tests.bot.console_desk import LAPTOP, TABLET, fits, sign_in, staffed
from tests.bot.served import Client, served
from tests.bot.test_topics import INVOICE, WRAPPING, ask, keep, names
from tests.bot.widget_page import CHROMIUM, Opened, complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
NASTY = "<img src=x onerror=alert(1)><b>gift</b> box"


@pytest_asyncio.fixture(loop_scope="module")
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(staffed(tmp_path, "Puddle & Pine")) as found:
        wrapping = await ask(found, *WRAPPING, NASTY)
        keep(tmp_path, ("gift_wrap", wrapping), ("invoice", await ask(found, *INVOICE)))
        yield found


async def looking(client: Client, opened: Opened, name: str = "Mia", **options: Any) -> Page:
    page = await opened(f"{client.url}/console/review/topics", **({"viewport": LAPTOP} | options))
    await sign_in(page, name)
    await expect(page.get_by_role("link", name="New topics 2")).to_have_attribute(
        "aria-current", "page"
    )
    await shown(page, "Gift wrap")
    return page


async def shown(page: Page, title: str) -> None:
    await expect(page.locator(".question")).to_have_text(title)


async def test_topics_are_given_and_dismissed_by_the_keyboard_and_taken_back(
    client: Client, opened: Opened
) -> None:
    page = await looking(client, opened)
    await expect(page.get_by_text("Asked 4 times in 4 ways")).to_be_visible()
    await expect(page.get_by_role("img", name="Asked on 1 day")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Pick an intent first, or make a new one.")).to_be_visible()
    await page.keyboard.press("2")
    await page.keyboard.press("Enter")
    await shown(page, "Invoice")
    await expect(
        page.get_by_text("Labelled \u201cSending something back\u201d, 4 wordings.")
    ).to_be_visible()
    await page.keyboard.press("Backspace")
    await expect(page.get_by_role("heading", name="No new topics")).to_be_visible()
    assert await names(client) == []
    for title in ("Invoice", "Gift wrap"):
        await page.keyboard.press("u")
        await shown(page, title)
    assert await names(client) == ["gift_wrap", "invoice"]


async def test_what_does_not_belong_to_a_topic_is_left_out(client: Client, opened: Opened) -> None:
    page = await looking(client, opened)
    assert await page.locator(".review img, .review b").count() == 0
    await page.get_by_role("checkbox", name=NASTY).uncheck()
    await page.keyboard.press("1")
    await page.get_by_role("button", name="Label 3").click()
    await expect(page.get_by_text("Asked 1 time in 1 way")).to_be_visible()


async def test_a_topic_becomes_an_intent_with_a_draft_of_its_answer(
    client: Client, opened: Opened
) -> None:
    page = await looking(client, opened)
    await page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="A new intent")
    await expect(dialog.get_by_label("Name")).to_have_value("gift_wrap")
    assert WRAPPING[0] in await dialog.get_by_label("Questions").input_value()
    await dialog.get_by_label("Answer").fill("Yes, {{ euros }}.")
    assert await complaints(page) == []
    await dialog.get_by_role("button", name="Save as a draft").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("uses euros, which is not known")
    await dialog.get_by_label("Answer").fill("Yes, for two euros.")
    await dialog.get_by_role("button", name="Save as a draft").click()
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_text("The answer gift_wrap is not live yet.")).to_be_visible()
    await expect(page.get_by_text("A draft waits")).to_be_visible()
    link = page.get_by_role("link", name="gift_wrap")
    await expect(link).to_have_attribute("href", "/console/answers/gift_wrap")
    _, found = await client.get("/api/v1/templates/gift_wrap", operator=True)
    assert (found["state"], found["intent"], found["title"]) == ("draft", "gift_wrap", "Gift wrap")


async def test_looking_says_how_it_goes_and_how_it_ended(client: Client, opened: Opened) -> None:
    page = await looking(client, opened)
    await page.keyboard.press("l")
    await expect(page.get_by_role("alert")).to_contain_text(
        "there is no examples.csv", timeout=60_000
    )
    await expect(page.get_by_role("button", name="Look now")).to_be_visible()


async def test_a_night_that_could_not_look_says_when_and_why(
    client: Client, opened: Opened, tmp_path: Path
) -> None:
    keep_failure(tmp_path, datetime(2026, 3, 2, 3, tzinfo=UTC), f"{NASTY}.")
    page = await looking(client, opened)
    await expect(page.get_by_text(f"could not look: {NASTY}.")).to_be_visible()
    assert await page.locator(".review img, .review b").count() == 0


async def test_who_is_no_trainer_may_look_and_no_more(client: Client, opened: Opened) -> None:
    page = await looking(client, opened, "Ann")
    await page.keyboard.press("Backspace")
    await page.keyboard.press("j")
    await shown(page, "Invoice")
    await expect(page.get_by_text("Topics are decided by trainers")).to_be_visible()
    await expect(page.get_by_role("checkbox")).to_have_count(0)
    assert len(await names(client)) == 2


async def test_a_desk_that_never_looked_says_so(tmp_path: Path, opened: Opened) -> None:
    async with served(staffed(tmp_path)) as client:
        page = await opened(f"{client.url}/console/review/topics", viewport=LAPTOP)
        await sign_in(page, "Mia")
        await expect(page.get_by_text("Nobody has looked for new topics yet.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, TABLET], ids=["laptop", "tablet"])
async def test_the_page_is_accessible_and_nothing_is_cut_off(
    client: Client, opened: Opened, tmp_path: Path, scheme: str, size: ViewportSize
) -> None:
    page = await looking(client, opened, color_scheme=scheme, viewport=size)
    assert await complaints(page) == []
    assert await fits(page)
    await page.screenshot(path=tmp_path / "topics.png")
