"""
The sockets as a live view of the log: who is in which room, and what each is shown of every event, in the order of the log.

What is no event (somebody types, who is there) passes through the same queue, so that it keeps its place among them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from aiohttp import WSCloseCode

from bot.channels import web_frames as frames
from bot.channels.web_frames import Frame
from bot.channels.web_line import NOT_AN_EVENT, Line
from bot.channels.web_visitors import CHANNEL
from bot.hours import Standing
from bot.satisfaction import asks_for_score
from bot.signals import OperatorTypes, Signals
from conversations.events import (
    Closed,
    Erased,
    GivenBack,
    Joined,
    OperatorWrote,
    Recorded,
)
from conversations.handling import Released, Taken
from conversations.log import EventLog, LogError

REMEMBERED = 10_000  # conversations whose visitor is known without asking
AGAIN = 0.5  # seconds until the log is asked again
LOOKS = 15.0  # seconds between two looks at the hours

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Typing:
    """A turn of this visitor's began or ended."""

    address: str
    on: bool


class View:
    """
    The rooms, one for each visitor who looks on. `async with` follows the log.

    Args:
        standing: what a visitor may expect of the people behind the desk.
    """

    def __init__(
        self,
        log: EventLog,
        signals: Signals,
        *,
        clock: Callable[[], datetime],
        standing: Callable[[], Standing],
    ) -> None:
        self._log = log
        self._clock = clock
        self._standing = standing
        self.rooms: dict[str, set[Line]] = {}  # by address
        self._operators: dict[str, str] = {}  # who has the visitor's conversation, by address
        self._turns: Counter[str] = Counter()  # running, by address
        self._events: asyncio.Queue[Recorded | _Typing | OperatorTypes] = asyncio.Queue()
        self._address_of: dict[
            str, str
        ] = {}  # by conversation; empty where it is another channel's
        signals.follow(self._events.put_nowait)

    async def __aenter__(self) -> Self:
        self._unsubscribe = self._log.subscribe(self._events.put_nowait)
        self._working = [
            asyncio.create_task(work) for work in (self._follow(), self._watch_hours())
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._unsubscribe()
        for task in self._working:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def join(self, line: Line, address: str) -> None:
        line.address = address
        self.rooms.setdefault(address, set()).add(line)

    def leave(self, line: Line) -> None:
        room = self.rooms.get(line.address, set())
        room.discard(line)
        if not room:
            self.rooms.pop(line.address, None)
            self._operators.pop(line.address, None)

    def vacate(self, address: str) -> None:
        """Close the sockets of an address; their browsers come back, as whoever they are now."""
        for line in tuple(self.rooms.get(address, ())):
            line.let_go(WSCloseCode.SERVICE_RESTART)

    def push(self, address: str, frame: Frame, seq: int = NOT_AN_EVENT) -> None:
        """Show something in a visitor's room."""
        for line in self.rooms.get(address, ()):
            line.put(frame, seq)

    def recall(self, address: str, history: Sequence[Recorded]) -> str:
        """Take in what a visitor who comes has said before, and return the operator who has the conversation, if one has."""
        for conversation_id in {recorded.conversation_id for recorded in history}:
            self._remember(conversation_id, address)
        self._operators[address] = operator_in(history)
        return self._operators[address]

    def types(self, address: str, *, on: bool) -> None:
        """Show that a turn of a visitor's began or ended, after all that is in the log by now."""
        self._events.put_nowait(_Typing(address, on))

    async def _follow(self) -> None:
        while True:
            match await self._events.get():
                case _Typing(address, on):
                    self._show_typing(address, on)
                case OperatorTypes(conversation_id, operator, on):
                    frame = frames.typing(on, "operator", operator)
                    self.push(await self._visitor_in(conversation_id), frame)
                case recorded:
                    await self._show(recorded)

    async def _show(self, recorded: Recorded) -> None:
        if isinstance(recorded.event, (Joined, Erased)):
            self._let_go(recorded)
            return
        frame = frames.live(recorded) if self.rooms else None
        if frame is None and not isinstance(recorded.event, (Taken, Released)):
            return
        address = await self._visitor_in(recorded.conversation_id)
        if frame is not None:
            self.push(address, frame, recorded.seq)
        if address in self.rooms:
            self._show_who_has_it(address, recorded)
            if isinstance(recorded.event, Closed):
                await self._ask_how_it_was(address, recorded.conversation_id)

    def _show_who_has_it(self, address: str, recorded: Recorded) -> None:
        """Say which operator has the conversation, where that changes."""
        match recorded.event:
            case OperatorWrote(operator=operator) | Taken(operator=operator):
                pass
            case GivenBack() | Closed() | Released():
                operator = ""
            case _:
                return
        if operator != self._operators.get(address, ""):
            self._operators[address] = operator
            self.push(address, frames.presence(operator, self._standing()))

    async def _ask_how_it_was(self, address: str, conversation_id: str) -> None:
        with suppress(LogError):  # it is asked when the visitor comes back
            history = await self._log.history(conversation_id)
            if asks_for_score(history, self._clock(), timedelta.max):
                self.push(address, frames.ask_csat())

    def _let_go(self, recorded: Recorded) -> None:
        """A conversation is somebody else's now, or is gone: whoever looks at it comes back and sees what is theirs."""
        address = self._address_of.pop(recorded.conversation_id, "")
        if isinstance(recorded.event, Erased):
            self.vacate(address)

    def _show_typing(self, address: str, on: bool) -> None:
        self._turns[address] += 1 if on else -1
        if self._turns[address] == (1 if on else 0):
            self.push(address, frames.typing(on, "bot"))
        if not self._turns[address]:
            del self._turns[address]

    async def _visitor_in(self, conversation_id: str) -> str:
        while conversation_id not in self._address_of:
            try:
                visitor = await self._log.visitor_of(conversation_id)
            except LogError as error:  # skipping the event would leave a gap
                logger.warning("who is in a conversation could not be read: %s", error)
                await asyncio.sleep(AGAIN)
                continue
            ours = visitor is not None and visitor.channel == CHANNEL
            self._remember(conversation_id, visitor.address if visitor and ours else "")
        return self._address_of[conversation_id]

    def _remember(self, conversation_id: str, address: str) -> None:
        if len(self._address_of) >= REMEMBERED:
            self._address_of.clear()
        self._address_of[conversation_id] = address

    async def _watch_hours(self) -> None:
        """Tell everybody when the desk opens or closes."""
        known = self._standing()
        while True:
            await asyncio.sleep(LOOKS)
            now = self._standing()
            if (now.open, now.opens) != (known.open, known.opens):
                for address in tuple(self.rooms):
                    self.push(address, frames.presence(self._operators.get(address, ""), now))
            known = now


def operator_in(history: Sequence[Recorded]) -> str:
    """Return the operator who has the visitor's latest conversation, empty where none has."""
    for recorded in reversed(history):
        if recorded.conversation_id != history[-1].conversation_id:
            return ""
        match recorded.event:
            case OperatorWrote(operator=operator) | Taken(operator=operator):
                return operator
            case GivenBack() | Closed() | Released():
                return ""
            case _:
                pass
    return ""
