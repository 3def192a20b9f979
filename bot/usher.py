"""
Follows the conversations that people have or are waited for in, and does what `bot.patience` says.

Every step is appended only where nothing happened in the conversation since the events that it follows from. So it is done once, with
however many servers over however many starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.hours import Hours
from bot.patience import Does, Limits, Step, due
from bot.presence import Presence
from bot.says import Says
from bot.signals import Signals
from conversations.events import (
    HUMAN,
    ActionKind,
    Choice,
    Decided,
    Event,
    GivenBack,
    OperatorWrote,
    Recorded,
)
from conversations.handling import OPERATOR_GONE, Released, Taken
from conversations.log import EventLog, LogError, Rejected
from conversations.notices import BOT_AGAIN, KEEP_WAITING, LEAVE_MESSAGE, Notice, Told
from conversations.waiting import Waiting, after, waiting

PAUSE = 5.0  # seconds between two looks at the clock
BREATH = 0.2  # seconds between two looks at most, however busy the log is
PAGE = 500  # events entered between two breaths of the server

logger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Usher:
    """
    Looks after whoever waits, kept up by `watch`.

    Args:
        gone: told of a conversation that was let go of, and of the operator who had it.
    """

    log: EventLog
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    says: Says
    hours: Hours
    limits: Limits
    absence: Callable[[], str]
    presence: Presence
    signals: Signals
    gone: Callable[[str, str], None] = lambda conversation_id, operator: None
    _seq: int | None = None
    _open: dict[str, Waiting] = field(default_factory=dict)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self) -> None:
        """Follow the log and the clock; runs until it is cancelled."""
        leave = self.log.subscribe(lambda _: self._woken.set())
        try:
            while True:
                self._woken.clear()
                try:
                    await self.look()
                except LogError as error:
                    logger.warning("whoever waits was not looked after", why=str(error))
                except Exception:  # a desk serves as well without
                    logger.exception("whoever waits was not looked after")
                await asyncio.sleep(BREATH)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), PAUSE)
        finally:
            leave()

    async def look(self) -> None:
        """Take in what the log has by now, and do what is due."""
        await self._catch_up()
        for conversation_id, state in tuple(self._open.items()):
            writing = bool(self.signals.writing(conversation_id))
            step = due(
                state, self.clock(), self.limits, self.hours, self.presence.last, writing=writing
            )
            if step is not None:
                await self._do(conversation_id, state, step)

    async def _catch_up(self) -> None:
        if self._seq is None:
            self._seq = await self.log.seq()
            for conversation_id in await self.log.waiting():
                await self._meet(conversation_id)
        while page := await self.log.events(self._seq, PAGE):
            for recorded in page:
                await self._enter(recorded)
            await asyncio.sleep(0)

    async def _enter(self, recorded: Recorded) -> None:
        self._seq, conversation_id = recorded.seq, recorded.conversation_id
        if conversation_id in self._open:
            if recorded.seq > self._open[conversation_id].seq:
                self._keep(conversation_id, after(self._open[conversation_id], recorded))
        elif _brings_a_person(recorded.event):
            await self._meet(conversation_id)

    async def _meet(self, conversation_id: str) -> None:
        if await self.log.with_person(conversation_id):
            self._keep(conversation_id, waiting(await self.log.history(conversation_id)))

    def _keep(self, conversation_id: str, state: Waiting) -> None:
        if state.standing.with_person:
            self._open[conversation_id] = state
        else:
            self._open.pop(conversation_id, None)

    async def _do(self, conversation_id: str, state: Waiting, step: Step) -> None:
        closed = not self.hours.open_at(self.clock())
        told = Told(
            message_id=self.new_id(),
            notice=step.notice,
            text=self.says.notice(step.notice, self.absence() if closed else ""),
            choices=ways_out(step.notice, self.says),
        )
        try:
            done = await self.log.follow_up(
                conversation_id, [*_moves(step.does), told], seen=state.seq
            )
        except Rejected:  # something happened meanwhile, and it is looked at again
            return
        for recorded in done:
            state = after(state, recorded)
        owner = self._open[conversation_id].standing.owner
        self._keep(conversation_id, state)
        logger.info("a customer was told", notice=str(step.notice))
        if step.does is Does.RELEASE:
            self.gone(conversation_id, owner)


def _brings_a_person(event: Event) -> bool:
    match event:
        case Taken() | OperatorWrote() | Decided(action=ActionKind.HANDOFF):
            return True
        case _:
            return False


def ways_out(notice: Notice, says: Says) -> tuple[Choice, ...]:
    """Return what somebody who is told this may choose."""
    again = Choice(says.bot_again, BOT_AGAIN)
    message, wait = (
        Choice(says.leave_message, LEAVE_MESSAGE),
        Choice(says.keep_waiting, KEEP_WAITING),
    )
    match notice:
        case Notice.TOO_LONG | Notice.GONE:
            return message, again, wait
        case Notice.CLOSED:
            return (again,)
        case Notice.HANDED_BACK:
            return (Choice(says.talk_to_person, HUMAN),)
        case Notice.BOT_AGAIN | Notice.LEAVE_MESSAGE | Notice.KEEP_WAITING:
            return ()


def _moves(does: Does) -> list[Event]:
    match does:
        case Does.RELEASE:
            return [Released(by="", reason=OPERATOR_GONE)]
        case Does.GIVE_BACK:
            return [GivenBack(operator="")]
        case Does.NOTHING:
            return []
