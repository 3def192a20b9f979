"""Searching everything that was said, over HTTP."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.channels.bodies import limit_in, words_in
from bot.channels.guard import Gate
from bot.channels.problems import Problem
from bot.staff.roles import Role
from conversations.events import Decided, Heard, OperatorWrote, Recorded
from conversations.log import EventLog
from conversations.queries import MAX_INTEGER
from conversations.rows import said
from conversations.views.inbox import speaker
from conversations.views.search import marks

SIZE, LARGEST = 50, 100  # what was found of a page


class SearchApi:
    """The route /api/v1/search, for operators alone."""

    def __init__(self, *, log: EventLog, gate: Gate) -> None:
        self._log = log
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/search", self._gate.guarded(self._search, Role.VIEWER))]

    async def _search(self, request: web.Request) -> web.Response:
        query, limit = words_in(request, "q"), limit_in(request, SIZE, LARGEST)
        found = await self._log.search(query, limit + 1, _before(request))
        rows = [_found(recorded, query) for recorded in found[:limit]]
        more = str(found[limit - 1].seq) if len(found) > limit else None
        return web.json_response({"rows": rows, "next": more})


def _before(request: web.Request) -> int:
    given = request.query.get("after", "") or str(MAX_INTEGER)
    if not given.isascii() or not given.isdigit():
        raise Problem(400, "The parameter 'after' must be the 'next' of a page.")
    return int(given[:19])


def _found(recorded: Recorded, query: str) -> dict[str, Any]:
    event, text = recorded.event, said(recorded.event)
    return {
        "conversation_id": recorded.conversation_id,
        "message_id": event.message_id
        if isinstance(event, Heard | Decided | OperatorWrote)
        else "",
        "at": recorded.at.isoformat(),
        "by": speaker(event),
        "text": text,
        "marks": marks(text, query),
    }
