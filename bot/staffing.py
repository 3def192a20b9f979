"""The people behind the desk, put together: who may sign in, the gate before every operator route, and their own routes."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.channels.canned_api import CannedApi
from bot.channels.guard import Gate
from bot.channels.own_api import OwnApi
from bot.channels.staff_api import StaffApi
from bot.desk import Desk
from bot.front import networks
from bot.refused import Refused
from bot.staff.errors import StaffError
from bot.staff.room import StaffRoom
from conversations.log import EventLog


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who may sign in at a desk, and the gate that they come through."""

    desk: Desk
    room: StaffRoom
    gate: Gate

    def routes(self, titles: Callable[[], Mapping[str, str]], log: EventLog) -> list[web.RouteDef]:
        """Return the routes of people who sign in; `titles` are those of the serving Release's intents."""
        settings = self.desk.settings
        within = settings.console.answer_within
        channels = [
            "web",
            "api",
            *(["telegram"] if settings.telegram.token.get_secret_value() else []),
        ]

        def about() -> Mapping[str, object]:
            intents = [{"id": one, "title": title} for one, title in sorted(titles().items())]
            return {
                "name": settings.name,
                "locales": list(settings.locales),
                "channels": channels,
                "intents": intents,
                "answer_within": within and within.total_seconds(),
            }

        source_of, room, gate = networks(self.desk).source, self.room, self.gate
        own = OwnApi(room=room, gate=gate, desk=settings.name, source_of=source_of)
        staff = StaffApi(room=room, gate=gate, desk=about, source_of=source_of)
        known, words = settings.known, settings.words
        canned = CannedApi(room=room, gate=gate, log=log, known=known, words=words)
        return [*staff.routes(), *own.routes(), *canned.routes()]


@contextlib.asynccontextmanager
async def staffing(desk: Desk, clock: Callable[[], datetime]) -> AsyncIterator[Staffing]:
    """
    Have the people of a desk at hand for as long as the context lasts.

    Raises:
        Refused: their file cannot be used.
    """
    async with contextlib.AsyncExitStack() as stack:
        try:
            room = await stack.enter_async_context(StaffRoom(desk.staff, clock))
        except StaffError as error:
            raise Refused(str(error)) from error
        gate = Gate(desk.operator_token(), room, source_of=networks(desk).source)
        yield Staffing(desk, room, gate)
