"""What goes out to Telegram: decisions with their buttons, fixed answers, and the small courtesies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import islice
from random import Random

import structlog
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.channels.channel import Outgoing, Undeliverable
from bot.channels.telegram_client import TelegramSettings, in_our_words, plainly, waits
from bot.channels.telegram_text import Part, Rows, buttons, parts, with_attachments
from conversations.events import Visitor

TRIES = 5  # for a fixed answer; it is in no log, so nobody would send it later

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Toast:
    """What a tapped button says for a moment; an alert stays until it is closed."""

    text: str = ""
    alert: bool = False


class Sender:
    """The outgoing half of the channel."""

    def __init__(self, bot: Bot, settings: TelegramSettings, rng: Random) -> None:
        self._bot = bot
        self._settings = settings
        self._rng = rng
        self._parts_sent: dict[str, int] = {}  # by message id, where a long text broke off

    async def send(self, outgoing: Outgoing) -> str:
        """Send a decision, in several messages where it is long; the buttons are under the last."""
        chat_id, decided = _chat(outgoing.visitor), outgoing.decided
        texts = parts(with_attachments(decided))
        if not texts:
            raise Undeliverable("there is no text to send")
        sent = self._parts_sent.pop(decided.message_id, 0)
        try:
            for part in texts[sent:-1]:
                await self._post(chat_id, part, None)
                sent += 1
            last = await self._post(chat_id, texts[-1], _keyboard(buttons(decided)))
        except TelegramError as error:
            failure = in_our_words(error, self._settings.token)
            if sent and not isinstance(failure, Undeliverable):
                self._parts_sent[decided.message_id] = sent
            raise failure from error
        return str(last.message_id)

    async def _post(
        self, chat_id: int, part: Part, keyboard: InlineKeyboardMarkup | None
    ) -> Message:
        try:
            return await self._bot.send_message(
                chat_id, part.html, parse_mode=ParseMode.HTML, reply_markup=keyboard
            )
        except BadRequest as error:
            if "can't parse entities" not in str(error).lower():
                raise
            logger.warning("telegram refused our HTML", why=plainly(error, self._settings.token))
            return await self._bot.send_message(chat_id, part.plain, reply_markup=keyboard)

    async def tell(self, chat_id: int, text: str) -> None:
        """Send a fixed answer; after a few failures it is given up."""
        for wait in islice(waits(self._settings, self._rng), TRIES):
            try:
                for part in parts(text):
                    await self._post(chat_id, part, None)
            except TelegramError as error:
                failure = in_our_words(error, self._settings.token)
                logger.warning("fixed answer not sent", why=str(failure))
                if isinstance(failure, Undeliverable):
                    return
                await asyncio.sleep(max(wait, failure.retry_after))
            else:
                return

    async def typing(self, visitor: Visitor) -> None:
        """Show `typing` for about five seconds."""
        try:
            await self._bot.send_chat_action(visitor.address, ChatAction.TYPING)
        except TelegramError as error:
            self._shrug("typing", error)

    async def answer(self, query_id: str, toast: Toast) -> None:
        """Stop the tapped button's spinner; Telegram takes this only for some seconds after the tap."""
        try:
            await self._bot.answer_callback_query(
                query_id, toast.text or None, show_alert=toast.alert
            )
        except TelegramError as error:
            self._shrug("answering a tap", error)

    async def show_buttons(self, chat_id: int, message_id: int, rows: Rows) -> None:
        """Leave only these buttons under a message."""
        try:
            await self._bot.edit_message_reply_markup(
                chat_id, message_id, reply_markup=_keyboard(rows)
            )
        except TelegramError as error:
            self._shrug("taking off buttons", error)

    def _shrug(self, what: str, error: TelegramError) -> None:
        logger.debug(
            "telegram refused a courtesy", what=what, why=plainly(error, self._settings.token)
        )


def _chat(visitor: Visitor) -> int:
    try:
        return int(visitor.address)
    except ValueError:
        raise Undeliverable("the visitor's address is not a Telegram chat") from None


def _keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    shown = [
        [InlineKeyboardButton(button.label, callback_data=button.data) for button in row]
        for row in rows
    ]
    return InlineKeyboardMarkup(shown) if shown else None
