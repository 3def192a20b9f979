"""The page People in a real browser: somebody is added, changed and kept out, the last admin stays one, and the log tells of it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.bot.console_desk import LAPTOP, sign_in, staffed
from tests.bot.served import Client, served
from tests.bot.widget_page import CHROMIUM, Opened, complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
LARGEST = 200_000  # bytes of a picture
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest_asyncio.fixture(loop_scope="module")
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(staffed(tmp_path, "Puddle & Pine")) as found:
        yield found


async def people(client: Client, opened: Opened, name: str = "Mia", query: str = "") -> Page:
    page = await opened(f"{client.url}/console/people{query}", viewport=LAPTOP)
    await sign_in(page, name)
    return page


def person(page: Page, name: str) -> Locator:
    return (
        page.get_by_role("region", name="Who may sign in").get_by_role("row").filter(has_text=name)
    )


async def test_somebody_is_added_and_changed_and_kept_out(
    client: Client, opened: Opened, tmp_path: Path
) -> None:
    page = await people(client, opened)
    await expect(person(page, "Mia")).to_contain_text("Now")
    await expect(page.get_by_text("Mia decides about people with a password alone")).to_be_visible()
    await page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("<b>")
    await dialog.get_by_role("button", name="Add").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("cannot be a user's name")
    await dialog.get_by_label("Name").fill("Tova Berg")
    await dialog.get_by_role("radio", name="Trainer").check()
    await dialog.get_by_role("button", name="Add").click()
    await expect(dialog.get_by_text("Tova Berg may sign in at /console.")).to_be_visible()
    password = await dialog.locator("code").inner_text()
    assert len(password) == 24
    assert await complaints(page) == []
    await dialog.get_by_role("button", name="Close").click()
    await expect(page.get_by_text(password)).to_have_count(0)
    await expect(person(page, "Tova Berg")).to_contain_text("Never")

    theirs = await opened(f"{client.url}/console/people")
    await theirs.get_by_label("Name").fill("Tova Berg")
    await theirs.get_by_label("Password").fill(password)
    await theirs.keyboard.press("Enter")
    await expect(theirs.get_by_text("is for admins to see")).to_be_visible()

    await page.reload()
    await expect(person(page, "Tova Berg")).to_contain_text("1 browser")
    await page.get_by_role("button", name="Change Tova Berg").click()
    await dialog.get_by_role("radio", name="Operator").check()
    await dialog.get_by_role("button", name="Give this role").click()
    await expect(
        dialog.get_by_text("Tova Berg is operator now, and signs in anew.")
    ).to_be_visible()
    await expect(theirs.get_by_role("heading", name="Sign in")).to_be_visible(timeout=30_000)
    await dialog.get_by_role("button", name="New password").click()
    await expect(dialog.locator("code")).not_to_have_text(password)
    await dialog.get_by_role("button", name="Keep out").click()
    await expect(dialog.get_by_text("Tova Berg is kept out.")).to_be_visible()
    await dialog.get_by_role("button", name="Close").click()
    await expect(person(page, "Tova Berg")).to_contain_text("Kept out")
    lines = page.get_by_role("region", name="Audit log").get_by_role("row")
    await expect(lines.nth(1)).to_contain_text("user disabled")
    await expect(lines.nth(3)).to_contain_text("trainer \u2192 operator")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await complaints(page) == []
    await page.emulate_media(color_scheme="light")
    folder = Path(os.environ.get("FRONTDESK_PICTURES", tmp_path))
    await page.screenshot(path=folder / "console-people.png")
    assert 10_000 < (folder / "console-people.png").stat().st_size < LARGEST


async def test_the_last_admin_stays_one_and_is_told_the_way_out(
    client: Client, opened: Opened
) -> None:
    page = await people(client, opened)
    await page.get_by_role("button", name="Change Mia").click()
    dialog = page.get_by_role("dialog", name="Mia")
    await dialog.get_by_role("button", name="Keep out").click()
    await dialog.get_by_role("button", name="Really, it signs you out").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("make somebody else an admin first")
    await dialog.get_by_role("radio", name="Viewer").check()
    await dialog.get_by_role("button", name="Give this role").click()
    await dialog.get_by_role("button", name="Really, it signs you out").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Mia is the last admin")
    await dialog.get_by_role("button", name="Close").click()
    await expect(person(page, "Mia")).to_contain_text("Admin")


async def test_the_log_is_narrowed_by_person_and_words_and_the_address_keeps_it(
    client: Client, opened: Opened
) -> None:
    conversation = (await client.say("a person please"))["conversation_id"]
    path = f"/api/v1/conversations/{conversation}/assign"
    await client.post(path, {"operator": HOSTILE, "to": "Bob"}, operator=True)
    page = await people(client, opened)
    lines = page.get_by_role("region", name="Audit log").get_by_role("row")
    await expect(lines.filter(has_text=HOSTILE)).to_have_count(1)
    await page.keyboard.press("/")
    await page.keyboard.type("USER ADDED")
    await page.keyboard.press("Enter")
    await expect(lines).to_have_count(5)
    await page.get_by_label("Who", exact=True).select_option("Mia")
    await expect(page.get_by_text("No line is like that.")).to_be_visible()
    await page.get_by_label("Search the audit log").fill("")
    await page.keyboard.press("Enter")
    await expect(lines.nth(1)).to_contain_text("signed in")
    await page.reload()
    await expect(page.get_by_label("Who", exact=True)).to_have_value("Mia")
    await expect(lines.nth(1)).to_contain_text("signed in")


async def test_whoever_is_no_admin_is_told_so(client: Client, opened: Opened) -> None:
    page = await people(client, opened, "Ann")
    await expect(page.get_by_text("is for admins to see and to decide")).to_be_visible()
