"""The office put together: what staff look at, and its routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.channels import console_pages
from bot.channels.bulk_api import BulkApi
from bot.channels.guard import Gate
from bot.channels.inbox_api import InboxApi
from bot.channels.live_api import LiveApi
from bot.channels.numbers_api import NumbersApi
from bot.channels.releases_api import ReleasesApi
from bot.channels.search_api import SearchApi
from bot.desk import Desk
from bot.presence import Presence
from bot.signals import Signals
from conversations.log import EventLog
from conversations.views.answers import Answers
from conversations.views.cases import Cases
from conversations.views.inbox import inbox
from conversations.views.people import People
from conversations.views.view import Made, Views

VERSION = 6  # of what the rows mean: another one makes them anew


@dataclass(frozen=True, slots=True)
class Office:
    """What staff get: the routes, and the live line, which is open from when the server listens until just before it stops; `views` is what they look at."""

    routes: list[web.RouteDef]
    live: LiveApi
    views: Views


def made(desk: Desk) -> Made:
    """Return what a desk's views are made of; the days are those of its time zone."""
    zone = ZoneInfo(desk.settings.time_zone)
    return Made(
        path=desk.folder / "views.db",
        log=desk.database,
        views=(People(), inbox(), Cases(zone), Answers(zone)),
        version=f"{VERSION} {desk.settings.time_zone}",
    )


def _due(desk: Desk) -> Callable[[datetime], datetime | None]:
    """Return when the words of a person are due for a customer who waits since a time; None where none are promised."""
    settings = desk.settings
    if (within := settings.console.answer_within) is None:
        return lambda _: None
    return partial(settings.hours.week(ZoneInfo(settings.time_zone)).later, by=within)


@asynccontextmanager
async def office(
    desk: Desk,
    gate: Gate,
    clock: Callable[[], datetime],
    log: EventLog,
    signals: Signals,
    presence: Presence,
) -> AsyncIterator[Office]:
    """Keep the views up for as long as the context lasts."""
    idle = timedelta(hours=desk.settings.session_idle_hours)
    async with Views.open(log, made(desk)) as views:
        inbox_api = InboxApi(views=views, clock=clock, idle=idle, due=_due(desk), gate=gate)
        numbers_api = NumbersApi(
            views=views,
            clock=clock,
            idle=idle,
            zone=ZoneInfo(desk.settings.time_zone),
            gate=gate,
        )
        search_api = SearchApi(log=log, gate=gate)
        live = LiveApi(
            views=views, log=log, signals=signals, presence=presence, rows=inbox_api, gate=gate
        )
        releases = ReleasesApi(shelf=desk.shelf, clock=clock, tell=live.tell, gate=gate)
        routes = [
            *inbox_api.routes(),
            *BulkApi(log=log, gate=gate).routes(),
            *numbers_api.routes(),
            *search_api.routes(),
            *live.routes(),
            *releases.routes(),
            *console_pages.routes(),
        ]
        async with releases:
            yield Office(routes, live, views)
