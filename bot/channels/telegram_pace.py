"""
When the next message may go out, so that Telegram has nothing to refuse: in order within a chat, spread over all of them.

Telegram publishes no exact limits; those that people measured and its FAQ names are kept here, and what it asks for in an answer
(`retry_after`) holds for the chat that it was said of. Where several chats in a row are refused, the whole bot is meant.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OVERALL = (
    1 / 28
)  # seconds between two messages; the FAQ says 30 a second, and the network bunches some
PER_CHAT = 1.0  # seconds between two messages to one chat, in the long run
PER_GROUP = 3.0  # a group takes 20 a minute
BURST = 3  # messages that a chat that was quiet takes at once: the parts of a long answer
WHOLE_BOT = 3  # chats refused one after the other, with nothing taken in between
REMEMBERED = 10_000  # chats


@dataclass(slots=True)
class _Chat:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    due: float = 0.0  # when the messages so far would have gone out at the sustained rate
    paused_until: float = 0.0


class Pace:
    """The limits of one bot. Times are those of `clock`, in seconds; `sleep` waits for some."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._chats: dict[int, _Chat] = {}
        self._gate = asyncio.Lock()
        self._next = 0.0  # when the bot may send again
        self._refused: set[int] = set()  # chats, since something was taken

    @asynccontextmanager
    async def turn(self, chat_id: int) -> AsyncIterator[None]:
        """Wait until a message may go to this chat; nothing else goes to it while the context lasts."""
        chat = self._chats.setdefault(chat_id, _Chat())
        chat.users += 1
        try:
            async with chat.lock:
                await self._wait(chat, PER_CHAT if chat_id > 0 else PER_GROUP)
                yield
        finally:
            chat.users -= 1
            if len(self._chats) > REMEMBERED:
                self._forget()

    async def slot(self) -> None:
        """Wait until the bot may send something that is not a chat's next message, such as an edit."""
        async with (
            self._gate
        ):  # one after the other: planned times would bunch where the process was held up
            while self._next > self._clock():
                await self._until(self._next)
            self._next = self._clock() + OVERALL

    def taken(self) -> None:
        """Telegram took a message."""
        self._refused.clear()

    def pause(self, chat_id: int, seconds: float) -> None:
        """Telegram asks for patience with this chat."""
        until = self._clock() + seconds
        chat = self._chats.setdefault(chat_id, _Chat())
        chat.paused_until = max(chat.paused_until, until)
        self._refused.add(chat_id)
        if len(self._refused) >= WHOLE_BOT:
            self._next = max(self._next, until)

    async def _wait(self, chat: _Chat, interval: float) -> None:
        while True:
            ready = max(chat.paused_until, chat.due - (BURST - 1) * interval)
            if ready > self._clock():
                await self._until(ready)
                continue
            await self.slot()
            if chat.paused_until <= self._clock():  # else it was asked for in the meantime
                break
        chat.due = max(chat.due, self._clock()) + interval

    async def _until(self, at: float) -> None:
        if (left := at - self._clock()) > 0:
            await self._sleep(left)

    def _forget(self) -> None:
        now = self._clock()
        busy = {
            chat_id: chat
            for chat_id, chat in self._chats.items()
            if chat.users or max(chat.due, chat.paused_until) > now
        }
        self._chats = busy
