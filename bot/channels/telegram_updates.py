"""What a Telegram update asks of the channel: an utterance, a fixed answer, a menu, a tap, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    MaybeInaccessibleMessage,
    Message,
    Update,
)

from bot.channels.telegram_buttons import Button, Rows, Tapped, read_button
from bot.channels.telegram_places import Place, place_of
from bot.channels.telegram_words import TelegramTexts
from conversations.events import CANCEL, HUMAN, Utterance

COMMAND = re.compile(r"/(?P<name>\w+)(?:@(?P<bot>\w+))?(?:\s+(?P<rest>.*))?", re.DOTALL)
EDIT = re.compile(r":e(?P<at>\d+)$", re.ASCII)
CODE = re.compile(r"[A-Za-z0-9_-]{22}")  # what `bot.links` issues: 128 bits
GONE = (ChatMember.BANNED, ChatMember.LEFT)


@dataclass(frozen=True, slots=True)
class Me:
    """The bot, as others name it in a group."""

    user_id: int
    username: str


class Menu(StrEnum):
    """What the channel shows by itself, with buttons of its own."""

    SETTINGS = "settings"
    PRIVACY = "privacy"


@dataclass(frozen=True, slots=True)
class Told:
    """A fixed answer; no turn."""

    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A menu was asked for."""

    menu: Menu


@dataclass(frozen=True, slots=True)
class Arriving:
    """Somebody comes from the website with a code, to go on here."""

    chat_id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A message says something else now; `of` is the external id of what it said at first."""

    utterance: Utterance
    of: str


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that a customer sent; `size` in bytes, 0 where Telegram does not say. Nothing else that it says of a file is believed."""

    file_id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class WithFile:
    """A message that carries a file; the utterance's text is empty where there are no words beside it. `album` is the id of the one that it is a part of, or empty."""

    utterance: Utterance
    file: SentFile
    album: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """The customer stopped the bot, or let it in again."""

    chat_id: int
    gone: bool


@dataclass(frozen=True, slots=True)
class Tap:
    """A button was tapped. `button` is none where the data is not ours; `message_id` and `place` are the keyboard's, `keyboard` what it showed."""

    query_id: str
    place: Place
    message_id: int
    button: Tapped | None
    name: str
    data: str = ""
    keyboard: Rows = ()

    @property
    def chat_id(self) -> int:
        """The chat, 0 where Telegram has forgotten the keyboard."""
        return self.place.chat_id


Reading = Utterance | Edited | WithFile | Told | Opened | Arriving | Reach | Tap | None


def chat_of(update: Update) -> int:
    """Return the chat that an update is about, 0 where it is about none."""
    return update.effective_chat.id if update.effective_chat else 0


def in_order(updates: Sequence[Update]) -> list[Update]:
    """Return the updates of one chat with its messages in the order in which they were written; all else keeps its place."""
    written = sorted((u for u in updates if u.message), key=lambda u: _number(u.message))
    return [written.pop(0) if update.message else update for update in updates]


def _number(message: Message | None) -> int:
    return message.message_id if message else 0


def language_of(update: Update) -> str:
    """Return the `language_code` of whoever caused an update, empty where their client does not say."""
    user = update.effective_user
    return (user.language_code if user else "") or ""


def read(update: Update, me: Me, texts: TelegramTexts) -> Reading:
    """Return what `update` asks for. In a group only what is meant for the bot counts."""
    if update.callback_query:
        return _tap(update.callback_query)
    if update.edited_message:
        return _edited(update.edited_message, me)
    if update.message:
        return _message(update.message, me, texts)
    return _reach(update.my_chat_member) if update.my_chat_member else None


def _tap(query: CallbackQuery) -> Tap:
    shown = query.message  # none once Telegram has forgotten it
    data = query.data or ""
    return Tap(
        query_id=query.id,
        place=_place(shown),
        message_id=shown.message_id if shown else 0,
        button=read_button(data) if shown else None,
        name=query.from_user.first_name,
        data=data,
        keyboard=_keyboard(shown) if isinstance(shown, Message) else (),
    )


def _place(shown: MaybeInaccessibleMessage | None) -> Place:
    if isinstance(shown, Message):
        return place_of(shown)
    return Place(shown.chat.id if shown else 0)


def _keyboard(shown: Message) -> Rows:
    rows = shown.reply_markup.inline_keyboard if shown.reply_markup else ()
    return tuple(
        tuple(Button(b.text, str(b.callback_data or ""), b.url or "") for b in row) for row in rows
    )


