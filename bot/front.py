"""The visitors' side of the house, put together: the widget's channel, and what operators see and do of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.channels.conversations_api import ConversationsApi
from bot.channels.file_uploads import Uploads
from bot.channels.guard import Gate
from bot.channels.networks import Networks
from bot.channels.telegram import Telegram
from bot.channels.web import Web
from bot.channels.web_face import DeskFace, Opener
from bot.channels.web_identity import Vouching
from bot.desk import Desk
from bot.intake import Intake
from bot.meters import Meters
from bot.opening import Keeping
from bot.operations import Operations
from bot.presence import Presence
from bot.reception import Reception
from bot.signals import Signals
from bot.usher import Usher
from conversations.log import EventLog

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Beside:
    """What the widget's channel and the operators' API both look at."""

    signals: Signals
    uploads: Uploads
    reception: Reception
    presence: Presence


def beside_of(desk: Desk, clock: Clock, log: EventLog) -> Beside:
    """Return what is of the moment, where files go, and what may be expected of the people behind a desk."""
    settings = desk.settings
    hours = settings.hours.week(ZoneInfo(settings.time_zone))
    presence = Presence(clock, settings.waiting.online)
    reception = Reception(log, hours, clock, presence, settings.says)
    return Beside(Signals(), Uploads(log.files), reception, presence)


def early(
    desk: Desk, clock: Clock, log: EventLog, meters: Meters, beside: Beside
) -> tuple[Web, list[web.RouteDef]]:
    """Return what is served before there is a Release."""

    async def loading() -> str:
        return "The Release is being loaded."

    operations = Operations(log=log, meters=meters, unready=loading)
    return widget(desk, clock, Keeping(log), log, beside, loading=True), operations.routes()


def widget(
    desk: Desk,
    clock: Clock,
    intake: Intake,
    log: EventLog,
    beside: Beside,
    *,
    loading: bool = False,
    telegram: Telegram | None = None,
) -> Web:
    """Return the channel of a desk's widget; visitors may go on in `telegram`."""
    settings = desk.settings
    identity = settings.identity
    return Web(
        log,
        intake,
        _face(desk),
        lambda: secrets.token_urlsafe(32),
        allowed_origins=settings.allowed_origins,
        vouching=Vouching(identity.secret.get_secret_value(), identity.audience or settings.name),
        clock=clock,
        network_of=networks(desk).of,
        signals=beside.signals,
        uploads=beside.uploads,
        standing=beside.reception.standing,
        loading=lambda: loading,
        telegram_link=telegram.link if telegram else None,
        telegram_named=lambda: telegram is not None and bool(telegram.username),
    )


def _face(desk: Desk) -> DeskFace:
    settings = desk.settings
    return DeskFace(
        name=settings.name,
        greeting=settings.greeting,
        page=settings.page,
        locales=settings.locales,
        starters=settings.widget.starters,
        openers=[Opener(one.path, one.greeting) for one in settings.widget.openers],
        zone=ZoneInfo(settings.time_zone),
        idle=timedelta(hours=settings.session_idle_hours),
    )


def conversations(
    gate: Gate, new_id: Callable[[], str], log: EventLog, beside: Beside
) -> ConversationsApi:
    """Return what operators see and do of conversations."""
    return ConversationsApi(
        log=log,
        signals=beside.signals,
        uploads=beside.uploads,
        new_id=new_id,
        gate=gate,
        carried={Web.name, Telegram.name},
    )


def usher_of(
    desk: Desk,
    clock: Clock,
    new_id: Callable[[], str],
    log: EventLog,
    beside: Beside,
    gone: Callable[[str, str], None],
) -> Usher:
    """
    Return who looks after the customers that wait for a person.

    Args:
        gone: see `Usher`.
    """
    settings = desk.settings
    return Usher(
        log=log,
        clock=clock,
        new_id=new_id,
        says=settings.says,
        hours=settings.hours.week(ZoneInfo(settings.time_zone)),
        limits=settings.waiting.limits,
        absence=beside.reception.absence,
        presence=beside.presence,
        signals=beside.signals,
        gone=gone,
    )


def networks(desk: Desk) -> Networks:
    """Return what hashes the networks of a desk's visitors."""
    return Networks(desk.network_key(), desk.settings.trusted_proxies)
