"""Nothing is lost and nothing is said twice, however often the line is cut."""

from __future__ import annotations

import asyncio
import random

import pytest
from playwright.async_api import Page, expect

from conversations.events import Decided, Heard
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, say
from tests.fakes.wire import wire_to

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
CUTS = 100
SAID = 50
HURRY = "dispatchEvent(new Event('online'))"  # else the jitter would take a minute or so


async def test_a_hundred_cuts_lose_and_double_nothing(
    running: Desk, port: int, opened: Opened
) -> None:
    chance = random.Random(6)  # noqa: S311 - no secret
    async with wire_to(port) as wire:
        first = await opened(wire.url)
        await say(first, "echo begin")
        await expect(bubbles(first, "bot")).to_have_text(["begin"])
        second = await first.context.new_page()
        await second.goto(wire.url)
        await expect(bubbles(second, "bot")).to_have_text(["begin"])
        for number in range(CUTS):
            if number % 2 == 0:
                await say(first if number % 4 else second, f"echo {number // 2}")
            await asyncio.sleep(chance.uniform(0, 0.06))
            while not wire.cut():  # there was no connection yet
                await asyncio.gather(*(page.evaluate(HURRY) for page in (first, second)))
            await asyncio.gather(*(page.evaluate(HURRY) for page in (first, second)))
        for page in (first, second):
            await settled(page)
        heard = [e.event for e in await running.log.events(0, 1_000) if isinstance(e.event, Heard)]
        decided = [e for e in await running.log.events(0, 1_000) if isinstance(e.event, Decided)]
        assert sorted(one.text for one in heard) == sorted(
            ["echo begin", *(f"echo {number}" for number in range(SAID))]
        )
        assert len(decided) == SAID + 1
        assert (
            await second.locator(".log .bot .bubble").all_inner_texts()
            == await first.locator(".log .bot .bubble").all_inner_texts()
        )


async def settled(page: Page) -> None:
    """Wait until everything is said and answered, helping the jitter along."""
    for _ in range(60):
        await page.evaluate(HURRY)
        if await bubbles(page, "bot").count() >= SAID + 1:
            break
        await asyncio.sleep(0.1)
    await expect(bubbles(page, "bot")).to_have_count(SAID + 1)
    await expect(bubbles(page, "customer")).to_have_count(SAID + 1)
    await expect(page.locator(".pending")).to_have_count(0)


async def test_waits_between_tries_are_spread_and_grow(running: Desk, opened: Opened) -> None:
    """Full jitter: each wait is anywhere between nothing and a ceiling that doubles from half a second to thirty."""
    page = await opened(running.url)
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    ceilings = await page.evaluate(
        """async () => {
          const ceilings = [];
          window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({})); } close() {} };
          const [later, chance] = [window.setTimeout, Math.random];
          Math.random = () => 1;
          window.setTimeout = (act, ms) => { if (ms >= 500 && ms % 500 === 0 && ms <= 30_000) { ceilings.push(ms / 1000); ms = 0; } return later(act, ms); };
          document.querySelector("frontdesk-widget").identify("x");
          await new Promise((done) => later(done, 400));
          [window.setTimeout, Math.random] = [later, chance];
          document.querySelector("frontdesk-widget").destroy();
          return ceilings.slice(0, 9);
        }"""
    )
    assert ceilings == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
