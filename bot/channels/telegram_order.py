"""Updates of one chat one after the other, chats side by side; of those that wait the one that Telegram numbered first."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from bot.intake import Busy

MOST = 1000  # updates that wait in all; Telegram posts a hundred at once at most, so more is no Telegram


class Order:
    """Who is being heard in which chat. Of a chat where nothing happens nothing is kept."""

    def __init__(self) -> None:
        self._chats: dict[int, list[tuple[int, int, asyncio.Future[None]]]] = {}  # heaps
        self._coming = count()  # parts two of one id
        self._waiting = 0

    @property
    def busy(self) -> int:
        """How many chats have something under way."""
        return len(self._chats)

    @asynccontextmanager
    async def turn(self, chat_id: int, update_id: int) -> AsyncIterator[None]:
        """
        Wait until nothing else of this chat is under way, and nothing with a lower id waits.

        Raises:
            Busy: too much waits already.
        """
        if self._waiting >= MOST:
            raise Busy
        self._waiting += 1
        try:
            await self._enter(chat_id, update_id)
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._leave(chat_id)

    async def _enter(self, chat_id: int, update_id: int) -> None:
        turn = asyncio.get_running_loop().create_future()
        if chat_id not in self._chats:
            self._chats[chat_id] = []
            # Not at once: what came together with this one is to be there before one is chosen.
            asyncio.get_running_loop().call_soon(self._leave, chat_id)
        heapq.heappush(self._chats[chat_id], (update_id, next(self._coming), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was this one's turn already
                self._leave(chat_id)
            raise

    def _leave(self, chat_id: int) -> None:
        """Let the next one in; forget the chat where there is none."""
        waiting = self._chats[chat_id]
        while waiting:
            *_, turn = heapq.heappop(waiting)
            if not turn.done():  # else whoever waited for it is gone
                turn.set_result(None)
                return
        del self._chats[chat_id]
