"""The composition root: builds everything, once, and takes it down in the opposite order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import structlog
from aiohttp import web

from bot.champion import Champion
from bot.channels.api import Api
from bot.channels.files import file_of, file_routes
from bot.channels.page_views import page_routes
from bot.channels.review_api import ReviewApi
from bot.channels.telegram import Telegram
from bot.channels.telegram_client import TelegramSettings
from bot.channels.telegram_menus import OwnData
from bot.channels.telegram_words import OF_DESK, Phrasebook
from bot.clerk import Clerk
from bot.delivery import Delivery
from bot.desk import Desk
from bot.followed import Followed
from bot.form_files import read_forms
from bot.front import beside_of, conversations, early, networks, widget
from bot.judge import Judge
from bot.links import CODE_BYTES, Links
from bot.listening import listen, refuse_taken, runner_of
from bot.lookup import Lookups, lookups
from bot.meters import Meters
from bot.opening import opening
from bot.operations import Operations
from bot.phrasing import Phrasing, phrasing
from bot.probation import Looks, Probation
from bot.refused import Refused
from bot.review import ReviewQueue
from bot.trial import Rivals
from bot.turn import Turns
from bot.tutor import Tutor
from bot.whatnext import WhatNext
from conversations.log import EventLog, LogError
from retrieval import languages
from retrieval.teachings import Teachable

ROOM = 8 * 2**20  # bytes that must be free on the disk; SQLite's log and a commit need as much
WEBHOOK = "/telegram/webhook"

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the house takes from outside: how to load a Release, time, ids and chance."""

    load: Callable[[Path], Teachable]
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    rng: Random


