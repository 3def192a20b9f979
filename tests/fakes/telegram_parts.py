"""What passes between a bot and Telegram: files, refusals, and messages as the customer sees them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram_html import CannotParse, Entity, parse, units

Json = dict[str, Any]
Buttons = tuple[tuple[tuple[str, str], ...], ...]  # rows of (label, callback_data)

MAX_TEXT = 4096  # UTF-16 units after parsing
MAX_DATA = 64  # bytes of callback_data


@dataclass(frozen=True, slots=True)
class Upload:
    """A file within a request."""

    name: str
    content: bytes


class Refusal(Exception):
    """An answer with `ok` false."""

    def __init__(self, status: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.retry_after = retry_after

    def as_json(self) -> Json:
        body: Json = {"ok": False, "error_code": self.status, "description": str(self)}
        return body | (
            {"parameters": {"retry_after": self.retry_after}} if self.retry_after else {}
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of the bot, as the customer sees it."""

    message_id: int
    chat_id: int
    text: str
    source: str  # as it was sent, with its tags
    entities: tuple[Entity, ...]
    buttons: Buttons
    at: float  # time.monotonic()
    file: tuple[str, bytes] | None = None  # its name and content
    topic: int = 0  # of a group with topics; 0 in the general one, and elsewhere

    @property
    def bold(self) -> tuple[str, ...]:
        """The stretches in bold."""
        wide = self.text.encode("utf-16-le")
        return tuple(
            wide[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le")
            for e in self.entities
            if e.type == "bold"
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """What a tapped button said."""

    text: str
    alert: bool


@dataclass(slots=True)
class Webhook:
    url: str = ""
    secret: str = ""
    last_error: str = ""


def read_text(source: str, parse_mode: str) -> tuple[str, tuple[Entity, ...]]:
    try:
        source.encode()
        text, entities = parse(source) if parse_mode.upper() == "HTML" else (source, ())
    except UnicodeEncodeError:
        raise Refusal(400, "Bad Request: strings must be encoded in UTF-8") from None
    except CannotParse as error:
        raise Refusal(400, str(error)) from error
    if not text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    if units(text) > MAX_TEXT:
        raise Refusal(400, "Bad Request: message is too long")
    return text, entities


def read_keyboard(markup: Json | None) -> Buttons:
    rows = (markup or {}).get("inline_keyboard", [])
    buttons = tuple(
        tuple((str(b.get("text", "")), str(b.get("callback_data", b.get("url", "")))) for b in row)
        for row in rows
    )
    for label, data in (button for row in buttons for button in row):
        if not label:
            raise Refusal(400, "Bad Request: inline keyboard button text is empty")
        if not 1 <= len(data.encode()) <= MAX_DATA and not data.startswith(("http://", "https://")):
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    return buttons


def button_of(text: str, data: str) -> Json:
    return {"text": text, "url" if data.startswith("http") else "callback_data": data}


def in_topic(topic: int) -> Json:
    """What a message says of the topic that it is in."""
    return {"is_topic_message": True, "message_thread_id": topic}


def person(chat_id: int, name: str, language: str = "en") -> Json:
    return {"id": abs(chat_id), "is_bot": False, "first_name": name, "language_code": language}


def now() -> int:
    return int(time.time())
