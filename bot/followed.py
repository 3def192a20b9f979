"""The log as a ledger that keeps up with it, for whatever looks at the last weeks as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from conversations.events import Erased, Visitor
from conversations.ledger import Ledger
from conversations.log import EventLog

WINDOW = 100_000  # events that are looked at, some weeks of a busy desk; nothing is lost from the log by it
PAGE = 500  # events entered between two breaths of the server

Answer = TypeVar("Answer")


class Followed:
    """A ledger of the log's last events; who asks it first waits until they are read."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._ledger: Ledger | None = None
        self._one_at_a_time = asyncio.Lock()

    async def ask(self, question: Callable[[Ledger], Answer]) -> Answer:
        """Return what a question, asked in a thread of its own, finds in the ledger up to now; it may keep nothing of it."""
        async with self._one_at_a_time:
            ledger = await self._caught_up()
            return await asyncio.to_thread(question, ledger)

    async def visitors(self, conversations: Collection[str]) -> Mapping[str, Visitor]:
        """Return who has each of these conversations; see `Readable.visitors`."""
        return await self._log.visitors(conversations)

    async def _caught_up(self) -> Ledger:
        if self._ledger is None:
            self._ledger = await self._begun()
        while events := await self._log.events(self._ledger.seq, PAGE):
            for entry in events:
                self._ledger.enter(entry)
            if any(isinstance(entry.event, Erased) for entry in events):
                # What the ledger has of that visitor is gone from the log: it is read anew, and stops at nothing this time.
                self._ledger = await self._read_through(await self._begun())
            await asyncio.sleep(0)
        return self._ledger

    async def _begun(self) -> Ledger:
        return Ledger(seq=max(0, await self._log.seq() - WINDOW))

    async def _read_through(self, ledger: Ledger) -> Ledger:
        while events := await self._log.events(ledger.seq, PAGE):
            for entry in events:
                ledger.enter(entry)
            await asyncio.sleep(0)
        return ledger
