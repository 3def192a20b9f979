"""What a visitor's frame asks for, pure; anything else is malformed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from conversations.events import Dislike, Thumb

MAX_COMMENT = 4096  # characters, like a message
MAX_FILES = 10  # of one message
MAX_IDENTITY = (
    64 * 1024
)  # characters, as long as a frame: the channel refuses a long one with a sentence
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
    """The visitor says something; `choice` is the value of the button, or empty, and `files` are the ids of what comes with it."""

    client_message_id: str
    text: str
    choice: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """The visitor rates an answer."""

    message_id: str
    value: Thumb
    comment: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Csat:
    """How satisfied the visitor is, 1 to 5, with the conversation that ended last."""

    score: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Types:
    """The visitor begins or ceases to write."""

    on: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What was on the visitor's screen, up to this event."""

    seq: int


Ask = Hello | Say | Rate | Csat | Types | Seen


def parse(text: str) -> Ask:
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
        case "csat":
            return _csat(frame)
        case "typing" if isinstance(frame.get("on"), bool):
            return Types(frame["on"])
        case "seen" if type(frame.get("seq")) is int:
            return Seen(max(0, frame["seq"]))
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
            return Say(about, text, choice or "", _files(frame, about))
        case {"id": str(about), "text": str(text)} if "choice" not in frame:
            return Say(about, text, "", _files(frame, about))
        case {"id": str(about)}:
            raise Malformed(about)
        case _:
            raise Malformed


def _files(frame: dict[str, Any], about: str) -> tuple[str, ...]:
    match frame.get("files"):
        case None:
            return ()
        case list(ids) if len(ids) <= MAX_FILES and all(
            isinstance(one, str) and _ID.fullmatch(one) for one in ids
        ):
            return tuple(ids)
        case _:
            raise Malformed(about)


def _csat(frame: dict[str, Any]) -> Csat:
    match frame:
        case {"score": 1 | 2 | 3 | 4 | 5 as score} if type(score) is int:
            return Csat(score, _text(frame, "comment", MAX_COMMENT))
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
