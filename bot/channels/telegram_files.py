"""The files that customers send on Telegram: fetched once, and kept where the widget's are."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.channels.channel import KEPT
from bot.channels.file_kinds import kind_of, safe_name
from bot.channels.telegram_updates import SentFile
from bot.channels.telegram_words import TelegramTexts
from conversations.errors import StorageUnavailable
from conversations.events import Enclosed
from conversations.vault import Full, Vault

MAX_FILE = 10 * 2**20  # bytes, both ways; a bot may fetch twice as much


class Why(StrEnum):
    """Why a file does not come: the name of the sentence that says so."""

    TOO_LARGE = "too_large"
    WRONG_KIND = "file_refused"
    FULL = "files_full"
    FAILED = "file_failed"


class Unfetched(Exception):
    """The file will not come."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why

    def said(self, texts: TelegramTexts) -> str:
        """Return what the customer reads."""
        return str(getattr(texts, self.why))


class Files:
    """Fetches files into the vault of a log, and finds them there."""

    def __init__(self, bot: Bot, vault: Vault) -> None:
        self._bot = bot
        self._vault = vault

    async def fetch(self, sent: SentFile, owner: str) -> Enclosed:
        """
        Return a customer's file, kept and durable.

        Raises:
            Unfetched: it is too large, gone, of a kind that is not taken, or one too many for today.
            StorageUnavailable: not now, the same update may come again.
        """
        if sent.size > MAX_FILE:
            raise Unfetched(Why.TOO_LARGE)
        try:
            file = await self._bot.get_file(sent.file_id)
            if (file.file_size or 0) > MAX_FILE:
                raise Unfetched(Why.TOO_LARGE)
            content = bytes(await file.download_as_bytearray())
        except BadRequest as error:
            raise Unfetched(Why.FAILED) from error
        except TelegramError as error:
            raise StorageUnavailable("Telegram does not give a file just now.") from error
        if len(content) > MAX_FILE:
            raise Unfetched(Why.TOO_LARGE)
        return await asyncio.to_thread(self._keep, sent, owner, content)

    def kept(self, url: str) -> Path | None:
        """Return a file of the vault that an operator sends, None where the address means none."""
        if not url.startswith(KEPT):
            return None
        card = self._vault.get(url.removeprefix(KEPT))
        return self._vault.path(card) if card else None

    def _keep(self, sent: SentFile, owner: str, content: bytes) -> Enclosed:
        kind = kind_of(content)  # never what Telegram's client claims
        if kind is None:
            raise Unfetched(Why.WRONG_KIND)
        try:
            card = self._vault.keep(owner, safe_name(sent.name, kind), kind, content)
        except Full as error:
            raise Unfetched(Why.FULL) from error
        except OSError as error:
            raise StorageUnavailable("The disk takes no file just now.") from error
        self._vault.say(owner, [card.file_id])
        return card.enclosed
