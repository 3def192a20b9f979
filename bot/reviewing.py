"""The review put together: what trainers are asked, and the routes for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.channels.guard import Gate
from bot.channels.review_api import ReviewApi
from bot.channels.suspects_api import SuspectsApi
from bot.channels.topics_api import TopicsApi
from bot.channels.web_frames import Frame
from bot.desk import Desk
from bot.followed import Followed
from bot.reader import Reader
from bot.review import ReviewQueue
from bot.suspects import Suspects
from bot.topics import Topics
from conversations.log import EventLog


@dataclass(frozen=True, slots=True)
class Reviewing:
    """What trainers get: the routes, and the queue behind them."""

    routes: list[web.RouteDef]
    queue: ReviewQueue

    async def open(self) -> int:
        """Return how many tickets there are."""
        return (await self.queue.page(1)).open


@asynccontextmanager
async def reviewing(
    desk: Desk,
    gate: Gate,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    log: EventLog,
    followed: Followed,
    serving: Callable[[], Reader],
    tell: Callable[[Frame], None],
) -> AsyncIterator[Reviewing]:
    """
    Give the review for as long as the context lasts.

    Args:
        serving: the Release that would read the next text.
        tell: whoever has the console open.
    """
    zone = ZoneInfo(desk.settings.time_zone)

    def midnight() -> datetime:
        return clock().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)

    queue = ReviewQueue(log, followed, serving)
    review = ReviewApi(
        queue=queue,
        log=log,
        intents=lambda: serving().titles,
        new_id=new_id,
        midnight=midnight,
        gate=gate,
    )
    suspects = SuspectsApi(
        suspects=Suspects(log, lambda: desk.shelf.champion, serving, new_id),
        intents=lambda: serving().titles,
        gate=gate,
    )
    topics = TopicsApi(
        topics=Topics(log, followed, desk.folder, serving),
        desk=desk.folder,
        zone=zone,
        clock=clock,
        tell=tell,
        gate=gate,
    )
    async with topics:
        yield Reviewing([*review.routes(), *suspects.routes(), *topics.routes()], queue)
