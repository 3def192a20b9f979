"""What a Telegram update asks of the channel: an utterance, a fixed answer, a tap, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import CallbackQuery, Message, Update

from bot.channels.telegram_text import Button, Choosing, Rating, Rows, read_button
from conversations.events import HUMAN, Utterance

COMMAND = re.compile(r"/(?P<name>\w+)(?:@(?P<bot>\w+))?(?:\s+(?P<rest>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramTexts:
    """What the channel says by itself, without a turn; a desk replaces them in its own language."""

    greeting: str = "Hello! Write your question and I will do my best to answer it."
    help: str = (
        "Write your question in your own words. I answer what I know; "
        "where I am not sure, a person takes over. /human brings you to a person at once."
    )
    human: str = "I would like to talk to a person."
    only_text: str = "I can only read text so far. Could you describe it in words?"
    edited: str = "I do not see what was changed. Please send it as a new message."
    refused: str = "I could not take this message: it is empty or too long. Please shorten it."
    failed: str = "Something went wrong with this message. Please send it again in a moment."
    thanks: str = "Thank you for the feedback!"
    expired: str = "This button is no longer in use. Please write to me instead."
    start_command: str = "Begin"
    help_command: str = "What I can do"
    human_command: str = "Talk to a person"


@dataclass(frozen=True, slots=True)
class Me:
    """The bot, as others name it in a group."""

    user_id: int
    username: str


@dataclass(frozen=True, slots=True)
class Told:
    """A fixed answer; no turn."""

    chat_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Tap:
    """A button was tapped. `button` is none where the data is not ours; `message_id` is the keyboard's, `keyboard` what it showed."""

    query_id: str
    chat_id: int
    message_id: int
    button: Rating | Choosing | None
    name: str
    keyboard: Rows = ()


Reading = Utterance | Told | Tap | None


def read(update: Update, me: Me, texts: TelegramTexts) -> Reading:
    """Return what `update` asks for. In a group only what is meant for the bot counts."""
    if update.callback_query:
        return _tap(update.callback_query)
    if update.edited_message:
        return _edited(update.edited_message, me, texts)
    if update.message:
        return _message(update.message, me, texts)
    return None


def _tap(query: CallbackQuery) -> Tap:
    shown = query.message  # none once Telegram has forgotten it
    button = read_button(query.data or "") if shown else None
    return Tap(
        query_id=query.id,
        chat_id=shown.chat.id if shown else 0,
        message_id=shown.message_id if shown else 0,
        button=button,
        name=query.from_user.first_name,
        keyboard=_keyboard(shown) if isinstance(shown, Message) else (),
    )


def _keyboard(shown: Message) -> Rows:
    rows = shown.reply_markup.inline_keyboard if shown.reply_markup else ()
    return tuple(tuple(Button(b.text, str(b.callback_data or "")) for b in row) for row in rows)


def _edited(message: Message, me: Me, texts: TelegramTexts) -> Told | None:
    # A live location is edited every few seconds; only words are worth an answer.
    if not _written(message) or not _is_meant(message, me):
        return None
    return Told(message.chat.id, texts.edited)


def _message(message: Message, me: Me, texts: TelegramTexts) -> Utterance | Told | None:
    written = _written(message)
    if command := COMMAND.fullmatch(written):
        return _command(message, command, me, texts)
    if not _is_meant(message, me):
        return None
    if text := _without_mention(written, me):
        return _utterance(message, text)
    if written:
        return Told(message.chat.id, texts.help)  # a bare mention
    return Told(message.chat.id, texts.only_text) if message.effective_attachment else None


def _command(
    message: Message, command: re.Match[str], me: Me, texts: TelegramTexts
) -> Utterance | Told | None:
    addressee = (command["bot"] or "").lower()
    if addressee and addressee != me.username.lower():
        return None
    match command["name"].lower():
        case "start":
            return Told(message.chat.id, texts.greeting or texts.help)
        case "help":
            return Told(message.chat.id, texts.help)
        case "human":
            return _utterance(message, (command["rest"] or "").strip() or texts.human, HUMAN)
        case _ if addressee or _is_meant(message, me):
            return Told(message.chat.id, texts.help)
        case _:
            return None  # another bot's command in a group


def _utterance(message: Message, text: str, chosen: str = "") -> Utterance:
    return Utterance(
        channel="telegram",
        address=str(message.chat.id),
        external_id=f"{message.chat.id}:{message.message_id}",
        text=text,
        chosen=chosen,
        name=message.from_user.first_name if message.from_user else "",
    )


def _written(message: Message) -> str:
    return message.text or message.caption or ""


def _is_meant(message: Message, me: Me) -> bool:
    if message.chat.type == message.chat.PRIVATE:
        return True
    replied = message.reply_to_message
    answers_us = bool(replied and replied.from_user and replied.from_user.id == me.user_id)
    return answers_us or bool(_mention(me).search(_written(message)))


def _without_mention(text: str, me: Me) -> str:
    return _mention(me).sub("", text).strip()


def _mention(me: Me) -> re.Pattern[str]:
    # Before the bot knows its name the pattern matches nothing.
    return re.compile(rf"@{re.escape(me.username)}\b" if me.username else r"(?!)", re.IGNORECASE)
