"""What the console's tests in a real browser share: a desk with people who sign in, and the browser of one of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from argon2 import PasswordHasher
from playwright.async_api import Page, ViewportSize

from bot.desk import Desk
from bot.staff.book import Book
from bot.staff.roles import By, Role
from tests.bot.served import Client, make_desk

PASSWORD = "correct horse battery"
LAPTOP: ViewportSize = {"width": 1280, "height": 720}
TABLET: ViewportSize = {"width": 820, "height": 1180}
PEOPLE = {"Ann": Role.OPERATOR, "Bob": Role.OPERATOR, "Mia": Role.ADMIN, "Vic": Role.VIEWER}


def staffed(folder: Path, name: str = "Test", toml: str = "") -> Desk:
    """Make a desk that four people may sign in at."""
    desk = make_desk(folder)
    (folder / "desk.toml").write_text(f"name = '{name}'\n{toml}")
    desk = Desk.open(folder)
    staff(desk)
    return desk


def staff(desk: Desk) -> None:
    """Let four people sign in at a desk."""
    book = Book.open(desk.staff, lambda: datetime.now(UTC))
    cheap = PasswordHasher(1, 8, 1).hash(PASSWORD)
    for name, role in PEOPLE.items():
        book.add(name, role, cheap, By("boss", "shell"))
    book.close()


async def offered(client: Client, conversation: str, words: str) -> None:
    """Wait until a reply with these words is offered for a conversation: where past questions lie is told behind the log."""
    path = f"/api/v1/conversations/{conversation}/assist"
    async with asyncio.timeout(30):
        while words not in str((await client.get(path, operator=True))[1]):  # noqa: ASYNC110 - as a console sees it
            await asyncio.sleep(0.05)


async def sign_in(page: Page, name: str = "Ann") -> None:
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("navigation", name="Pages").wait_for()


async def fits(page: Page) -> bool:
    """Return whether nothing of the page is wider than its window."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
