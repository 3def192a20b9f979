"""
What next: follows the log and knows what customers ask after what, for suggestions and for the order of a question's choices.

The counts are made anew at a start and once a day from the last events of the log, and grow with it in between. A turn only
looks at them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.breath import Breath
from bot.reader import Reader
from bot.suggestions import VISITORS, on_offer
from conversations.events import Visitor
from conversations.log import EventLog, LogError
from conversations.sequels import LATELY, SOON, Segment, Sequel, Sequels

WINDOW = 100_000  # events that are counted at a start, some weeks of a busy desk
PAGE = 100  # events entered between two breaths of the server, some 3 ms
PAUSE = 5.0  # seconds between two looks at the log
ANEW = timedelta(days=1)  # old customs fade, and a new Release has other intents

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Course:
    """
    Where a visitor is: `context` are the matters that the next one may follow, the latest last; `lately` all that are remembered.
    """

    segment: Segment
    context: Sequence[str] = ()
    lately: frozenset[str] = frozenset()


@dataclass(slots=True)
class WhatNext:
    """
    The counts, kept up by `watch`; nothing is likely before its first look.

    Args:
        release: the one that serves, which says what is small talk.
    """

    log: EventLog
    release: Callable[[], Reader]
    clock: Callable[[], datetime]
    _sequels: Sequels = field(default_factory=Sequels)
    _made: datetime | None = None

    async def watch(self) -> None:
        """Follow the log; runs until it is cancelled."""
        while True:
            try:
                await self.catch_up()
            except LogError as error:
                logger.warning("what customers ask next was not read", why=str(error))
            except Exception:  # suggestions are a courtesy: without them the desk serves as well
                logger.exception("what customers ask next was not counted")
            await asyncio.sleep(PAUSE)

    async def catch_up(self) -> None:
        """Take in what the log has since the last look, or its last events where that is a day ago."""
        now = self.clock()
        if self._made is not None and now - self._made < ANEW:
            await self._enter(self._sequels)
            return
        release = self.release()
        aside = {i for i in release.titles if not on_offer(release.templates_of(i))}
        sequels = Sequels(aside, max(0, await self.log.seq() - WINDOW))
        await self._enter(sequels)
        self._sequels, self._made = sequels, now

    async def _enter(self, sequels: Sequels) -> None:
        """Take in page after page; where one cannot be read, the next look begins with it."""
        breath = Breath()
        while page := await self.log.answered(sequels.seq, PAGE):
            for visitor, recorded, heard in page:
                sequels.enter(visitor, recorded, heard)
            await breath.take()

    def course(self, visitor: Visitor, here: Iterable[str], language: str, at: datetime) -> Course:
        """Return where a visitor is who has asked `here` in this conversation, and other things before."""
        here = list(here)
        earlier = self._sequels.of(visitor.visitor_id, at - SOON)
        lately = frozenset(self._sequels.of(visitor.visitor_id, at - LATELY))
        context = [intent for intent in earlier if intent not in here] + here
        return Course(Segment(visitor.channel, language), context, lately)

    def sequels(self, course: Course) -> list[Sequel]:
        """Return what enough others asked next, the likeliest first."""
        return self._sequels.after(course.context, course.segment, VISITORS)

    def shares(self, course: Course) -> dict[str, float]:
        """Return how likely each matter comes next; nothing where this visitor has asked nothing yet."""
        return self._sequels.shares(course.context, course.segment)
