"""The files that customers send on Telegram: fetched once, and kept where the widget's are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import count
from pathlib import Path

import structlog
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.channels.channel import KEPT
from bot.channels.file_kinds import kind_of, safe_name
from bot.channels.telegram_client import TelegramSettings, asked_wait, plainly
from bot.channels.telegram_updates import SentFile
from bot.channels.telegram_words import TelegramTexts
from conversations.errors import StorageUnavailable
from conversations.events import Enclosed
from conversations.vault import Full, Vault

MAX_FILE = 10 * 2**20  # bytes, both ways; a bot may fetch twice as much
AT_ONCE = 8  # files that are fetched, and held in memory, at one time
TRIES = 3  # of one file; whoever sent it, and what they write next, waits meanwhile

logger = structlog.get_logger(__name__)


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

    def __init__(self, bot: Bot, settings: TelegramSettings, vault: Vault) -> None:
        self._bot = bot
        self._settings = settings
        self._vault = vault
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def fetch_all(
        self, sent: Sequence[SentFile], owner: str
    ) -> tuple[tuple[Enclosed, ...], tuple[Unfetched, ...]]:
        """
        Return those of a customer's files that came, and why the others will not, each reason once.

        Raises:
            StorageUnavailable: not now; none is kept.
        """
        came = await asyncio.gather(
            *(self.fetch(one, owner) for one in sent), return_exceptions=True
        )
        kept = [one for one in came if isinstance(one, Enclosed)]
        why = {one.why: one for one in came if isinstance(one, Unfetched)}
        for one in came:
            if isinstance(one, BaseException) and not isinstance(one, Unfetched):
                await self.drop(kept)
                raise one
        return tuple(kept), tuple(why.values())

    async def fetch(self, sent: SentFile, owner: str) -> Enclosed:
        """
        Return a customer's file, kept and durable.

        Raises:
            Unfetched: it is too large, gone, of a kind that is not taken, or one too many for today; or Telegram did not give it.
            StorageUnavailable: not now, the same update may come again.
        """
        if sent.size > MAX_FILE:
            raise Unfetched(Why.TOO_LARGE)
        content = await self._content(sent)
        if len(content) > MAX_FILE:
            raise Unfetched(Why.TOO_LARGE)
        return await asyncio.to_thread(self._keep, sent, owner, content)

    async def _content(self, sent: SentFile) -> bytes:
        """Ask for a file, a few times with growing waits: one that Telegram will not give must come to an end."""
        for tried in count(1):
            wait = self._settings.first_wait * 2.0 ** (2 * tried - 1)  # 1 s, 4 s
            try:
                async with self._slots, asyncio.timeout(self._settings.fetch_within):
                    return await self._fetched(sent)
            except BadRequest as error:
                raise Unfetched(Why.FAILED) from error
            except (TelegramError, TimeoutError) as error:
                asked = asked_wait(error) if isinstance(error, TelegramError) else 0.0
                self._warn(error, tried)
                if tried >= TRIES or asked > self._settings.longest_wait:
                    raise Unfetched(Why.FAILED) from error
                await asyncio.sleep(max(wait, asked))
        raise AssertionError("tries are counted")

    async def _fetched(self, sent: SentFile) -> bytes:
        try:
            file = await self._bot.get_file(sent.file_id)
        except InvalidToken as error:  # the file is there all the same, for whoever has the new one
            raise StorageUnavailable("Telegram refuses the token.") from error
        if (file.file_size or 0) > MAX_FILE:
            raise Unfetched(Why.TOO_LARGE)
        if not file.file_path:  # Bot API, File: it may be missing
            raise TelegramError("the file has no path")
        return bytes(await file.download_as_bytearray())

    def _warn(self, error: Exception, tried: int) -> None:
        token = self._settings.token
        why = plainly(error, token) if isinstance(error, TelegramError) else "it takes too long"
        logger.warning("telegram does not give a file", why=why, tried=tried, of=TRIES)

    async def drop(self, files: Iterable[Enclosed]) -> None:
        """Remove files that nothing was said with after all."""
        await asyncio.to_thread(self._vault.drop, [one.file_id for one in files])

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
