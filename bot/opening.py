"""
The seconds before a Release is loaded: the widget is there, keeps what visitors say, and tells them that the answer takes a moment.

What is heard here is decided upon as after a crash: the turns begin with what the log says is unanswered.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

from aiohttp import web

from bot.channels.problems import Problem
from bot.channels.web import Web
from bot.intake import Busy, Hearing, admitted
from bot.listening import listen, runner_of
from conversations.events import Utterance
from conversations.log import EventLog


class Keeping:
    """An intake (`bot.intake.Intake`) that makes utterances durable and decides on none."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def hear(self, utterance: Utterance) -> Hearing:
        """Make an utterance durable; its answer never comes from here."""
        heeded = await asyncio.shield(self._log.hear(admitted(utterance)))
        later = asyncio.get_running_loop().create_future()
        return Hearing(heeded.recorded, heeded.visitor.visitor_id, heeded.fresh, later)

    async def rate(
        self, message_id: str, value: str, comment: str, *, address: str | None, reason: str = ""
    ) -> bool:
        raise Busy

    async def score(
        self, conversation_id: str, score: int, comment: str, *, address: str | None
    ) -> bool:
        raise Busy


@contextlib.asynccontextmanager
async def opening(
    page: Web, beside: Iterable[web.RouteDef], host: str, port: int
) -> AsyncIterator[int]:
    """
    Serve the widget, and what `beside` looks at the server with, for as long as the context lasts; gives the port.

    Raises:
        Refused: the port is taken.
    """
    other = web.route("*", "/{path:.*}", _not_yet)
    async with runner_of([*beside, *page.routes(), other]) as runner, page:
        await listen(runner, host, port)
        yield int(runner.addresses[0][1])


async def _not_yet(request: web.Request) -> web.StreamResponse:
    raise Problem(503, "The server is starting. Please try again in a moment.", code="restarting")
