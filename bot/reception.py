"""What a visitor may expect of the people behind the desk: whether they are there, when they are, and how long it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.breath import Breath
from bot.hours import Hours, Standing, clock_face
from bot.presence import Presence
from bot.says import Says
from bot.waits import Waits
from conversations.log import EventLog, LogError

WINDOW = 20_000  # events that are looked at when a server starts
PAGE = 500  # events entered between two breaths of the server
PAUSE = 5.0  # seconds between two looks at the log

logger = structlog.get_logger(__name__)


class Reception:
    """Knows the hours and who is there, and follows the log for the waits."""

    def __init__(
        self,
        log: EventLog,
        hours: Hours,
        clock: Callable[[], datetime],
        presence: Presence,
        says: Says,
    ) -> None:
        self._log = log
        self._hours = hours
        self._clock = clock
        self._presence = presence
        self._says = says
        self._waits: Waits | None = None

    def standing(self) -> Standing:
        """Return what holds now."""
        now = self._clock()
        there = self._hours.open_at(now)
        wait = self._waits.expected() if there and self._waits else None
        return Standing(there, self._hours.opens(now), wait)

    def absence(self) -> str:
        """Return what a customer who is handed off is told where nobody is there, empty where somebody is."""
        now = self._clock()
        if self._hours.open_at(now):
            return "" if self._presence.anybody() else self._says.nobody_online
        opens = self._hours.opens(now)
        return self._says.until(clock_face(opens, now, self._hours.zone) if opens else "")

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
        breath = Breath()
        while page := await self._log.events(self._waits.seq, PAGE):
            for recorded in page:
                self._waits.enter(recorded)
            await breath.take()
