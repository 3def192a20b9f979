"""The page that shows the widget's states, opened one state at a time."""

from __future__ import annotations

from urllib.parse import urlencode

from playwright.async_api import Page, expect

CLOSED = ("closed", "unread", "unreached")  # only the launcher is there
STATES = (
    *CLOSED,
    "welcome",
    "received",
    "answer",
    "choices",
    "chosen",
    "sources",
    "reasons",
    "thanked",
    "files",
    "dropping",
    "waiting",
    "closing",
    "operator",
    "edited",
    "returned",
    "newest",
    "connecting",
    "offline",
    "refused",
    "trouble",
    "loading",
    "late",
    "score",
    "scored",
    "done",
    "menu",
)


def address(desk: str, state: str, **settings: str) -> str:
    """Return where a desk shows one state alone."""
    return f"{desk}demo/states?{urlencode({'state': state, **settings})}"


async def show(page: Page, desk: str, state: str, **settings: str) -> None:
    await page.goto(address(desk, state, **settings))
    await expect(page.locator("body[data-shown]")).to_be_attached()
