"""The console's view of suspected labels in a real browser: what is shown, labels by the keyboard, undo, and who may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, ViewportSize, expect

from tests.bot.console_desk import LAPTOP, TABLET, fits, sign_in, staffed
from tests.bot.served import Client, served
from tests.bot.test_suspects import ELSEWHERE, FILE, SAID, label, suspect, texts
from tests.bot.widget_page import CHROMIUM, Opened, complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
NASTY = {**FILE, "text": "<img src=x onerror=alert(1)><b>near</b>"}


@pytest_asyncio.fixture(loop_scope="module")
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    desk = staffed(tmp_path, "Puddle & Pine")
    suspect(tmp_path, FILE, SAID, ELSEWHERE, NASTY)
    async with served(desk) as found:
        await label(found, SAID["text"], SAID["intent"], "eve")
        yield found


async def doubting(client: Client, opened: Opened, name: str = "Mia", **options: Any) -> Page:
    page = await opened(f"{client.url}/console/review", **({"viewport": LAPTOP} | options))
    await sign_in(page, name)
    tab = page.get_by_role("navigation", name="Review").get_by_role("link", name="Suspected 4")
    await tab.click()
    await expect(tab).to_have_attribute("aria-current", "page")
    await page.locator(".question").wait_for()
    assert page.url.endswith("/console/review/suspects")
    return page


async def shown(page: Page, text: str) -> None:
    await expect(page.locator(".question")).to_have_text(text)


async def test_labels_are_settled_by_the_keyboard_and_every_decision_is_taken_back(
    client: Client, opened: Opened
) -> None:
    page = await doubting(client, opened)
    await shown(page, FILE["text"])
    await expect(page.get_by_text("It stood in examples.csv, line 7")).to_be_visible()
    await expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Pick a label first")).to_be_visible()
    await page.keyboard.press("2")  # what is more likely
    await expect(page.get_by_role("radio", name="Where my order is")).to_be_checked()
    await page.keyboard.press("Enter")
    await shown(page, SAID["text"])
    await expect(page.get_by_text("Labelled by eve")).to_be_visible()
    await page.keyboard.press("Backspace")
    await shown(page, ELSEWHERE["text"])
    for text in (SAID["text"], FILE["text"]):
        await page.keyboard.press("u")
        await shown(page, text)
    await page.keyboard.press("u")
    await page.keyboard.press("u")  # the label that eve gave is not Mia's to take back
    await expect(page.get_by_text("You have no decision to take back.")).to_be_visible()
    assert await texts(client) == [row["text"] for row in (FILE, SAID, ELSEWHERE, NASTY)]


async def test_a_label_in_another_file_is_right_or_changed_there(
    client: Client, opened: Opened
) -> None:
    page = await doubting(client, opened)
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await shown(page, ELSEWHERE["text"])
    await page.keyboard.press("0")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("It can only be changed in template gift.")).to_be_visible()
    await page.keyboard.press("Backspace")
    await shown(page, NASTY["text"])
    assert await page.locator(".review img, .review b").count() == 0


async def test_what_a_colleague_settled_meanwhile_is_told(client: Client, opened: Opened) -> None:
    page = await doubting(client, opened)
    body = {k: FILE[k] for k in ("text", "intent")} | {"meant": "order_status", "operator": "eve"}
    assert (await client.post("/api/v1/review/suspects", body, operator=True))[0] == 200
    await page.keyboard.press("Backspace")
    await expect(page.get_by_text("is not suspected under")).to_be_visible()
    await shown(page, SAID["text"])


async def test_who_is_no_trainer_may_look_and_no_more(client: Client, opened: Opened) -> None:
    page = await doubting(client, opened, "Vic")
    await page.keyboard.press("Backspace")
    await page.keyboard.press("j")
    await shown(page, SAID["text"])
    await expect(page.get_by_text("Labels are given by trainers")).to_be_visible()
    assert len(await texts(client)) == 4


async def test_with_nothing_in_doubt_the_page_says_why(tmp_path: Path, opened: Opened) -> None:
    async with served(staffed(tmp_path)) as client:
        page = await opened(f"{client.url}/console/review/suspects", viewport=LAPTOP)
        await sign_in(page, "Mia")
        await expect(page.get_by_text("was made before labels were looked at")).to_be_visible()
        suspect(tmp_path)
        await page.get_by_role("button", name="Look again").click()
        await expect(page.get_by_text("Each training looks for labels")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, TABLET], ids=["laptop", "tablet"])
async def test_the_page_is_accessible_and_nothing_is_cut_off(
    client: Client, opened: Opened, tmp_path: Path, scheme: str, size: ViewportSize
) -> None:
    page = await doubting(client, opened, color_scheme=scheme, viewport=size)
    assert await complaints(page) == []
    assert await fits(page)
    await page.screenshot(path=tmp_path / "suspects.png")
