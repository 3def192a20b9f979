"""A desk's turns with everything real but the model, and a channel that a test can look into."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.champion import Champion
from bot.channels.channel import ChannelError, Outgoing
from bot.clerk import Clerk
from bot.delivery import Delivery
from bot.dialogue import Words
from bot.forms import Forms
from bot.intake import decided
from bot.judge import Judge
from bot.lookup import Lookups
from bot.meters import Meters
from bot.phrasing import Phrasing
from bot.turn import Turns
from bot.tutor import Tutor
from bot.whatnext import WhatNext
from conversations.events import Decided, Utterance, Visitor
from conversations.log import EventLog
from retrieval.teachings import Teachable
from retrieval.variables import Variables
from tests.bot.reader import KeywordReader, load_reader

WORDS = Words(patterns={"order_number": re.compile(r"PP-\d{6}")})


@dataclass
class Pigeon:
    """A channel that keeps what it carried; the errors in `weather` come first."""

    name: str = "pigeon"
    carried: list[Outgoing] = field(default_factory=list)
    weather: list[ChannelError] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> str:
        if self.weather:
            raise self.weather.pop(0)
        self.carried.append(outgoing)
        return f"p{len(self.carried)}"

    async def typing(self, visitor: Visitor) -> None:
        """A pigeon does not type."""

    @property
    def texts(self) -> list[str]:
        return [outgoing.decided.text for outgoing in self.carried]


@dataclass
class House:
    log: EventLog
    champion: Champion
    delivery: Delivery
    turns: Turns
    pigeon: Pigeon
    meters: Meters
    tutor: Tutor
    whatnext: WhatNext  # it looks at the log when a test says so
    count: itertools.count[int] = field(default_factory=itertools.count)

    def utterance(
        self, text: str, *, chosen: str = "", who: str = "ada", external_id: str = ""
    ) -> Utterance:
        return Utterance(
            channel="pigeon",
            address=who,
            external_id=external_id or f"m{next(self.count)}",
            text=text,
            chosen=chosen,
            name="Ada",
        )

    async def say(
        self, text: str, *, chosen: str = "", who: str = "ada", external_id: str = ""
    ) -> Decided:
        """Say something and wait for the decision."""
        hearing = await self.turns.hear(
            self.utterance(text, chosen=chosen, who=who, external_id=external_id)
        )
        return decided(await hearing.answer)

    async def conversation_of(self, who: str = "ada") -> str:
        visitor = await self.log.visitor("pigeon", who)
        assert visitor is not None
        conversation_id = await self.log.current(visitor.visitor_id)
        assert conversation_id is not None
        return conversation_id


def fresh_id() -> str:
    return uuid.uuid4().hex


@contextlib.asynccontextmanager
async def event_log(
    folder: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[EventLog]:
    async with EventLog.open(
        folder / "desk.db",
        clock=clock,
        new_id=fresh_id,
        session_idle=timedelta(hours=12),
    ) as log:
        yield log


@contextlib.asynccontextmanager
async def house(
    folder: Path,
    release: Teachable | None = None,
    *,
    pigeon: Pigeon | None = None,
    in_flight: int = 512,
    patience: float = 10.0,
    forms: Forms | None = None,
    asking: Lookups | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    phrasing: Phrasing | None = None,
    words: Words = WORDS,
    there: Callable[[], bool] = lambda: True,
) -> AsyncIterator[House]:
    """Open everything in `folder`; closing drains the turns as a stopping server does."""
    meters = Meters()
    reader = release or KeywordReader()
    async with (
        event_log(folder, clock) as log,
        Champion(reader, load=load_reader, meters=meters, patience=patience) as champion,
        Tutor(log, champion, fresh_id, Variables(), folder) as tutor,
    ):
        delivery = Delivery(log, meters=meters)
        carrier = pigeon or Pigeon()
        delivery.connect(carrier)
        clerk = Clerk(words, forms or Forms(), asking)
        whatnext = WhatNext(log, lambda: champion.serving, clock)
        judge = Judge(
            log=log,
            readings=champion,
            words=words,
            new_id=fresh_id,
            clerk=clerk,
            whatnext=whatnext,
            phrasing=phrasing,
            there=there,
        )
        turns = Turns(log=log, judge=judge, delivery=delivery, meters=meters, in_flight=in_flight)
        try:
            yield House(log, champion, delivery, turns, carrier, meters, tutor, whatnext)
        finally:
            await turns.close(5.0)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens by itself, for some seconds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the watched thing polls too
            await asyncio.sleep(0.01)
