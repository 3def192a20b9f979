"""The page for designers shows all that the widget can look like: each of its sentences and each of its looks is in some state."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.bot.test_widget_files import LATER, LOCALES, PLACE, STATIC, sentences
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, Opened
from tests.bot.widget_states import STATES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
SAME_LOOKS = {  # these stand where another sentence of a state stands
    "No more files fit into one day.",
    "No more than 10 files fit into one message.",
    "Files cannot be sent here.",
    "Files of this kind cannot be sent here.",
    "{name} is empty.",
    "Please attach the file again.",
    "That did not work just now. Please try again in a moment.",
    "That is {n} characters too long for one message.",
    "You are offline. What you write will be sent.",
}
STYLES = [
    *(STATIC / name for name in ("widget.js", "widget/style.js", "widget/opener.js")),
    *(path for path in LATER if "LOOKS = " in path.read_text(encoding="utf-8")),
]
SHOWN = """() => [...document.querySelectorAll("frontdesk-widget")].flatMap(({ shadowRoot }) =>
  [...shadowRoot.querySelectorAll("*")].flatMap((node) => [node.textContent, node.ariaLabel, node.title, node.placeholder].filter(Boolean)))"""
CLASSES = """() => [...document.querySelectorAll("frontdesk-widget")].flatMap(({ shadowRoot }) =>
  [...shadowRoot.querySelectorAll("[class]")].filter((node) => node.checkVisibility()).flatMap((node) => [...node.classList]))"""


async def test_every_state_that_is_looked_at_is_on_the_page(running: Desk, opened: Opened) -> None:
    page = await opened(running.url + "demo/states")
    await expect(page.locator("body[data-shown]")).to_be_attached()
    links = await page.locator(".state h2 a").evaluate_all(
        "(links) => links.map((link) => new URL(link.href).searchParams.get('state'))"
    )
    assert tuple(links) == STATES


async def test_every_sentence_and_every_look_is_in_some_state(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url + "demo/states?locale=de")
    await expect(page.locator("body[data-shown]")).to_be_attached()
    shown = "\n".join(await page.evaluate(SHOWN))
    unseen = {
        english
        for english, forms in sentences(LOCALES["de"]).items()
        if not any(re.search(_pattern(text), shown) for text in forms.values())
    }
    assert unseen == SAME_LOOKS
    named = {name for path in STYLES for name in _classes(path.read_text(encoding="utf-8"))}
    assert named - set(await page.evaluate(CLASSES)) == set()


def _classes(script: str) -> list[str]:
    """Return the classes that a module's style sheet names."""
    sheet = re.search(r"(?:STYLE|LOOKS) = `([^`]+)`", script)
    assert sheet
    selectors = re.sub(r"\{[^{}]*\}", " ", sheet[1])  # without what is set for them
    return re.findall(r"\.([a-z][a-z-]*)", selectors)


def _pattern(text: str) -> str:
    """Return what finds a sentence, whatever stands in its places."""
    return ".+".join(re.escape(part) for part in PLACE.split(text)[::2])
