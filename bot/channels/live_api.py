"""
The console's live line: rows of the inbox as they change, the events of the conversation that is looked at, and who else looks or types.

A socket is a window, never a source: whoever was away asks the inbox and the conversation again, and loses nothing. Every second each
is asked whether its person may still look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Self

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from bot import operators
from bot.channels.bodies import parsed, words_in
from bot.channels.guard import STAFF, Gate
from bot.channels.inbox_api import InboxApi
from bot.channels.problems import Problem
from bot.channels.web_frames import Frame
from bot.channels.web_line import Bucket, Line
from bot.presence import Presence
from bot.signals import OperatorTypes, Signals
from bot.staff.roles import Role
from conversations.errors import LogError
from conversations.events import Recorded
from conversations.log import EventLog
from conversations.views.happened import Happened
from conversations.views.inbox_pages import counts, some
from conversations.views.view import Views

PULSE = 1.0  # seconds: how often counts are told at most, and every session is looked at
TOGETHER = 200  # rows that are asked for at once
HEARTBEAT = 20.0  # seconds between pings
MAX_FRAME = 4096  # bytes; a client's frames name a conversation
BURST, PER_SECOND = (
    40,
    10.0,
)  # frames of a client; a held J or K goes through the list at such a pace
FRAMES = 'A frame is {"watch": ID or null}, {"typing": ID, "on": true or false} or {"here": true}.'
CUSTOMER = "customer"  # who types, where it is none of the operators

logger = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Colleague:
    """Somebody who has the console open; `typing` is whether the customer they look at was typing last."""

    line: Line
    request: web.Request
    name: str
    bucket: Bucket
    watched: str = ""
    typing: bool = False
    counted: dict[str, int] = field(default_factory=dict)


class LiveApi:
    """
    The route /api/v1/live. `async with` follows the log and the views, and closes the sockets (1012) at the end.

    Args:
        rows: how a row of the inbox is shown.
    """

    def __init__(
        self,
        *,
        views: Views,
        log: EventLog,
        signals: Signals,
        presence: Presence,
        rows: InboxApi,
        gate: Gate,
    ) -> None:
        self._views = views
        self._log = log
        self._signals = signals
        self._presence = presence
        self._rows = rows
        self._gate = gate
        self._colleagues: set[Colleague] = set()
        self._changed: set[str] = set()
        self._woken = asyncio.Event()
        self._closing = False

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/live", self._gate.guarded(self._socket, Role.VIEWER))]

    async def __aenter__(self) -> Self:
        self._leaves = [
            self._log.subscribe(self._recorded),
            self._views.subscribe(self._taken_in),
        ]
        self._signals.follow(self._types)
        self._tasks = [asyncio.create_task(self._tell_rows()), asyncio.create_task(self._beat())]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._closing = True
        for leave in self._leaves:
            leave()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(
            *self._tasks,
            *(one.line.close(WSCloseCode.SERVICE_RESTART) for one in tuple(self._colleagues)),
            return_exceptions=True,
        )

    def tell(self, frame: Frame) -> None:
        """Tell everybody who has the console open."""
        for one in self._colleagues:
            one.line.put(frame)

    def let_go(self, conversation_id: str, operator: str) -> None:
        """Tell an operator that a conversation of theirs waits for anybody again."""
        for one in self._colleagues:
            if one.name == operator:
                one.line.put({"kind": "let_go", "conversation_id": conversation_id})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if self._closing:
            raise Problem(503, "The server is restarting.", code="restarting")
        ws = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=MAX_FRAME, timeout=1.0)
        await ws.prepare(request)
        now = asyncio.get_running_loop().time()
        name = request[STAFF].name or words_in(request, "operator")
        line = Line(ws, request.transport)
        one = Colleague(line, request, name, Bucket(now, BURST, PER_SECOND))
        self._colleagues.add(one)
        try:
            await line.start([], 0)
            async for message in ws:
                if message.type is WSMsgType.TEXT and not line.leaving:
                    self._asked(one, message.data)
        finally:
            self._colleagues.discard(one)
            self._look(one, "")
            await line.stop()
        return ws

    def _asked(self, one: Colleague, data: str) -> None:
        try:
            asked = parsed(data)
        except ValueError:
            asked = None
        match asked:
            case _ if not one.bucket.take(asyncio.get_running_loop().time()):
                one.line.put(_error("That was a lot at once."))
            case {"watch": str(conversation_id)}:
                self._look(one, conversation_id)
            case {"watch": None}:
                self._look(one, "")
            case {"typing": str(conversation_id), "on": bool(on)} if conversation_id == one.watched:
                if one.request[STAFF].role.reaches(Role.OPERATOR):
                    self._presence.sees(one.name)
                    self._signals.operator_types(conversation_id, one.name, on)
            case {"here": True}:
                if one.request[STAFF].role.reaches(Role.OPERATOR):
                    self._presence.sees(one.name)
            case _:
                one.line.put(_error(FRAMES))

    def _look(self, one: Colleague, conversation_id: str) -> None:
        """Have somebody look at a conversation, and at none any more where its id is empty; whoever else does learns of it."""
        before, one.watched, one.typing = one.watched, conversation_id, False
        for id_ in {before, conversation_id} - {""}:
            watching = self._watching(id_)
            who = sorted({other.name for other in watching})
            for other in watching:
                others = [name for name in who if name != other.name]
                other.line.put({"kind": "viewing", "conversation_id": id_, "who": others})

    def _watching(self, conversation_id: str) -> list[Colleague]:
        return [one for one in self._colleagues if one.watched == conversation_id]

    def _recorded(self, recorded: Recorded) -> None:
        if watching := self._watching(recorded.conversation_id):
            frame = {"kind": "event", "event": operators.as_object(recorded)}
            for one in watching:
                one.line.put(frame)

    def _types(self, types: OperatorTypes) -> None:
        for one in self._watching(types.conversation_id):
            if one.name != types.operator:
                one.line.put(_typing(types.conversation_id, types.operator, types.on))

    def _taken_in(self, happened: Sequence[Happened]) -> None:
        if self._colleagues:
            self._changed |= {one.conversation_id for one in happened if one.of_customers}
            self._woken.set()

    async def _tell_rows(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            changed, self._changed = sorted(self._changed), set()
            for at in range(0, len(changed), TOGETHER):
                ids = changed[at : at + TOGETHER]
                with suppress(LogError):  # the next change, or the next page, shows them
                    found = await self._views.ask(partial(some, conversations=ids))
                    moment = self._rows.moment()
                    for named in found:
                        self.tell({"kind": "row", "row": self._rows.shown(named, moment)})

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(PULSE)
            try:
                await self._let_go_of_strangers()
                await self._tell_counts()
                await self._tell_customers_typing()
            except Exception:  # a beat that fails is no reason for the next one not to come
                logger.exception("the live line missed a beat")

    async def _let_go_of_strangers(self) -> None:
        for one in tuple(self._colleagues):
            with suppress(Problem):  # the people's file cannot be read just now
                if not await self._gate.still(one.request):
                    one.line.let_go(WSCloseCode.POLICY_VIOLATION)

    async def _tell_counts(self) -> None:
        for name in {one.name for one in self._colleagues}:
            moment = self._rows.moment(name)
            with suppress(LogError):
                counted = await self._views.ask(partial(counts, moment=moment))
                for one in self._colleagues:
                    if one.name == name and one.counted != counted:
                        one.counted = counted
                        one.line.put({"kind": "counts", "counts": counted})

    async def _tell_customers_typing(self) -> None:
        for one in tuple(self._colleagues):
            visitor = await self._log.visitor_of(one.watched) if one.watched else None
            if visitor is None:
                continue
            typing = self._signals.is_typing(visitor.channel, visitor.address)
            if typing != one.typing:
                one.typing = typing
                one.line.put(_typing(one.watched, CUSTOMER, typing))


def _typing(conversation_id: str, who: str, on: bool) -> dict[str, Any]:
    return {"kind": "typing", "conversation_id": conversation_id, "who": who, "on": on}


def _error(detail: str) -> dict[str, Any]:
    return {"kind": "error", "detail": detail}
