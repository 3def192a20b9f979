"""What a visitor's frame asks for, pure; anything else is malformed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from conversations.events import Dislike, Thumb

MAX_COMMENT = 4096  # characters, like a message
MAX_IDENTITY = 16 * 1024  # characters; a longer one is refused by the channel with a sentence
_ID = re.compile(
    r"[A-Za-z0-9._:-]{1,128}"
)  # ours and the widget's; nothing that needs care elsewhere
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")  # token_urlsafe's alphabet


class Malformed(Exception):
    """The frame is not of the protocol; `about` is the message it was about, where that could be read."""

    def __init__(self, about: str | None = None) -> None:
        super().__init__("This is no frame of the protocol.")
        self.about = about


@dataclass(frozen=True, slots=True)
class Page:
    """Where the visitor is on the host's site."""

    url: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Hello:
    """
    The visitor is here. `token` is None where it has none that could be ours; `seq` is the last event seen.

    `identity` is what the page says of who they are, empty where it says nothing; `locale` is a language tag.
    """

    token: str | None
    seq: int
    identity: str = ""
    locale: str = ""
    page: Page = Page()


@dataclass(frozen=True, slots=True)
class Say:
    """The visitor says something; `choice` is the value of the button, or empty."""

    client_message_id: str
    text: str
    choice: str


@dataclass(frozen=True, slots=True)
class Rate:
    """The visitor rates an answer."""

    message_id: str
    value: Thumb
    comment: str
    reason: str = ""


def parse(text: str) -> Hello | Say | Rate:
    """
    Return what a frame asks for.

    Raises:
        Malformed: it is no JSON object of the protocol.
    """
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as error:  # RecursionError: a hundred thousand brackets
        raise Malformed from error
    if not isinstance(frame, dict):
        raise Malformed
    match frame.get("type"):
        case "hello":
            return _hello(frame)
        case "say":
            return _say(frame)
        case "rate":
            return _rate(frame)
        case _:
            raise Malformed


def _hello(frame: dict[str, Any]) -> Hello:
    match frame:
        case {"token": str() | None as token, "seq": int(seq)} if not isinstance(seq, bool):
            ours = token is not None and _TOKEN.fullmatch(token)
            identity, locale = _text(frame, "identity", MAX_IDENTITY), _text(frame, "locale", 35)
            return Hello(token if ours else None, max(0, seq), identity, locale, _page(frame))
        case _:
            raise Malformed


def _text(frame: dict[str, Any], name: str, longest: int) -> str:
    """Return an optional text, empty where it is left out."""
    match frame.get(name):
        case None:
            return ""
        case str(text) if len(text) <= longest:
            return text
        case _:
            raise Malformed


def _page(frame: dict[str, Any]) -> Page:
    match frame.get("page"):
        case None:
            return Page()
        case dict(page):
            return Page(_text(page, "url", MAX_COMMENT), _text(page, "title", MAX_COMMENT))
        case _:
            raise Malformed


def _say(frame: dict[str, Any]) -> Say:
    match frame:
        case {"id": str(about)} if not _ID.fullmatch(about):
            raise Malformed
        case {"id": str(about), "text": str(text), "choice": str() | None as choice}:
            return Say(about, text, choice or "")
        case {"id": str(about), "text": str(text)} if "choice" not in frame:
            return Say(about, text, "")
        case {"id": str(about)}:
            raise Malformed(about)
        case _:
            raise Malformed


def _rate(frame: dict[str, Any]) -> Rate:
    match frame:
        case {"message_id": str(about), "value": "up" | "down" as value} if _ID.fullmatch(about):
            comment, reason = frame.get("comment", ""), frame.get("reason", "")
            allowed = {"", *Dislike} if value == "down" else {""}
            if (
                isinstance(reason, str)
                and reason in allowed
                and isinstance(comment, str)
                and len(comment) <= MAX_COMMENT
            ):
                return Rate(about, Thumb(value), comment, reason)
    raise Malformed
