"""One message at a time to one chat: put there, reworded or taken away, each at its turn; and where a decision's messages are."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

import structlog
from telegram import Bot, InlineKeyboardMarkup, InputFile
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram_client import asked_wait, plainly
from bot.channels.telegram_pace import Pace
from bot.channels.telegram_places import Place
from bot.channels.telegram_text import Part
from conversations.events import Attached

# What Telegram says of a text that is too much, or wrong, only as we wrote it in HTML.
OUR_HTML = ("can't parse entities", "entities_too_long", "entity", "too long", "text is empty")
PHOTOS = frozenset({".jpg", ".jpeg", ".png"})
MAX_PHOTO = 10 * 2**20  # bytes; Bot API, sendPhoto
MAX_CAPTION = 1024  # UTF-16 units after the tags are taken out; Bot API, sendPhoto
PLACED = re.compile(r"(?P<chat>-?\d+):(?P<texts>[\d,]*);(?P<files>[\d,]*)", re.ASCII)

T = TypeVar("T")

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Placed:
    """The messages that a decision became: those of its text, and those of its files."""

    chat_id: int
    texts: tuple[int, ...]
    files: tuple[int, ...] = ()

    @property
    def external_id(self) -> str:
        """What the log keeps of it."""
        texts, files = (",".join(map(str, ids)) for ids in (self.texts, self.files))
        return f"{self.chat_id}:{texts};{files}"

    @classmethod
    def read(cls, external_id: str) -> Self | None:
        """Return what the log kept; None where an older version did, which kept one id alone."""
        found = PLACED.fullmatch(external_id)
        if found is None:
            return None
        texts, files = (
            tuple(int(one) for one in found[name].split(",") if one) for name in ("texts", "files")
        )
        return cls(int(found["chat"]), texts, files)


class Posts:
    """Messages of a bot, in order within a chat. Every method may raise the library's errors."""

    def __init__(self, bot: Bot, token: str, pace: Pace) -> None:
        self._bot = bot
        self._token = token
        self._pace = pace

    async def put(
        self,
        place: Place,
        piece: Part | tuple[Attached, Path],
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> int:
        """Send a part of a text, or a file, and return the id of its message."""
        if isinstance(piece, Part):
            part = piece
            return await self._in_turn(place.chat_id, lambda: self._text(place, part, keyboard))
        attached, file = piece
        return await self._in_turn(place.chat_id, lambda: self._file(place, attached, file))

    async def reword(self, chat_id: int, message_id: int, part: Part) -> None:
        """Let a message say something else; one that says so already is left alone."""

        async def change(text: str, mode: str | None) -> None:
            await self._bot.edit_message_text(text, chat_id, message_id, parse_mode=mode)

        await self._in_turn(chat_id, lambda: self._changed(change, part))

    async def recaption(self, chat_id: int, message_id: int, part: Part) -> None:
        """Let a file's message say something else."""

        async def change(text: str, mode: str | None) -> None:
            await self._bot.edit_message_caption(chat_id, message_id, caption=text, parse_mode=mode)

        await self._in_turn(chat_id, lambda: self._changed(change, part))

    async def take_away(self, chat_id: int, message_id: int) -> None:
        """Delete a message; one that is too old for that stays."""

        async def delete() -> None:
            try:
                await self._bot.delete_message(chat_id, message_id)
            except BadRequest as error:
                logger.warning("telegram keeps a message", why=plainly(error, self._token))

        await self._in_turn(chat_id, delete)

    async def _in_turn(self, chat_id: int, call: Callable[[], Awaitable[T]]) -> T:
        async with self._pace.turn(chat_id):
            try:
                done = await call()
            except TelegramError as error:
                if wait := asked_wait(error):
                    self._pace.pause(chat_id, wait)
                raise
        self._pace.taken()
        return done

    async def _text(self, place: Place, part: Part, keyboard: InlineKeyboardMarkup | None) -> int:
        async def send(text: str, mode: str | None) -> int:
            sent = await self._bot.send_message(
                place.chat_id,
                text,
                parse_mode=mode,
                reply_markup=keyboard,
                message_thread_id=place.thread,
            )
            return sent.message_id

        return await self._parsed(send, part)

    async def _changed(
        self, change: Callable[[str, str | None], Awaitable[None]], part: Part
    ) -> None:
        try:
            await self._parsed(change, part)
        except BadRequest as error:
            if "message is not modified" not in str(error).lower():
                raise

    async def _parsed(self, call: Callable[[str, str | None], Awaitable[T]], part: Part) -> T:
        """Do with our HTML what is to be done, or with the plain text where Telegram refuses what our HTML makes of it."""
        try:
            return await call(part.html, ParseMode.HTML)
        except BadRequest as error:
            if not any(words in str(error).lower() for words in OUR_HTML):
                raise
            logger.warning("telegram refused our HTML", why=plainly(error, self._token))
            await self._pace.slot()
            return await call(part.plain, None)

    async def _file(self, place: Place, attached: Attached, file: Path) -> int:
        held = await asyncio.to_thread(file.read_bytes)
        chat_id, thread = place.chat_id, place.thread
        name = attached.name if Path(attached.name).suffix else file.name
        given = InputFile(held, filename=name)
        if Path(name).suffix.lower() in PHOTOS and len(held) <= MAX_PHOTO:
            try:
                sent = await self._bot.send_photo(
                    chat_id, given, caption=attached.name, message_thread_id=thread
                )
            except (
                BadRequest
            ) as error:  # too long, too wide, or no picture: it is a file all the same
                logger.warning("telegram refused a photo", why=plainly(error, self._token))
                await self._pace.slot()
            else:
                return sent.message_id
        sent = await self._bot.send_document(
            chat_id, given, caption=attached.name, message_thread_id=thread
        )
        return sent.message_id


def is_caption(part: Part) -> bool:
    """Whether a text is short enough to stand under a file."""
    return len(part.plain.encode("utf-16-le")) <= 2 * MAX_CAPTION