def _reach(changed: ChatMemberUpdated) -> Reach:
    return Reach(changed.chat.id, changed.new_chat_member.status in GONE)


def _edited(message: Message, me: Me) -> Edited | None:
    # A live location is edited every few seconds; only words are worth an answer. A command edited is done already.
    written = _written(message)
    if not _is_meant(message, me) or COMMAND.fullmatch(written):
        return None
    text = _without_mention(written, me)
    if not text:
        return None
    first = _utterance(message, text)
    changed = int(message.edit_date.timestamp()) if message.edit_date else 0
    return Edited(
        _utterance(message, text, external_id=f"{first.external_id}:e{changed}"), first.external_id
    )


def edited_at(external_id: str) -> int:
    """Return when the edit of this id was made, in seconds since 1970; 0 for a message as it was written."""
    found = EDIT.search(external_id)
    return int(found["at"]) if found else 0


def _message(message: Message, me: Me, texts: TelegramTexts) -> Reading:
    written = _written(message)
    if command := COMMAND.fullmatch(written):
        return _command(message, command, me, texts)
    if not _is_meant(message, me):
        return None
    text = _without_mention(written, me)
    if with_file := enclosing(message, me):
        return with_file
    if text:
        return _utterance(message, text)
    if written:
        return Told(texts.help)  # a bare mention
    return Told(texts.only_text) if message.effective_attachment else None


def enclosing(message: Message, me: Me) -> WithFile | None:
    """Return what comes with a message's file, whoever it is meant for; None where there is no file to keep."""
    file, text = _file(message), _without_mention(_written(message), me)
    if file is None:
        return None
    return WithFile(_utterance(message, text), file, message.media_group_id or "")


def _command(message: Message, command: re.Match[str], me: Me, texts: TelegramTexts) -> Reading:
    addressee = (command["bot"] or "").lower()
    if addressee and addressee != me.username.lower():
        return None
    chat_id, rest = message.chat.id, (command["rest"] or "").strip()
    match command["name"].lower():
        case "start" if CODE.fullmatch(rest) and _is_private(message.chat):
            return Arriving(chat_id, rest, _name(message))
        case "start":
            return Told(texts.greeting or texts.help)
        case "help":
            return Told(texts.help)
        case "human":
            return _utterance(message, rest or texts.human, HUMAN)
        case "cancel":
            return _utterance(message, rest or texts.cancel, CANCEL)
        case "settings" | "privacy" as menu if _is_private(message.chat):
            return Opened(Menu(menu))
        case "settings" | "privacy":
            return Told(texts.in_private)
        case _ if addressee or _is_meant(message, me):
            return Told(texts.help)
        case _:
            return None  # another bot's command in a group


def _utterance(
    message: Message, text: str, chosen: str = "", *, external_id: str = ""
) -> Utterance:
    return Utterance(
        channel="telegram",
        address=place_of(message).address,
        external_id=external_id or f"{message.chat.id}:{message.message_id}",
        text=text,
        chosen=chosen,
        name=_name(message),
    )


def _name(message: Message) -> str:
    return message.from_user.first_name if message.from_user else ""


def _file(message: Message) -> SentFile | None:
    """Return what can be kept of a message: a photo in its largest size, a document, a recording."""
    if message.photo:
        photo = message.photo[-1]
        return SentFile(photo.file_id, "photo.jpg", photo.file_size or 0)
    if voice := message.voice:
        return SentFile(voice.file_id, "voice.ogg", voice.file_size or 0)
    for one in (message.document, message.video, message.audio):
        if one:
            name = one.file_name or "file"
            return SentFile(one.file_id, name, one.file_size or 0)
    return None


def _written(message: Message) -> str:
    return message.text or message.caption or ""


def _is_private(chat: Chat) -> bool:
    return chat.type == Chat.PRIVATE


def _is_meant(message: Message, me: Me) -> bool:
    if _is_private(message.chat):
        return True
    replied = message.reply_to_message
    if replied and replied.forum_topic_created:  # what Telegram says of every message of a topic
        replied = None
    answers_us = bool(replied and replied.from_user and replied.from_user.id == me.user_id)
    return answers_us or bool(_mention(me).search(_written(message)))


def _without_mention(text: str, me: Me) -> str:
    return _mention(me).sub("", text).strip()


def _mention(me: Me) -> re.Pattern[str]:
    # Before the bot knows its name the pattern matches nothing.
    return re.compile(rf"@{re.escape(me.username)}\b" if me.username else r"(?!)", re.IGNORECASE)
