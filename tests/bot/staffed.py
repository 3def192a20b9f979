"""A desk with somebody of each role, and what a browser of theirs does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from argon2 import PasswordHasher

from bot.desk import Desk
from bot.staff.book import Book
from bot.staff.roles import By, Role
from tests.bot.served import make_desk

BOSS, PASSWORD = By("boss", "shell"), "correct horse battery"


def book_of(desk: Desk) -> Book:
    return Book.open(desk.staff, lambda: datetime.now(UTC))


def staffed_desk(folder: Path, toml: str = "") -> Desk:
    """Make a desk at which viewer-ada, operator-ada, trainer-ada and admin-ada may sign in."""
    desk = make_desk(folder, toml)
    book, cheap = book_of(desk), PasswordHasher(1, 8, 1).hash(PASSWORD)
    for role in Role:
        book.add(f"{role}-ada", role, cheap, BOSS)
    book.close()
    return desk


class Browser:
    """What a signed-in person's browser does."""

    def __init__(self, url: str, session: ClientSession) -> None:
        self.url, self.session = url, session
        self.headers = {"Origin": url}

    async def ask(
        self, method: str, path: str, body: Any = None, headers: Any = None
    ) -> tuple[int, Any]:
        sent = self.headers if headers is None else headers
        async with self.session.request(method, self.url + path, json=body, headers=sent) as got:
            text = await got.text()
            return got.status, json.loads(text) if text[:1] in {"{", "["} else text

    async def sign_in(self, name: str, password: str = PASSWORD) -> tuple[int, Any]:
        said = await self.ask("POST", "/console/login", {"name": name, "password": password})
        if said[0] == 204:
            self.headers = {"Origin": self.url, "X-CSRF": (await self.ask("GET", "/api/v1/me"))[1]["csrf"]}  # fmt: skip
        return said
