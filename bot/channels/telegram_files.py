"""The files that customers send on Telegram: fetched once, and kept where the widget's are."""

from __future__ import annotations

import asyncio
from pathlib import Path

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.channels.channel import KEPT
from bot.channels.telegram_updates import SentFile
from conversations.errors import StorageUnavailable
from conversations.events import Enclosed
from conversations.vault import Full, Vault

MAX_FILE = 10 * 2**20  # bytes, both ways; a bot may fetch twice as much
MAX_NAME = 100  # characters


class Unfetched(Exception):
    """The file will not come; `too_large` says why, where it is that."""

    def __init__(self, *, too_large: bool = False) -> None:
        super().__init__("larger than 10 MB" if too_large else "Telegram does not give it")
        self.too_large = too_large


class Files:
    """Fetches files into the vault of a log, and finds them there."""

    def __init__(self, bot: Bot, vault: Vault) -> None:
        self._bot = bot
        self._vault = vault

    async def fetch(self, sent: SentFile, owner: str) -> Enclosed:
        """
        Return a customer's file, kept and durable.

        Raises:
            Unfetched: it is too large, gone, or one too many for today.
            StorageUnavailable: not now, the same update may come again.
        """
        if sent.size > MAX_FILE:
            raise Unfetched(too_large=True)
        try:
            file = await self._bot.get_file(sent.file_id)
            if (file.file_size or 0) > MAX_FILE:
                raise Unfetched(too_large=True)
            content = bytes(await file.download_as_bytearray())
        except BadRequest as error:
            raise Unfetched from error
        except TelegramError as error:
            raise StorageUnavailable("Telegram does not give a file just now.") from error
        if len(content) > MAX_FILE:
            raise Unfetched(too_large=True)
        return await asyncio.to_thread(self._keep, sent, owner, content)

    def kept(self, url: str) -> Path | None:
        """Return a file of the vault that an operator sends, None where the address means none."""
        if not url.startswith(KEPT):
            return None
        card = self._vault.get(url.removeprefix(KEPT))
        return self._vault.path(card) if card else None

    def _keep(self, sent: SentFile, owner: str, content: bytes) -> Enclosed:
        name = sent.name.replace("/", "_").replace("\\", "_")[-MAX_NAME:]
        try:
            card = self._vault.keep(owner, name, sent.kind, content)
        except Full as error:
            raise Unfetched from error
        except OSError as error:
            raise StorageUnavailable("The disk takes no file just now.") from error
        self._vault.say(owner, [card.file_id])
        return card.enclosed