async def serve(
    desk: Desk,
    world: World,
    *,
    host: str,
    port: int,
    ready: Callable[[str], None],
    more: Iterable[web.RouteDef] = (),
) -> None:
    """
    Serve a desk until SIGTERM or SIGINT.

    Args:
        ready: told the URL once requests are answered.
        more: routes of the demo, on the same port.

    Raises:
        Refused: the desk is taken, has no Release, or cannot be opened; its forms cannot be read; the port is taken.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serving(desk, world, host=host, port=port, more=more) as url:
        ready(url)
        await stop.wait()
        logger.info("stopping")


@contextlib.asynccontextmanager
async def serving(
    desk: Desk, world: World, *, host: str, port: int, more: Iterable[web.RouteDef] = ()
) -> AsyncIterator[str]:
    """
    Serve a desk for as long as the context lasts; gives the URL.

    Raises:
        Refused: see `serve`.
    """
    meters = Meters()
    async with contextlib.AsyncExitStack() as stack:
        claim = stack.enter_context(desk.claim())
        refuse_taken(host, port)  # known now, and not after the seconds that the Release takes
        forms = read_forms(desk.folder, desk.settings)
        _refuse_unmade(desk)
        log = await stack.enter_async_context(_log(desk, world))
        beside = beside_of(desk, world.clock, log)
        meanwhile = await stack.enter_async_context(contextlib.AsyncExitStack())
        before = early(desk, world.clock, log, meters, beside)
        port = await meanwhile.enter_async_context(opening(*before, host, port))
        release = await asyncio.to_thread(world.load, desk.shelf.champion.resolve())
        champion = await stack.enter_async_context(
            Champion(release, load=world.load, meters=meters)
        )
        await asyncio.to_thread(languages.get_ready)
        words = desk.settings.words
        rivals = Rivals(champion, desk.shelf, load=world.load, words=words, meters=meters)
        tutor = await stack.enter_async_context(
            Tutor(log, rivals, world.new_id, desk.settings.known, desk.folder)
        )
        delivery = Delivery(log, meters=meters)
        asking = await stack.enter_async_context(_lookups(desk))
        own_words = await stack.enter_async_context(_phrasing(desk))
        clerk = Clerk(words, forms, asking)
        whatnext = WhatNext(log, lambda: champion.serving, world.clock)
        judge = Judge(
            log=log,
            readings=rivals,
            words=words,
            new_id=world.new_id,
            clerk=clerk,
            whatnext=whatnext,
            phrasing=own_words,
        )
        turns = Turns(log=log, judge=judge, delivery=delivery, meters=meters)
        stack.push_async_callback(turns.close)

        operations = Operations(log=log, meters=meters, unready=lambda: _unready(desk, log))
        api = _api(desk, world, turns, log, champion, tutor)
        telegram = _telegram(desk, world, turns, log)
        link = telegram.link if telegram else None
        page = widget(desk, world.clock, turns, log, beside, telegram_link=link)
        followed = Followed(log)
        review = _review(desk, world, log, followed, champion)
        routes = [
            *operations.routes(),
            *api.routes(),
            *review.routes(),
            *conversations(desk, world.new_id, log, beside).routes(),
            *page.routes(),
            *more,
            *file_routes(desk.folder),
            *page_routes(desk.folder, desk.settings.name, desk.settings.locales[0]),
        ]
        delivery.connect(api)
        delivery.connect(page)
        if telegram:
            delivery.connect(telegram)
            stack.callback(delivery.follow({Telegram.name}))
            routes.append(web.post(WEBHOOK, telegram.webhook))

        await meanwhile.aclose()  # visitors come back within a second, to the whole house
        runner = await stack.enter_async_context(runner_of(routes))
        await stack.enter_async_context(page)  # closes its sockets before the runner waits for them
        await turns.recover()
        await delivery.recover({Telegram.name})
        url = await listen(runner, host, port)
        asking.listens_at(url)
        claim.announce(url)
        if telegram:
            await stack.enter_async_context(telegram)
        else:
            logger.info("telegram is off: no token")
        await stack.enter_async_context(running(champion.watch(desk.shelf.champion)))
        await stack.enter_async_context(running(rivals.watch()))
        await stack.enter_async_context(running(whatnext.watch()))
        await stack.enter_async_context(running(beside.reception.watch()))
        await stack.enter_async_context(running(beside.uploads.sweep()))
        if desk.settings.probation:
            looks = Looks(desk.folder / "probation.jsonl")
            for probation in (_probation(desk, followed, looks), _trial(desk, followed, looks)):
                await stack.enter_async_context(running(probation.watch()))
        yield url


def _phrasing(desk: Desk) -> AbstractAsyncContextManager[Phrasing | None]:
    given = desk.settings.phrasing
    return phrasing(given.url, given.model, given.key.get_secret_value(), given.timeout)


def _lookups(desk: Desk) -> AbstractAsyncContextManager[Lookups]:
    """Where no secret is given, only this server itself is asked: one of the moment will do."""
    given = desk.settings.lookup
    return lookups(given.secret.get_secret_value() or secrets.token_urlsafe(32), given.hosts)


def _api(
    desk: Desk, world: World, turns: Turns, log: EventLog, champion: Champion, tutor: Tutor
) -> Api:
    return Api(
        intake=turns,
        log=log,
        intents=lambda: champion.serving.titles,
        tutor=tutor,
        new_id=world.new_id,
        operator_token=desk.operator_token(),
        api_key=desk.settings.api_key.get_secret_value(),
        network_of=networks(desk).of,
    )


def _review(
    desk: Desk, world: World, log: EventLog, followed: Followed, champion: Champion
) -> ReviewApi:
    return ReviewApi(
        queue=ReviewQueue(log, followed, lambda: champion.serving),
        log=log,
        intents=lambda: champion.serving.titles,
        new_id=world.new_id,
        operator_token=desk.operator_token(),
    )


def _probation(desk: Desk, followed: Followed, looks: Looks) -> Probation:
    shelf = desk.shelf

    def champions() -> tuple[str, str] | None:
        return (shelf.serving, before) if (before := shelf.succeeded) else None

    return Probation(
        followed,
        looks,
        champions=champions,
        roll_back=lambda why: shelf.rollback(because=why),
    )


def _trial(desk: Desk, followed: Followed, looks: Looks) -> Probation:
    """A Release on trial is held against the champion, and its trial ends where it is worse."""
    shelf = desk.shelf

    def rivals() -> tuple[str, str] | None:
        return (trial.hash, shelf.serving) if (trial := shelf.trial) else None

    return Probation(followed, looks, champions=rivals, roll_back=lambda why: shelf.end_trial())


def _telegram(desk: Desk, world: World, turns: Turns, log: EventLog) -> Telegram | None:
    settings = desk.settings.telegram
    if not settings.token.get_secret_value():
        return None
    own = OF_DESK[desk.settings.language]
    changes = {"greeting": desk.settings.greeting, **settings.texts}
    return Telegram(
        TelegramSettings(
            token=settings.token.get_secret_value(),
            base_url=settings.base_url,
            webhook_url=settings.webhook_url,
            secret=settings.secret.get_secret_value(),
            phrases=Phrasebook(own, changes),
            at_least_once=settings.delivery == "at_least_once",
            public_url=desk.settings.public_url,
        ),
        intake=turns,
        log=log,
        rng=world.rng,
        links=Links(log, new_code=lambda: secrets.token_urlsafe(CODE_BYTES)),
        own_data=OwnData(log),
        file_of=partial(file_of, desk.folder, at=desk.settings.public_url),
    )


def _refuse_unmade(desk: Desk) -> None:
    if not desk.shelf.serving:
        raise Refused(
            f"The desk {desk.folder} has no Release yet; make one with: "
            f"frontdesk retrain --desk {desk.folder}"
        )


@contextlib.asynccontextmanager
async def _log(desk: Desk, world: World) -> AsyncIterator[EventLog]:
    idle = timedelta(hours=desk.settings.session_idle_hours)
    opening = EventLog.open(
        desk.database, clock=world.clock, new_id=world.new_id, session_idle=idle
    )
    async with contextlib.AsyncExitStack() as stack:
        try:
            log = await stack.enter_async_context(opening)
        except LogError as error:
            raise Refused(str(error)) from error
        yield log


@contextlib.asynccontextmanager
async def running(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do some work for as long as the context lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _unready(desk: Desk, log: EventLog) -> str:
    try:
        await log.waiting()
        return await asyncio.to_thread(_unwritable, desk.folder)
    except LogError as error:
        return str(error)


def _unwritable(folder: Path) -> str:
    """Return why nothing could be stored in a folder, empty where it could."""
    if not os.access(folder, os.W_OK):
        return f"{folder} cannot be written to."
    if shutil.disk_usage(folder).free < ROOM:
        return f"The disk of {folder} is full."
    return ""
