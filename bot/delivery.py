"""Durable decisions on their way to the customer: in order within a conversation, repeated until they arrive."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial

import structlog

from bot.channels.channel import KEPT, NOWHERE, Channel, ChannelError, Outgoing, Undeliverable
from bot.intake import decided
from bot.lanes import Lanes
from bot.meters import Meters
from conversations import events
from conversations.edits import edited_message, standing_as
from conversations.events import (
    ActionKind,
    Attached,
    Decided,
    OperatorEdited,
    OperatorWrote,
    Recorded,
    Visitor,
)
from conversations.handover import HAS_PERSON, Holder
from conversations.log import EventLog, LogError, StorageUnavailable
from conversations.notices import Told

ANSWERS = {ActionKind.REPLY, ActionKind.CLARIFY}
PATIENCE = 24 * 3600.0  # seconds; Telegram keeps its own undelivered updates for as long
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # seconds

logger = structlog.get_logger(__name__)


class Delivery:
    """
    Sends what was decided and records that it was.

    A crash between the two sends again: at least once, since no platform of ours takes an id of the message.
    """

    def __init__(self, log: EventLog, *, meters: Meters, patience: float = PATIENCE) -> None:
        self._log = log
        self._meters = meters
        self._patience = patience
        self._channels: dict[str, Channel] = {}
        self._lanes = Lanes()

    def connect(self, channel: Channel) -> None:
        """From now on this channel carries the decisions of its visitors."""
        self._channels[channel.name] = channel

    def channel_of(self, visitor: Visitor) -> Channel | None:
        return self._channels.get(visitor.channel)

    def put(self, recorded: Recorded, visitor: Visitor) -> None:
        """Send a recorded decision after all earlier ones of its conversation; one without words is not sent."""
        if not decided(recorded).text:
            return
        channel = self._channels.get(visitor.channel)
        if channel is None:  # it stays undelivered in the log until the channel is back
            logger.warning("no such channel", channel=visitor.channel)
            return
        outgoing = Outgoing(recorded.conversation_id, recorded.seq, visitor, decided(recorded))
        self._lanes.put(recorded.conversation_id, lambda: self._deliver(outgoing, channel))

    def follow(self, carried: Container[str]) -> Callable[[], None]:
        """From now on what operators write and edit, and the desk tells by itself, goes out on these channels, too; returns what ends it."""

        def heed(recorded: Recorded) -> None:
            if isinstance(recorded.event, OperatorWrote | OperatorEdited | Told):
                self._lanes.put(recorded.conversation_id, lambda: self._pass_on(recorded, carried))

        return self._log.subscribe(heed)

    async def recover(self, carried: Iterable[str]) -> None:
        """Begin what a crash left to do of what operators wrote and the desk told."""
        carried = frozenset(carried)
        for recorded in await self._log.unsent(carried):
            passing = partial(self._pass_on, recorded, carried)
            self._lanes.put(recorded.conversation_id, passing)

    async def _pass_on(self, recorded: Recorded, carried: Container[str]) -> None:
        try:
            visitor = await self._log.addressee(recorded.conversation_id)
            channel = self._channels.get(visitor.channel) if visitor else None
            if not visitor or not channel or visitor.channel not in carried:
                return
            outgoing = await self._outgoing(recorded, visitor)
        except LogError:  # it stays unsent in the log
            logger.exception("what an operator wrote waits", seq=recorded.seq)
            return
        await self._deliver(outgoing, channel)

    async def _outgoing(self, recorded: Recorded, visitor: Visitor) -> Outgoing:
        place = recorded.conversation_id, recorded.seq, visitor
        match recorded.event:
            case OperatorWrote() as wrote:
                return Outgoing(*place, _in_form_of_a_decision(wrote))
            case Told() as told:
                return Outgoing(*place, _as_decided(told))
            case OperatorEdited() as edited:
                history = await self._log.history(recorded.conversation_id)
                wrote = edited_message(history, edited)
                now = replace(wrote, message_id=edited.message_id, text=edited.text)
                shown = standing_as(history, edited)
                return Outgoing(*place, _in_form_of_a_decision(now), replaces=shown or NOWHERE)
            case _:
                raise AssertionError("an operator writes or edits, or the desk tells")

    async def close(self, seconds: float) -> None:
        """Finish what can be finished; the rest stays undelivered in the log and is sent at the next start."""
        await self._lanes.drain(seconds)

    async def _deliver(self, outgoing: Outgoing, channel: Channel) -> None:
        outcome = await self._send(channel, outgoing)
        for pause in pauses():
            try:
                await asyncio.shield(self._log.append(outgoing.conversation_id, outcome))
            except StorageUnavailable:
                await asyncio.sleep(pause)
            else:
                return

    async def _too_late(self, outgoing: Outgoing) -> events.Undeliverable | None:
        """Keep back an answer of the bot's where a person took the conversation before it went out."""
        if outgoing.decided.action not in ANSWERS:
            return None
        with suppress(LogError):
            now = await self._log.standing(outgoing.conversation_id)
            if now.holder is Holder.OPERATOR:
                return events.Undeliverable(
                    message_id=outgoing.decided.message_id, reason=HAS_PERSON
                )
        return None

    async def _send(
        self, channel: Channel, outgoing: Outgoing
    ) -> events.Delivered | events.Undeliverable:
        message_id, until = outgoing.decided.message_id, time.monotonic() + self._patience
        for pause in pauses():
            if late := await self._too_late(outgoing):
                return late
            try:
                external_id = await channel.send(outgoing)
                return events.Delivered(message_id=message_id, external_id=external_id)
            except Undeliverable as error:
                return self._given_up(channel, message_id, str(error))
            except ChannelError as error:
                pause = max(pause, error.retry_after)
                if time.monotonic() + pause > until:
                    return self._given_up(channel, message_id, str(error))
                logger.warning("not delivered yet", message_id=message_id, again_in=pause)
            except Exception as error:  # a fault of the channel must not stop the lane
                logger.exception("channel failed", message_id=message_id)
                return self._given_up(channel, message_id, type(error).__name__)
            await asyncio.sleep(pause)
        raise AssertionError("pauses never end")

    def _given_up(self, channel: Channel, message_id: str, why: str) -> events.Undeliverable:
        self._meters.undeliverable.labels(channel=channel.name).inc()
        logger.warning("undeliverable", message_id=message_id, why=why)
        return events.Undeliverable(message_id=message_id, reason=why)


def _as_decided(told: Told) -> Decided:
    return Decided(
        message_id=told.message_id,
        in_reply_to="",
        action=ActionKind.HANDOFF,  # nothing to rate
        text=told.text,
        choices=told.choices,
    )


def _in_form_of_a_decision(wrote: OperatorWrote) -> Decided:
    return Decided(
        message_id=wrote.message_id,
        in_reply_to="",
        action=ActionKind.HANDOFF,  # nothing to rate, nothing to choose
        text=wrote.text,
        attachments=tuple(Attached(file.name, f"{KEPT}{file.file_id}") for file in wrote.files),
    )


def pauses(first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> Iterator[float]:
    """Yield the seconds to wait before the next attempt, doubling, without end."""
    pause = first
    while True:
        yield pause
        pause = min(2 * pause, longest)
