"""
Updates that cannot be heard at once: the ones with a file, which has to be fetched, and what their chats say after them.

They are on the disk before they are confirmed to Telegram, so that nobody else waits for a file and a server that is killed
goes on where it was. Within a chat they are heard in the order in which they came.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator

import structlog
from telegram import Update

from bot.channels.telegram_client import read_update
from bot.channels.telegram_updates import chat_of
from conversations.errors import Damaged, StorageUnavailable
from conversations.log import EventLog
from conversations.notes import WAITING

logger = structlog.get_logger(__name__)


class Backlog:
    """
    What waits, by chat; a task for each chat that has something.

    Args:
        hear: takes an update; false where it has to come again.
        waits: the seconds to wait after each failure in turn.
    """

    def __init__(
        self,
        log: EventLog,
        hear: Callable[[Update], Awaitable[bool]],
        waits: Callable[[], Iterator[float]],
    ) -> None:
        self.resumed = False  # before and after its life nobody knows who has something here
        self._log = log
        self._hear = hear
        self._waits = waits
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._news: set[int] = set()  # chats with something that their task may not have seen

    async def resume(self) -> None:
        """Go on with what an earlier life of the server left. Raises what the log raises."""
        for key, _ in await self._log.notes(waiting_at()):
            self._see_to(int(key.split(":")[2]))
        self.resumed = True

    async def close(self) -> None:
        """Stop, and take nothing more; what is left is on the disk."""
        self.resumed = False
        for task in tuple(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def holds(self, chat_id: int) -> bool:
        """Whether something of this chat waits, so that what comes now has to wait behind it."""
        return chat_id in self._tasks

    async def put(self, update: Update) -> None:
        """Let an update wait, durably; one that waits already keeps its place. Raises what the log raises."""
        key = _key(update)
        if not await self._log.note(key):
            await self._log.keep_note(key, update.to_json())
        self._see_to(chat_of(update))

    async def has(self, update: Update) -> bool:
        """Whether an update waits still: its customer may have had everything erased."""
        return bool(await self._log.note(_key(update)))

    async def all_of(self, chat_id: int) -> list[Update]:
        """Return what waits of a chat, in the order of its coming. Raises what the log raises."""
        texts = [text for _, text in await self._log.notes(waiting_at(chat_id))]
        return [update for text in texts if (update := _read(text))]

    def _see_to(self, chat_id: int) -> None:
        self._news.add(chat_id)
        if chat_id not in self._tasks:
            self._tasks[chat_id] = asyncio.create_task(self._work_off(chat_id))

    async def _work_off(self, chat_id: int) -> None:
        try:
            for wait in self._waits():
                if await self._is_worked_off(chat_id):
                    return
                await asyncio.sleep(wait)
        finally:
            del self._tasks[chat_id]
            self._news.discard(chat_id)

    async def _is_worked_off(self, chat_id: int) -> bool:
        """Hear what waits, and return whether that was all; nothing may be awaited between the last look and the return."""
        try:
            while True:
                self._news.discard(chat_id)
                while found := await self._log.notes(waiting_at(chat_id), 1):
                    if not await self._is_heard(*found[0]):
                        return False
                if chat_id not in self._news:
                    return True
        except (StorageUnavailable, Damaged) as error:
            logger.warning("telegram updates wait on the disk", why=str(error))
            return False

    async def _is_heard(self, key: str, text: str) -> bool:
        update = _read(text)
        if update is not None and not await self._hear(update):
            return False
        await self._log.keep_note(key, "")
        return True


def waiting_at(chat_id: int | None = None) -> str:
    """Return how the keys begin of what waits of a chat, or of all."""
    return f"{WAITING}telegram:" + ("" if chat_id is None else f"{chat_id}:")


def _read(text: str) -> Update | None:
    return read_update(json.loads(text))


def _key(update: Update) -> str:
    return f"{waiting_at(chat_of(update))}{update.update_id}"
