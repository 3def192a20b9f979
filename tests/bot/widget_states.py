"""The page that shows the widget's states, opened one state at a time."""

from __future__ import annotations

from urllib.parse import urlencode

from playwright.async_api import Page, expect

STATES = (
    "closed",
    "welcome",
    "answer",
    "choices",
    "sources",
    "reasons",
    "files",
    "waiting",
    "closing",
    "operator",
    "offline",
    "loading",
    "score",
    "scored",
    "menu",
)


def address(desk: str, state: str, **settings: str) -> str:
    """Return where a desk shows one state alone."""
    return f"{desk}demo/states?{urlencode({'state': state, **settings})}"


async def show(page: Page, desk: str, state: str, **settings: str) -> None:
    await page.goto(address(desk, state, **settings))
    await expect(page.locator("body[data-shown]")).to_be_attached()
    if state.startswith("score"):  # the question is fetched when it is asked
        await expect(page.locator(".score")).to_be_attached()
