"""What a visitor may expect of the people behind the desk: whether they are there, when they are, and how long it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.hours import Hours, Standing
from bot.waits import Waits
from conversations.log import EventLog, LogError

WINDOW = 20_000  # events that are looked at when a server starts
PAGE = 500  # events entered between two breaths of the server
PAUSE = 5.0  # seconds between two looks at the log

logger = structlog.get_logger(__name__)


class Reception:
    """Knows the hours, and follows the log for the waits."""

    def __init__(self, log: EventLog, hours: Hours, clock: Callable[[], datetime]) -> None:
        self._log = log
        self._hours = hours
        self._clock = clock
        self._waits: Waits | None = None

    def standing(self) -> Standing:
        """Return what holds now."""
        now = self._clock()
        there = self._hours.open_at(now)
        wait = self._waits.expected() if there and self._waits else None
        return Standing(there, self._hours.opens(now), wait)

    async def watch(self) -> None:
        """Follow the log; runs until it is cancelled."""
        while True:
            try:
                await self.catch_up()
            except LogError as error:
                logger.warning("how long customers wait was not read", why=str(error))
            await asyncio.sleep(PAUSE)

    async def catch_up(self) -> None:
        """Take in what the log has since the last look."""
        if self._waits is None:
            self._waits = Waits(self._hours.open_at, max(0, await self._log.seq() - WINDOW))
        while page := await self._log.events(self._waits.seq, PAGE):
            for recorded in page:
                self._waits.enter(recorded)
            await asyncio.sleep(0)
