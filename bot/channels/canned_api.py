"""Canned answers over HTTP: short texts of the team, filled in for a conversation; operators write their own, trainers any."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.canned import OPERATOR, filled, refuse_unfit, variables_for
from bot.channels.bodies import body_of, name_in, named, text_in, words_in
from bot.channels.guard import STAFF, Gate, operator_in
from bot.channels.problems import Problem
from bot.channels.staff_api import done
from bot.dialogue import Words
from bot.staff.canned import Canned
from bot.staff.roles import Role
from bot.staff.room import StaffRoom
from conversations.events import Heard
from conversations.log import EventLog
from retrieval.sandbox import MAX_SOURCE, Unfit
from retrieval.variables import Variables

LONGEST_NAME = 40  # characters


class CannedApi:
    """
    The routes under /api/v1/canned.

    Args:
        known: what the answers of the desk may say.
        words: how that is found in what a customer wrote.
    """

    def __init__(
        self, *, room: StaffRoom, gate: Gate, log: EventLog, known: Variables, words: Words
    ) -> None:
        self._room = room
        self._gate = gate
        self._log = log
        self._variables = variables_for(known)
        self._words = words

    def routes(self) -> list[web.RouteDef]:
        guarded = self._gate.guarded
        one = f"/api/v1/canned/{named('name')}"
        return [
            web.get("/api/v1/canned", guarded(self._all, Role.VIEWER)),
            web.put(one, guarded(self._put, Role.OPERATOR, audited=False)),
            web.delete(one, guarded(self._drop, Role.OPERATOR, audited=False)),
        ]

    async def _all(self, request: web.Request) -> web.Response:
        conversation = words_in(request, "conversation")
        found = await done(self._room.do(lambda book: book.canned()))
        operator = request[STAFF].name or words_in(request, "operator")
        known = await self._known(conversation, operator) if conversation else None
        rows = [_shown(one, known) for one in found]
        return web.json_response({"canned": rows, "variables": sorted(self._variables.names)})

    async def _known(self, conversation_id: str, operator: str) -> Mapping[str, str]:
        visitor = await self._log.visitor_of(conversation_id)
        if visitor is None:
            raise Problem(404, f"There is no conversation {conversation_id!r}.")
        history = await self._log.history(conversation_id)
        said = [one.event.text for one in history if isinstance(one.event, Heard)]
        return {**self._words.known(visitor.name, said), OPERATOR: operator}

    async def _put(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        name, operator = _name(request), operator_in(request, body)
        text = text_in(body, "text").strip()
        if not 0 < len(text) <= MAX_SOURCE:
            raise Problem(400, f"The field 'text' must have 1 to {MAX_SOURCE:,} characters.")
        try:
            refuse_unfit(text, self._variables)
        except Unfit as error:
            raise Problem(400, f"The text {error}.") from error
        await self._refuse_others(request, name)
        by = self._gate.by(request)
        kept = await done(self._room.do(lambda book: book.put_canned(name, text, operator, by)))
        return web.json_response(_shown(kept, None))

    async def _drop(self, request: web.Request) -> web.Response:
        name, by = _name(request), self._gate.by(request)
        await self._refuse_others(request, name)
        await done(self._room.do(lambda book: book.drop_canned(name, by)))
        return web.Response(status=204)

    async def _refuse_others(self, request: web.Request, name: str) -> None:
        """A text of somebody else's is a trainer's to change."""
        staff = request[STAFF]
        known = await done(self._room.do(lambda book: book.find_canned(name)))
        if known is None or known.author == staff.name or staff.role.reaches(Role.TRAINER):
            return
        raise Problem(
            403,
            f"{known.author} wrote {known.name!r}: they change it, or a trainer does. Save yours under another name.",
        )


def _name(request: web.Request) -> str:
    name = name_in(request.match_info, "name", longest=LONGEST_NAME)
    if any(sign.isspace() and sign != " " for sign in name):
        raise Problem(400, "The name of a canned answer is one line.")
    return name


def _shown(one: Canned, known: Mapping[str, str] | None) -> dict[str, Any]:
    row = {
        "name": one.name,
        "text": one.text,
        "author": one.author,
        "changed_at": datetime.fromtimestamp(one.changed, UTC).isoformat(),
    }
    return row if known is None else {**row, "filled": filled(one.text, known)}
