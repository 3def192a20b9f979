"""
Albums: several files that a customer sends at once, each of which comes as a message of its own.

Nothing says how many parts there are, so an album counts as whole once no further part has come for a moment. Which parts it has is
written down before it is heard, so that each is heard once, also after a crash, and one that comes later is heard by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from telegram import Update

from bot.channels.telegram_backlog import Backlog
from bot.channels.telegram_updates import Me, WithFile, chat_of, enclosing
from conversations.events import Utterance
from conversations.log import EventLog

MOST = 10  # parts; Bot API, sendMediaGroup
LOOKS = 5  # at most, at whether a further part has come
KNOWN = timedelta(days=1)  # Telegram keeps updates for as long


class Albums:
    """
    Puts the parts of albums together again.

    Args:
        settles: seconds without a further part after which an album counts as whole.
    """

    def __init__(
        self, log: EventLog, backlog: Backlog, me: Callable[[], Me], settles: float
    ) -> None:
        self._log = log
        self._backlog = backlog
        self._me = me
        self._settles = settles

    async def parts(self, update: Update) -> list[WithFile]:
        """
        Return the album that an update opens, in the order in which it was sent; alone a part that came too late for it.

        Empty where the album was heard, or is opened by another part, and this one is in it. Raises what the log raises.
        """
        known = _Known.read(await self._log.note(_key(update)))
        if known is None:
            return await self._opened(update)
        if _number(update) not in known.numbers:
            return self._read([update])
        was_heard = await self._log.heard("telegram", known.external_id)
        if was_heard or _number(update) != known.numbers[0]:
            return []
        return self._read([u for u in await self._waiting(update) if _number(u) in known.numbers])

    async def _opened(self, update: Update) -> list[WithFile]:
        """Wait for the rest of an album, and write down which parts it has, the one first that opens it."""
        whole = await self._settled(update)
        parts = self._read(whole)
        known = _Known(together(parts).external_id, tuple(map(_number, whole)))
        await self._log.keep_note(_key(update), known.text, KNOWN)
        return parts

    async def _settled(self, update: Update) -> list[Update]:
        came = await self._waiting(update)
        for _ in range(LOOKS):
            if len(came) >= MOST:
                break
            await asyncio.sleep(self._settles)
            before, came = len(came), await self._waiting(update)
            if len(came) == before:
                break
        return came

    async def _waiting(self, update: Update) -> list[Update]:
        """Return the parts that are here, with the opener even where it was erased meanwhile."""
        every = await self._backlog.all_of(chat_of(update))
        others = [
            u for u in every if u.update_id != update.update_id and _album(u) == _album(update)
        ]
        return [update, *others]

    def _read(self, updates: Sequence[Update]) -> list[WithFile]:
        messages = [u.message for u in sorted(updates, key=_number) if u.message]
        return [part for message in messages if (part := enclosing(message, self._me()))]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is written down of an album: what it is heard as, and its messages, the one first that opened it."""

    external_id: str
    numbers: tuple[int, ...]

    @property
    def text(self) -> str:
        return f"{self.external_id}/{','.join(map(str, self.numbers))}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        external_id, _, numbers = text.partition("/")
        return cls(external_id, tuple(map(int, numbers.split(",")))) if text else None


def together(parts: Sequence[WithFile]) -> Utterance:
    """Return what an album says: under the id of the part with the words, so that an edit of them finds it."""
    worded = [part.utterance for part in parts if part.utterance.text]
    first = worded[0] if worded else parts[0].utterance
    return replace(first, text="\n".join(utterance.text for utterance in worded))


def _album(update: Update) -> str:
    return (update.message.media_group_id if update.message else "") or ""


def _number(update: Update) -> int:
    return update.message.message_id if update.message else 0


def _key(update: Update) -> str:
    return f"album:telegram:{chat_of(update)}:{_album(update)}"
