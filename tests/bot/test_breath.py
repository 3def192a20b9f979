"""Whoever reads far back in the log leaves most of the time to others."""

from __future__ import annotations

import asyncio
import time

from bot.breath import REST, Breath

WORK = 0.02  # seconds


async def test_a_rest_is_some_times_as_long_as_the_work_before_it() -> None:
    breath = Breath()
    time.sleep(WORK)  # noqa: ASYNC251 - it is the work
    begun = time.monotonic()
    await breath.take()
    assert time.monotonic() - begun >= REST * WORK * 0.95  # a loop's clock may be coarse


async def test_what_was_rested_is_no_work() -> None:
    breath = Breath()
    time.sleep(WORK)  # noqa: ASYNC251 - it is the work
    async with asyncio.timeout(2):
        for _ in range(20):  # each three times the one before would take years
            await breath.take()
