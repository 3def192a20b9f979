"""
The turn: from a durable utterance to a durable decision.

Turns of one conversation run in order, conversations in parallel. Whatever goes wrong, a customer gets an answer
or a person.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

import structlog

from bot.delivery import Delivery, pauses
from bot.intake import MAX_TEXT, BadInput, Busy, Hearing, admitted, decided, heard_in
from bot.judge import Judge
from bot.lanes import Lanes
from bot.meters import Meters
from conversations.events import (
    Decided,
    Dislike,
    Rated,
    Recorded,
    Scored,
    Thumb,
    Utterance,
    Visitor,
)
from conversations.log import EventLog, Rejected, StorageUnavailable

IN_FLIGHT = 512  # utterances not yet decided on; beyond it the next one is refused early
TYPING_AFTER = 0.2  # seconds; most answers are there before anyone could see it
TYPING_EVERY = 4.0  # seconds; Telegram shows it for five
SCORES = range(1, 6)  # of satisfaction
CLOSING = 10.0  # seconds that a stopping server gives to what it has begun

logger = structlog.get_logger(__name__)


class Turns:
    """The intake of every channel (`bot.intake.Intake`)."""

    def __init__(
        self,
        *,
        log: EventLog,
        judge: Judge,
        delivery: Delivery,
        meters: Meters,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self._log = log
        self._judge = judge
        self._delivery = delivery
        self._meters = meters
        self._in_flight = in_flight
        self._lanes = Lanes()
        self._answers: dict[str, asyncio.Future[Recorded]] = {}  # by the message id of the Heard
        self._hearing: set[asyncio.Task[Hearing]] = set()

    async def hear(self, utterance: Utterance) -> Hearing:
        """Make an utterance durable and start its turn; see `Intake.hear`."""
        utterance = admitted(utterance)
        if len(self._answers) >= self._in_flight:
            raise Busy
        # Shielded: a visitor who leaves between the commit and the start of the turn is still answered.
        task = asyncio.create_task(self._hear(utterance))
        self._hearing.add(task)
        task.add_done_callback(self._hearing.discard)
        return await asyncio.shield(task)

    async def rate(
        self, message_id: str, value: str, comment: str, *, address: str | None, reason: str = ""
    ) -> bool:
        """Record a thumb; see `Intake.rate`."""
        if value not in set(Thumb):
            raise BadInput("bad_input", "A rating is either up or down.")
        if reason and (value != Thumb.DOWN or reason not in set(Dislike)):
            reasons = ", ".join(Dislike)
            raise BadInput("bad_input", f"A thumb down may have one of these reasons: {reasons}.")
        if len(comment) > MAX_TEXT:
            raise BadInput("too_long")
        rated = await self._log.message(message_id)
        if rated is None or not isinstance(rated.event, Decided) or not rated.event.text:
            return False
        thumb = Rated(message_id=message_id, value=Thumb(value), comment=comment, reason=reason)
        return await self._said_by(address, rated.conversation_id, thumb)

    async def score(
        self, conversation_id: str, score: int, comment: str, *, address: str | None
    ) -> bool:
        """Record a score; see `Intake.score`."""
        if score not in SCORES:
            raise BadInput("bad_input", "A score is a whole number from 1 to 5.")
        if len(comment) > MAX_TEXT:
            raise BadInput("too_long")
        return await self._said_by(address, conversation_id, Scored(score=score, comment=comment))

    async def _said_by(
        self, address: str | None, conversation_id: str, opinion: Rated | Scored
    ) -> bool:
        """Append what a visitor thinks, if the conversation is theirs."""
        visitor = await self._log.visitor_of(conversation_id)
        if visitor is None or not (address is None or await self._log.is_at(visitor, address)):
            return False
        await asyncio.shield(self._log.append(conversation_id, opinion))
        return True

    async def recover(self) -> None:
        """Begin what a crash left to do: send what was decided, decide on what was heard."""
        undelivered, unanswered = await self._log.undelivered(), await self._log.unanswered()
        for recorded in undelivered:
            if visitor := await self._log.addressee(recorded.conversation_id):
                self._delivery.put(recorded, visitor)
        for recorded in unanswered:
            if visitor := await self._log.addressee(recorded.conversation_id):
                self._start(recorded, visitor)
        if undelivered or unanswered:
            logger.info("recovered", unanswered=len(unanswered), undelivered=len(undelivered))

    async def close(self, seconds: float = CLOSING) -> None:
        """Finish the turns and deliveries begun, `seconds` at most; the log knows what is left."""
        until = time.monotonic() + seconds
        if self._hearing:
            await asyncio.wait(self._hearing, timeout=seconds)
        await self._lanes.drain(max(0.0, until - time.monotonic()))
        await self._delivery.close(max(0.0, until - time.monotonic()))

    async def _hear(self, utterance: Utterance) -> Hearing:
        heeded = await self._log.hear(utterance)
        recorded = heeded.recorded
        heard = heard_in(recorded)
        answered = None
        if not heeded.fresh and heard.message_id not in self._answers:
            answered = await self._log.decision_on(heard.message_id)
        if answered is None:
            answer = self._start(recorded, heeded.visitor)
        else:
            answer = asyncio.get_running_loop().create_future()
            answer.set_result(answered)
        return Hearing(recorded, heeded.visitor.visitor_id, heeded.fresh, answer)

    def _start(self, recorded: Recorded, visitor: Visitor) -> asyncio.Future[Recorded]:
        message_id = heard_in(recorded).message_id
        if message_id in self._answers:
            return self._answers[message_id]
        answer: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
        self._answers[message_id] = answer
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())  # seen by us
        self._lanes.put(
            recorded.conversation_id, lambda: self._run(message_id, recorded, visitor, answer)
        )
        return answer

    async def _run(
        self,
        message_id: str,
        recorded: Recorded,
        visitor: Visitor,
        answer: asyncio.Future[Recorded],
    ) -> None:
        try:
            result = await self._answer(recorded, visitor)
        except Exception as error:  # the log itself is damaged: nothing can be recorded any more
            logger.exception("turn not recorded", message_id=message_id)
            if not answer.done():
                answer.set_exception(error)
        else:
            if not answer.done():
                answer.set_result(result)
        finally:
            del self._answers[message_id]
            answer.cancel()  # only where the lane was cancelled

    async def _answer(self, recorded: Recorded, visitor: Visitor) -> Recorded:
        """Take the turn, again and again while the disk refuses: what was heard is not forgotten."""
        for pause in pauses(0.2, 5.0):
            try:
                return await self._take(recorded, visitor)
            except StorageUnavailable as error:
                logger.warning("storage unavailable", why=str(error), again_in=pause)
            await asyncio.sleep(pause)
        raise AssertionError("pauses never end")

    async def _take(self, recorded: Recorded, visitor: Visitor) -> Recorded:
        started = time.perf_counter()
        typing = asyncio.create_task(self._typing(visitor))
        try:
            decision = await self._judge.decide_on(recorded, visitor)
        finally:
            typing.cancel()
        try:
            result = await asyncio.shield(self._log.append(recorded.conversation_id, decision))
        except Rejected:
            logger.exception("decision rejected", message_id=decision.in_reply_to)
            decision = self._judge.failure(recorded, visitor)
            result = await asyncio.shield(self._log.append(recorded.conversation_id, decision))
        if decided(result).message_id == decision.message_id:  # else it had been answered before
            self._note(decided(result), time.perf_counter() - started)
            self._delivery.put(result, visitor)
        return result

    def _note(self, decision: Decided, seconds: float) -> None:
        self._meters.turns.labels(action=str(decision.action), verdict=decision.verdict).inc()
        self._meters.turn_seconds.observe(seconds)
        logger.info(
            "turn",
            message_id=decision.message_id,
            intent=decision.intent,
            confidence=round(decision.confidence, 3),
            release=decision.release,
            action=str(decision.action),
            reason=decision.reason,
            ms=round(1000 * seconds, 1),
        )

    async def _typing(self, visitor: Visitor) -> None:
        channel = self._delivery.channel_of(visitor)
        await asyncio.sleep(TYPING_AFTER)
        while channel is not None:
            with contextlib.suppress(Exception):  # nobody's concern
                await channel.typing(visitor)
            await asyncio.sleep(TYPING_EVERY)
