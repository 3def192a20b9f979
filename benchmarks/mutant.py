"""
A server with a planted fault: it acknowledges before it commits, and commits a tenth of a second later.

Everything but the store's `write` is the real thing. The crash benchmark must catch it; if it does not, its praise of
the real server is worth nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from aiohttp import web

from bot import logs
from bot.app import World
from bot.champion import Champion
from bot.channels.api import Api
from bot.channels.guard import Gate
from bot.channels.problems import problems
from bot.channels.web import Web
from bot.channels.web_face import DeskFace
from bot.commands.serving import world
from bot.delivery import Delivery
from bot.desk import Desk
from bot.judge import Judge
from bot.meters import Meters
from bot.office import made as views_of
from bot.operations import Operations
from bot.rounds import Rounds
from bot.turn import Turns
from bot.tutor import Tutor
from conversations.errors import LogError
from conversations.jobs import Done, Job
from conversations.log import EventLog
from conversations.store import Store
from conversations.vault import Vault
from conversations.views.view import Views

LATE = 0.1  # seconds between the promise and the commit


class LateStore(Store):
    """The fault: outcomes are returned while their transaction is open."""

    _begun = 0.0

    def write(self, jobs: Sequence[Job]) -> list[Done | LogError]:
        if self._connection.in_transaction and time.monotonic() > self._begun + LATE:
            self._connection.execute("COMMIT")
        if not self._connection.in_transaction:
            self._begun = time.monotonic()
            self._connection.execute("BEGIN IMMEDIATE")
        return [self._attempt(job) for job in jobs]

    def close(self) -> None:
        """A stop loses nothing: the fault shows in crashes only."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("COMMIT")
        super().close()


class LateLog(EventLog):
    """The real log over the faulty store."""

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        path: Path,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        session_idle: timedelta,
        max_bytes: int | None = None,
    ) -> AsyncIterator[EventLog]:
        opening = partial(LateStore.open, path, clock=clock, new_id=new_id)
        files = Vault(path.with_suffix(".files"), clock=clock, new_id=new_id)
        log = cls(partial(opening, session_idle=session_idle, max_bytes=max_bytes), files)
        try:
            await asyncio.wrap_future(log._writer.start())
            await asyncio.to_thread(log._readers.open, path)
            yield log
        finally:
            log._closed = True
            await asyncio.to_thread(log._close)


async def serve(desk: Desk, made: World, port: int) -> None:
    """Serve the API and the widget until the process is ended; as `bot.app.serving` does, with the late log."""
    meters, idle = Meters(), timedelta(hours=desk.settings.session_idle_hours)
    release = made.load(desk.shelf.champion.resolve())
    async with contextlib.AsyncExitStack() as stack:
        log = await stack.enter_async_context(
            LateLog.open(desk.database, clock=made.clock, new_id=made.new_id, session_idle=idle)
        )
        champion = await stack.enter_async_context(Champion(release, load=made.load, meters=meters))
        tutor = await stack.enter_async_context(
            Tutor(log, champion, made.new_id, desk.settings.known, desk.folder)
        )
        views = await stack.enter_async_context(Views.open(log, views_of(desk)))
        delivery = Delivery(log, meters=meters)
        judge = Judge(log=log, readings=champion, words=desk.settings.words, new_id=made.new_id)
        turns = Turns(log=log, judge=judge, delivery=delivery, meters=meters)
        stack.push_async_callback(turns.close)
        api = Api(
            intake=turns,
            log=log,
            intents=lambda: champion.serving.titles,
            tutor=tutor,
            rounds=Rounds(desk.folder, desk.settings.words, views, made.clock),
            new_id=made.new_id,
            gate=Gate(desk.operator_token()),
        )
        page = Web(log, turns, DeskFace("", ""), lambda: secrets.token_urlsafe(32))
        delivery.connect(api)
        delivery.connect(page)
        operations = Operations(log=log, meters=meters, unready=_never)
        app = web.Application(middlewares=[problems])
        app.add_routes([*operations.routes(), *api.routes(), *page.routes()])
        runner = web.AppRunner(app, access_log=None, handle_signals=True)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await stack.enter_async_context(page)
        await turns.recover()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        with contextlib.suppress(web.GracefulExit):
            await asyncio.Event().wait()


async def _never() -> str:
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description="a server that acknowledges too early")
    parser.add_argument("--desk", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    logs.to_stderr()
    with contextlib.suppress(web.GracefulExit):
        asyncio.run(serve(Desk.open(options.desk), world(), options.port))


if __name__ == "__main__":
    main()
