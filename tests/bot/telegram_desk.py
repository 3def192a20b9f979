"""What the tests of the Telegram channel share: an intake over a real log, and short ways to begin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from bot.channels.channel import Outgoing
from bot.channels.telegram import Telegram
from bot.channels.telegram_client import TelegramSettings
from bot.channels.telegram_words import texts_in
from bot.intake import Hearing, checked
from conversations.events import (
    ActionKind,
    Decided,
    Heard,
    Rated,
    Recorded,
    Thumb,
    Utterance,
    Visitor,
)
from conversations.log import EventLog
from tests.fakes.telegram import FakeTelegram

TOKEN = "123456:Loopback-token_of-a-bot"
SECRET = "secret-of_the-webhook"
TEXTS = texts_in("en")
ADA, BOB, GROUP = 7, 8, -100


class Desk:
    """An intake: hears into the log and answers nothing. `trouble` is what comes in between."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.trouble: dict[str, Exception] = {}  # by text; "" stands for every text
        self.extras: dict[str, Any] = {}  # what else the channel is handed

    async def hear(self, utterance: Utterance) -> Hearing:
        trouble = self.trouble.get(utterance.text) or self.trouble.get("")
        if trouble:
            raise trouble
        bare = bool(utterance.files) and not utterance.text
        text = "" if bare else checked(utterance.text)
        heeded = await self.log.hear(replace(utterance, text=text))
        answer: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
        return Hearing(heeded.recorded, heeded.visitor.visitor_id, heeded.fresh, answer)

    async def rate(
        self, message_id: str, value: str, comment: str, *, address: str | None, reason: str = ""
    ) -> bool:
        rated = await self.log.message(message_id)
        if rated is None:
            return False
        visitor = await self.log.visitor_of(rated.conversation_id)
        if visitor is None or not await self.log.is_at(visitor, str(address)):
            return False
        await self.log.append(
            rated.conversation_id,
            Rated(message_id=message_id, value=Thumb(value), comment=comment, reason=reason),
        )
        return True

    async def score(
        self, conversation_id: str, score: int, comment: str, *, address: str | None
    ) -> bool:
        raise AssertionError("Telegram does not ask for a score")

    async def history(self, chat_id: int) -> list[Recorded]:
        visitor = await self.log.visitor("telegram", str(chat_id))
        conversation_id = await self.log.current(visitor.visitor_id) if visitor else None
        return await self.log.history(conversation_id) if conversation_id else []

    async def heard(self, chat_id: int) -> list[Heard]:
        return [r.event for r in await self.history(chat_id) if isinstance(r.event, Heard)]

    async def texts(self, chat_id: int) -> list[str]:
        return [heard.text for heard in await self.heard(chat_id)]

    async def hears(self, chat_id: int, n: int, *, within: float = 5.0) -> list[Heard]:
        """Return what a chat said, once that is `n` utterances or more."""
        news = asyncio.Event()
        unsubscribe = self.log.subscribe(lambda _: news.set())
        try:
            async with asyncio.timeout(within):
                while len(heard := await self.heard(chat_id)) < n:
                    await news.wait()
                    news.clear()
        finally:
            unsubscribe()
        return heard

    async def rated(self, chat_id: int) -> list[Rated]:
        return [r.event for r in await self.history(chat_id) if isinstance(r.event, Rated)]


@asynccontextmanager
async def open_desk(
    folder: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[Desk]:
    ids = count(1)
    async with EventLog.open(
        folder / "desk.db",
        clock=clock,
        new_id=lambda: f"id{next(ids)}",
        session_idle=timedelta(hours=12),
    ) as log:
        yield Desk(log)


def settings_for(server: FakeTelegram, **changes: Any) -> TelegramSettings:
    usual = TelegramSettings(
        token=TOKEN,
        base_url=server.base_url,
        poll=5,
        first_wait=0.01,
        longest_wait=0.05,
        album_settles=0.5,
    )
    return replace(usual, **changes)


def unstarted(server: FakeTelegram, desk: Desk, **changes: Any) -> Telegram:
    jitter = Random(1)  # noqa: S311 - spreads waits, guards nothing
    settings = settings_for(server, **changes)
    return Telegram(settings, intake=desk, log=desk.log, rng=jitter, **desk.extras)


@asynccontextmanager
async def polling(server: FakeTelegram, desk: Desk, **changes: Any) -> AsyncIterator[Telegram]:
    async with unstarted(server, desk, **changes) as channel:
        await server.wait_until(lambda: bool(server.called("getUpdates")))
        yield channel


def update_of(message_id: int, text: str, chat_id: int = ADA) -> dict[str, Any]:
    """A private message as Telegram delivers it; its update has the id of the message."""
    message = {
        "message_id": message_id,
        "date": 1,
        "text": text,
        "chat": {"id": chat_id, "type": "private", "first_name": "Ada"},
        "from": {"id": chat_id, "is_bot": False, "first_name": "Ada"},
    }
    return {"update_id": message_id, "message": message}


async def confirmed(telegram: FakeTelegram) -> None:
    """Wait until the bot has confirmed every update."""
    await telegram.wait_until(lambda: not telegram.pending)


async def polled(telegram: FakeTelegram, times: int) -> None:
    """Wait until the bot has asked for updates so many times in all."""
    await telegram.wait_until(lambda: len(telegram.called("getUpdates")) >= times)


async def is_decided(desk: Desk, chat_id: int, **fields: Any) -> Outgoing:
    """Record a decision on the chat's latest utterance, as a turn would, and return it for sending."""
    visitor = await desk.log.visitor("telegram", str(chat_id))
    history = await desk.history(chat_id)
    assert visitor
    heard = (await desk.heard(chat_id))[-1]
    usual = Decided(
        message_id=f"reply-to-{heard.message_id}",
        in_reply_to=heard.message_id,
        action=ActionKind.REPLY,
        text="Hello",
    )
    decided = replace(usual, **fields)
    recorded = await desk.log.append(history[0].conversation_id, decided)
    return Outgoing(recorded.conversation_id, recorded.seq, visitor, decided)


def outgoing(chat_id: int = ADA, **fields: Any) -> Outgoing:
    usual = Decided(message_id="m1", in_reply_to="u1", action=ActionKind.HANDOFF, text="Hello")
    visitor = Visitor(visitor_id="v1", channel="telegram", address=str(chat_id))
    return Outgoing("c1", 1, visitor, replace(usual, **fields))
