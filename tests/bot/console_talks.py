"""Conversations of a morning at the demo shop, for the console's pictures."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.desk import Desk
from conversations.events import (
    ActionKind,
    Choice,
    Closed,
    Decided,
    Delivered,
    Event,
    OperatorWrote,
    Rated,
    Recorded,
    Thumb,
    Utterance,
)
from conversations.handling import Noted, Taken
from conversations.log import EventLog

TO_A_PERSON = "I am passing this to a person. They read along and will answer here."
GUESSES = (
    Choice("Where my order is", "order_status"),
    Choice("Sending something back", "return_item"),
    Choice("None of these", "none"),
)


@dataclass
class Morning:
    """Writes a log whose events are some minutes old."""

    log: EventLog
    at: list[datetime]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    ids: itertools.count[int] = field(default_factory=itertools.count)

    async def heard(self, name: str, text: str, minutes: float) -> Recorded:
        self.at[0] = self.now - timedelta(minutes=minutes)
        said = Utterance(
            channel="web", address=name, external_id=f"x{next(self.ids)}", text=text, name=name
        )
        return (await self.log.hear(said)).recorded

    async def decided(
        self, heard: Recorded, intent: str, confidence: float, reason: str, text: str = ""
    ) -> Decided:
        self.at[0] += timedelta(seconds=1)
        sure = reason == "confident"
        asks = reason == "ambiguous"
        decided = Decided(
            message_id=f"d{next(self.ids)}",
            in_reply_to=getattr(heard.event, "message_id", ""),
            action=ActionKind.REPLY if sure else ActionKind.CLARIFY if asks else ActionKind.HANDOFF,
            text=text or TO_A_PERSON,
            choices=GUESSES if asks else (),
            intent=intent,
            confidence=confidence,
            reason=reason,
            verdict="confident" if confidence > 0.9 else "ambiguous" if intent else "out_of_scope",
            evidence='{"language": "en"}',
        )
        await self.log.append(heard.conversation_id, decided)
        await self.log.append(heard.conversation_id, Delivered(message_id=decided.message_id))
        return decided

    async def then(self, conversation_id: str, *events: Event) -> None:
        for event in events:
            self.at[0] += timedelta(seconds=40)
            await self.log.append(conversation_id, event)


async def written(desk: Desk) -> str:
    """Write the morning into a desk's log; gives the conversation that is looked at."""
    at, ids = [datetime.now(UTC)], itertools.count()
    async with EventLog.open(
        desk.database,
        clock=lambda: at[0],
        new_id=lambda: f"s{next(ids)}",
        session_idle=timedelta(hours=12),
    ) as log:
        morning = Morning(log, at)
        await _answered_before(morning)
        await _others(morning)
        return await _maren(morning)


async def _others(morning: Morning) -> None:
    for minutes, name, text in (
        (50, "Tomás", "Where is my parcel?"),
        (44, "Aiko Tanaka", "How do I return boots?"),
        (38, "Samuel Okafor", "Order 20871, please"),
    ):
        heard = await morning.heard(name, text, minutes)
        await morning.decided(heard, "order_status", 0.93, "confident", "It is on its way.")
    for minutes, name, text, intent, reason in (
        (14, "Jonas Weber", "Two weeks, and nobody answers me!", "order_status", "upset"),
        (9, "Wen Li", "My refund has not come yet", "return_item", "asked_for_person"),
        (4, "Olena Shevchenko", "Forty umbrellas for a wedding, please", "", "out_of_scope"),
        (2, "ليلى حداد", "هل يمكنني تغيير عنوان التسليم؟", "", "still_unclear"),
    ):
        heard = await morning.heard(name, text, minutes)
        await morning.decided(heard, intent, 0.6 if intent else 0.0, reason)
    heard = await morning.heard("Priya Raman", "The zip of my coat broke", 22)
    await morning.decided(heard, "repair_status", 0.55, "still_unclear")
    hello = "Hello Priya, could you send me a picture of the zip?"
    await morning.then(
        heard.conversation_id,
        Taken(operator="Bob"),
        OperatorWrote(message_id="o1", operator="Bob", text=hello),
    )


async def _answered_before(morning: Morning) -> None:
    """Two customers asked yesterday what one asks today, and a person answered."""
    for minutes, name, operator, text in (
        (1700, "Ida Novak", "Bob", "Hello Ida, no passport is needed: the pick-up code in your e-mail is enough."),
        (1600, "Luis Prado", "Mia", "Hello Luis, no passport is needed: the pick-up code from your e-mail is enough."),
    ):  # fmt: skip
        heard = await morning.heard(name, "Do I need my passport to pick up my parcel?", minutes)
        await morning.decided(heard, "", 0.0, "out_of_scope")
        wrote = OperatorWrote(message_id=f"p{minutes}", operator=operator, text=text)
        closed = Closed(reason="resolved", operator=operator)
        await morning.then(heard.conversation_id, wrote, closed)


async def _maren(morning: Morning) -> str:
    name = "Maren Lindqvist"
    heard = await morning.heard(name, "Is the blue jacket there in M?", 60 * 26)
    await morning.decided(heard, "order_status", 0.94, "confident", "Yes, in S, M and XL.")
    await morning.then(heard.conversation_id, Closed(reason="idle"))
    heard = await morning.heard(name, "Order 20871 has not arrived.", 12)
    answer = "It left on Monday, and should be with you by Thursday."
    decided = await morning.decided(heard, "order_status", 0.93, "confident", answer)
    down = Rated(message_id=decided.message_id, value=Thumb.DOWN, comment="It is not here")
    await morning.then(heard.conversation_id, down)
    heard = await morning.heard(name, "The tracking says delivered. I need it on Saturday.", 10)
    await morning.decided(heard, "order_status", 0.52, "ambiguous", "Which do you mean?")
    heard = await morning.heard(name, "Please let me talk to a person.", 8)
    await morning.decided(heard, "talk_to_person", 0.97, "asked_for_person")
    where = "The courier left it in Harbour Street, parcel shop 114."
    wrote = "Hello Maren, your parcel waits for you at the shop in Harbour Street until Friday."
    await morning.then(
        heard.conversation_id,
        Taken(operator="Ann"),
        Noted(message_id="n1", operator="Ann", text=where),
        OperatorWrote(message_id="o2", operator="Ann", text=wrote),
    )
    heard = await morning.heard(name, "Oh, thank you! Do I need my passport to pick it up?", 1)
    return heard.conversation_id
