"""What goes out to Telegram: decisions with their buttons and files, fixed answers, menus, and the small courtesies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.channels.channel import ChannelError, Outgoing, Undeliverable
from bot.channels.telegram_buttons import Rows, buttons
from bot.channels.telegram_client import (
    TelegramSettings,
    in_our_words,
    is_uncertain,
    plainly,
    waits,
)
from bot.channels.telegram_pace import Pace
from bot.channels.telegram_places import Place
from bot.channels.telegram_posting import Placed, Posts, is_caption
from bot.channels.telegram_text import Part, lines, parts
from bot.dialogue import UNBROKEN
from conversations.events import Attached, Decided, Visitor

TRIES = 5  # for a fixed answer; it is in no log, so nobody would send it later

logger = structlog.get_logger(__name__)

FileOf = Callable[[str], Path | None]
Piece = tuple[Part | tuple[Attached, Path], InlineKeyboardMarkup | None]


def no_file(_: str) -> Path | None:
    """Return no file: every attachment is a line with its address."""
    return None


@dataclass(frozen=True, slots=True)
class Toast:
    """What a tapped button says for a moment; an alert stays until it is closed."""

    text: str = ""
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A message of the channel's own, with buttons."""

    text: str
    rows: Rows = ()


@dataclass(frozen=True, slots=True)
class Handed:
    """A file of the moment: its name, its content and what is said of it."""

    name: str
    held: bytes
    caption: str


