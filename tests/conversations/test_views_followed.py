"""Whoever follows the views hears of everything that happens, whatever is written while they take it in."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlite_utils import Database

from conversations.events import ActionKind, Decided, Delivered, Heard, Utterance
from conversations.log import EventLog
from conversations.views.happened import Happened
from conversations.views.view import Made, Views


class Busy:
    """A view that is overtaken: while it takes a reply in, its receipt is written, which no view is told of."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.loop = asyncio.get_running_loop()

    def create(self, db: Database) -> None:
        """It keeps nothing."""

    def take(self, connection: sqlite3.Connection, happened: Sequence[Happened]) -> None:
        for one in happened:
            if isinstance(one.event, Decided):
                receipt = Delivered(message_id=one.event.message_id)
                written = self.log.append(one.conversation_id, receipt)
                asyncio.run_coroutine_threadsafe(written, self.loop).result(10)


async def test_what_a_receipt_overtakes_is_told(tmp_path: Path) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()

    def follow(happened: Sequence[Happened]) -> None:
        for one in happened:
            told.put_nowait(type(one.event).__name__)

    opened = EventLog.open(
        tmp_path / "desk.db",
        clock=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC),
        new_id=lambda: uuid4().hex,
        session_idle=timedelta(hours=1),
    )
    async with opened as log:
        made = Made(tmp_path / "views.db", tmp_path / "desk.db", [Busy(log)], "1")
        async with Views.open(log, made) as views:
            views.subscribe(follow)
            for number in range(3):
                said = Utterance(channel="web", address="v", external_id=str(number), text="hello")
                heard = (await log.hear(said)).recorded
                assert isinstance(heard.event, Heard)
                answer = Decided(
                    message_id=f"d-{number}",
                    in_reply_to=heard.event.message_id,
                    action=ActionKind.REPLY,
                    text="Here.",
                )
                await log.append(heard.conversation_id, answer)
                async with asyncio.timeout(10):
                    assert [await told.get(), await told.get()] == ["Heard", "Decided"]
