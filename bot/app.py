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

from bot.assisting import Assistant
from bot.champion import Champion
from bot.channels.api import Api
from bot.channels.assist_api import AssistApi
from bot.channels.explain_api import ExplainApi
from bot.channels.files import file_of, file_routes
from bot.channels.guard import Gate
from bot.channels.page_views import page_routes
from bot.channels.pages_api import PagesApi
from bot.channels.telegram import Telegram
from bot.channels.telegram_client import TelegramSettings
from bot.channels.telegram_menus import OwnData
from bot.channels.telegram_words import OF_DESK, Phrasebook
from bot.clerk import Clerk
from bot.delivery import Delivery
from bot.desk import Desk
from bot.followed import Followed
from bot.form_files import read_forms
from bot.front import beside_of, conversations, early, networks, usher_of, widget
from bot.judge import Judge
from bot.librarian import Librarian
from bot.links import CODE_BYTES, Links
from bot.listening import listen, refuse_taken, runner_of
from bot.lookup import Lookups, lookups
from bot.meters import Meters
from bot.office import office
from bot.opening import opening
from bot.operations import Operations
from bot.pages.keeping import Keeping
from bot.phrasing import Phrasing, phrasing
from bot.precedents import Precedents
from bot.probation import Looks, Probation
from bot.refused import Refused
from bot.report.weekly import weekly
from bot.reviewing import reviewing
from bot.rounds import Rounds
from bot.staffing import staffing
from bot.taking import Taking
from bot.trial import Rivals
from bot.trying import Trying
from bot.turn import Turns
from bot.tutor import Tutor
from bot.watchman import watchman
from bot.whatnext import WhatNext
from conversations.log import EventLog, LogError
from conversations.views.view import Views
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
        people = await stack.enter_async_context(staffing(desk, world.clock))
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
        judge = partial(
            Judge,
            log=log,
            words=words,
            new_id=world.new_id,
            whatnext=whatnext,
            phrasing=own_words,
            there=lambda: beside.reception.standing().open,
            absence=beside.reception.absence,
        )
        trying = Trying(
            lambda readings, language: judge(
                readings=readings, language=language, clerk=Clerk(words, forms)
            ),
            champion,
            tutor,
            world.clock,
        )
        turns = Turns(
            log=log, judge=judge(readings=rivals, clerk=clerk), delivery=delivery, meters=meters
        )
        stack.push_async_callback(turns.close)

        precedents = Precedents(log, champion)
        assistant = Assistant(log, Taking(rivals), precedents, words)
        librarian = Librarian(
            keeping=Keeping(desk.folder, desk.settings.locales[0]),
            log=log,
            tutor=tutor,
            serving=lambda: champion.serving,
            clock=world.clock,
            new_id=world.new_id,
        )
        operations = Operations(log=log, meters=meters, unready=lambda: _unready(desk, log))
        telegram = _telegram(desk, world, turns, log)
        page = widget(desk, world.clock, turns, log, beside, telegram=telegram)
        followed = Followed(log)
        at_work = await stack.enter_async_context(
            office(desk, people.gate, world.clock, log, beside.signals, beside.presence)
        )
        api = _api(desk, world, turns, log, champion, tutor, people.gate, at_work.views)
        review = await stack.enter_async_context(
            reviewing(
                desk,
                people.gate,
                world.clock,
                world.new_id,
                log,
                followed,
                lambda: champion.serving,
                at_work.live.tell,
            )
        )
        alerts, alerts_api = await stack.enter_async_context(
            watchman(
                desk, world.clock, log, champion, people.gate, asking, telegram, at_work.live.tell
            )
        )
        routes = [
            *operations.routes(),
            *api.routes(),
            *review.routes,
            *conversations(people.gate, world.new_id, log, beside).routes(),
            *people.routes(lambda: champion.serving.titles, log),
            *alerts_api.routes(),
            *AssistApi(assistant=assistant, gate=people.gate).routes(),
            *PagesApi(librarian=librarian, gate=people.gate).routes(),
            *ExplainApi(trying=trying, gate=people.gate).routes(),
            *at_work.routes,
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
        await stack.enter_async_context(at_work.live)  # likewise
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
        await stack.enter_async_context(running(alerts.watch()))
        await stack.enter_async_context(running(precedents.watch()))
        await stack.enter_async_context(running(beside.reception.watch()))
        usher = usher_of(desk, world.clock, world.new_id, log, beside, at_work.live.let_go)
        await stack.enter_async_context(running(usher.watch()))
        if reports := weekly(desk, world.clock, log, at_work.views, review.open):
            await stack.enter_async_context(running(reports.watch()))
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
    desk: Desk,
    world: World,
    turns: Turns,
    log: EventLog,
    champion: Champion,
    tutor: Tutor,
    gate: Gate,
    views: Views,
) -> Api:
    return Api(
        intake=turns,
        log=log,
        intents=lambda: champion.serving.titles,
        tutor=tutor,
        rounds=Rounds(desk.folder, desk.settings.words, views, world.clock),
        new_id=world.new_id,
        gate=gate,
        api_key=desk.settings.api_key.get_secret_value(),
        network_of=networks(desk).of,
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