class Sender:
    """
    The outgoing half of the channel.

    Args:
        file_of: the file of the desk that an attachment's address means, None where it means none.
    """

    def __init__(
        self,
        bot: Bot,
        settings: TelegramSettings,
        rng: Random,
        pace: Pace,
        file_of: FileOf = no_file,
    ) -> None:
        self._bot = bot
        self._settings = settings
        self._rng = rng
        self._pace = pace
        self._posts = Posts(bot, settings.token, pace)
        self._file_of = file_of
        self._gone: set[int] = set()  # chats that stopped the bot
        self._edits: dict[tuple[int, int], Callable[[], Awaitable[None]]] = {}  # not done yet
        self._sent: dict[str, list[int]] = {}  # by message id, what was sent before a piece failed

    def is_back(self, chat_id: int) -> None:
        """Whoever writes can be written to again."""
        self._gone.discard(chat_id)

    def is_gone(self, chat_id: int) -> None:
        """The customer stopped the bot: nothing is sent until they are back, and nothing tried."""
        self._gone.add(chat_id)

    async def send(self, outgoing: Outgoing, *, suggestions: bool = True) -> str:
        """
        Send a decision, in several messages where it is long; the buttons are under the last text, the files follow.

        What takes the place of something is changed where it stands.
        """
        place, decided = _place(outgoing.visitor), outgoing.decided
        chat_id = place.chat_id
        if chat_id in self._gone:
            raise Undeliverable("the customer has stopped the bot")
        files, elsewhere = self._enclosed(decided)
        texts = parts("\n\n".join(filter(None, (decided.text, elsewhere))))
        if not texts and not files:
            raise Undeliverable("there is no text to send")
        if outgoing.replaces:
            return await self._rewrite(place, outgoing, texts)
        keyboard = _keyboard(buttons(decided, suggestions=suggestions))
        pieces: list[Piece] = [(part, None) for part in texts[:-1]]
        pieces += [(part, keyboard) for part in texts[-1:]]
        pieces += [(one, None) for one in files]
        ids = await self._put(place, decided.message_id, pieces)
        return Placed(chat_id, ids[: len(texts)], ids[len(texts) :]).external_id

    async def _put(self, place: Place, message_id: str, pieces: Sequence[Piece]) -> tuple[int, ...]:
        """Send what was not sent yet of a message, and return the ids of all."""
        sent = self._sent.pop(message_id, [])
        try:
            for piece, keyboard in pieces[len(sent) :]:
                sent.append(await self._posts.put(place, piece, keyboard))
        except TelegramError as error:
            failure = self._failure(place.chat_id, error)
            if not self._settings.at_least_once and is_uncertain(error):
                raise Undeliverable(
                    f"it may have arrived, and is not repeated: {failure}"
                ) from error
            if sent and not isinstance(failure, Undeliverable):
                self._sent[message_id] = sent
            raise failure from error
        return tuple(sent)

    async def _rewrite(self, place: Place, outgoing: Outgoing, texts: Sequence[Part]) -> str:
        """Change the messages that stand for an earlier wording; what is more of it follows, what is less goes."""
        chat_id = place.chat_id
        placed = Placed.read(outgoing.replaces)
        if placed is None or placed.chat_id != chat_id:
            raise Undeliverable("what it takes the place of is not in this chat")
        kept, under = placed.texts[: len(texts)], not placed.texts and len(texts) == 1
        under = under and bool(placed.files) and is_caption(texts[0])
        try:
            if under:  # a file that came without words has them under it
                await self._posts.recaption(chat_id, placed.files[0], texts[0])
            for message_id, part in zip(kept, texts, strict=False):
                await self._posts.reword(chat_id, message_id, part)
            for message_id in placed.texts[len(texts) :]:
                await self._posts.take_away(chat_id, message_id)
        except TelegramError as error:  # the same change again does no harm, however it ended
            raise self._failure(chat_id, error) from error
        more: list[Piece] = [] if under else [(part, None) for part in texts[len(kept) :]]
        added = await self._put(place, outgoing.decided.message_id, more)
        return Placed(chat_id, kept + added, placed.files).external_id

    def _failure(self, chat_id: int, error: TelegramError) -> ChannelError:
        if isinstance(error, Forbidden):
            self.is_gone(chat_id)
        return in_our_words(error, self._settings.token)

    def _enclosed(self, decided: Decided) -> tuple[list[tuple[Attached, Path]], str]:
        """Return the desk's own files that come with a decision, and a line for each other one; Telegram makes links of addresses."""
        files = [(one, file) for one in decided.attachments if (file := self._file_of(one.url))]
        sent = [one for one, _ in files]
        others = [one for one in decided.attachments if one not in sent]
        return files, lines([*self._pages(decided), *others])

    def _pages(self, decided: Decided) -> list[Attached]:
        """Return the pages of an answer that its text does not link; those that the desk itself shows where customers reach it."""
        at = self._settings.public_url.rstrip("/")
        pages = [
            Attached(one.name, at + one.url) if one.url.startswith("/") else one
            for one in decided.sources
            if at or not one.url.startswith("/")
        ]
        return [one for one in pages if one.url.translate(UNBROKEN) not in decided.text]

    async def give(self, chat_id: int, handed: Handed) -> bool:
        """Send a file of the moment, such as a customer's copy of their data; false where it was given up after a few failures."""

        async def post() -> None:
            async with self._pace.turn(chat_id):
                given = InputFile(handed.held, filename=handed.name)
                await self._bot.send_document(chat_id, given, caption=handed.caption)
            self._pace.taken()

        return await self._insist(chat_id, post)

    async def tell(self, place: Place, text: str, rows: Rows = ()) -> None:
        """Send a fixed answer; after a few failures it is given up."""
        left = list(parts(text))

        async def post() -> None:
            while left:
                keyboard = _keyboard(rows) if len(left) == 1 else None
                await self._posts.put(place, left[0], keyboard)
                del left[0]

        await self._insist(place.chat_id, post)

    async def _insist(self, chat_id: int, post: Callable[[], Awaitable[None]]) -> bool:
        """Try what is in no log a few times, with the patience that Telegram asks for: to be told to wait is no failure. False where it was given up."""
        pauses = islice(waits(self._settings, self._rng), TRIES - 1)
        while True:
            try:
                await post()
            except TelegramError as error:
                failure = in_our_words(error, self._settings.token)
                if isinstance(error, Forbidden):
                    self.is_gone(chat_id)
                logger.warning("fixed answer not sent", why=str(failure))
                if isinstance(failure, Undeliverable):
                    return False
                if failure.retry_after:
                    self._pace.pause(chat_id, failure.retry_after)
                wait = failure.retry_after or next(pauses, None)
                if wait is None:
                    return False
                await asyncio.sleep(wait)
            else:
                return True

    async def typing(self, visitor: Visitor) -> None:
        """Show `typing` for about five seconds."""
        place = _place(visitor)
        if place.chat_id in self._gone:
            return
        try:
            await self._bot.send_chat_action(
                place.chat_id, ChatAction.TYPING, message_thread_id=place.thread
            )
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

        async def change() -> None:
            await self._bot.edit_message_reply_markup(
                chat_id, message_id, reply_markup=_keyboard(rows)
            )

        await self._edit(chat_id, message_id, change)

    async def turn_to(self, chat_id: int, message_id: int, page: Page) -> None:
        """Show another page where a menu stood."""
        part = parts(page.text)[0]

        async def change() -> None:
            await self._bot.edit_message_text(
                part.html,
                chat_id,
                message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=_keyboard(page.rows),
            )

        await self._edit(chat_id, message_id, change)

    async def _edit(
        self, chat_id: int, message_id: int, change: Callable[[], Awaitable[None]]
    ) -> None:
        """Change a message, a few times where it has to be; a later change of it takes the place of one that still waits."""
        this = (chat_id, message_id)
        self._edits[this] = change

        async def post() -> None:
            if self._edits.get(this) is not change:
                return
            await self._pace.slot()
            try:
                await change()
            except (BadRequest, Forbidden) as error:  # such as a message that was deleted
                self._shrug("changing a message", error)

        try:
            await self._insist(chat_id, post)
        finally:
            if self._edits.get(this) is change:
                del self._edits[this]

    async def offer(
        self, commands: dict[str, str], language: str = "", chat_id: int | None = None
    ) -> None:
        """List commands: for clients of a language (two letters), for everybody else, or in one chat."""
        offered = [BotCommand(name, description) for name, description in commands.items()]
        scope = BotCommandScopeChat(chat_id) if chat_id else None
        try:
            await self._bot.set_my_commands(offered, scope, language or None)
        except BadRequest as error:
            self._shrug("listing commands", error)

    def _shrug(self, what: str, error: TelegramError) -> None:
        logger.debug(
            "telegram refused a courtesy", what=what, why=plainly(error, self._settings.token)
        )


def _place(visitor: Visitor) -> Place:
    try:
        return Place.read(visitor.address)
    except ValueError:
        raise Undeliverable("the visitor's address is not a Telegram chat") from None


def _keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    shown = [
        [
            InlineKeyboardButton(b.label, url=b.url)
            if b.url
            else InlineKeyboardButton(b.label, callback_data=b.data)
            for b in row
        ]
        for row in rows
    ]
    return InlineKeyboardMarkup(shown) if shown else None
