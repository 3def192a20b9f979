"""
The door between a channel and the turn: what a channel may ask of the rest of the house.

NotHeard                nothing was stored
├── BadInput            the visitor's doing: saying it again the same way will not help
└── Busy                too much at once: the same message again in a moment will do
"""

from __future__ import annotations

import asyncio
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from conversations.events import SAYS, Decided, Heard, Recorded, Utterance
from conversations.text import printable

MAX_TEXT = 4096  # characters; Bot API, sendMessage: the narrowest of our channels
MAX_CHOICE = 200  # characters; a choice is an intent's id, this is only a bound
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters by category, empty to the eye


class NotHeard(Exception):
    """The utterance was refused before anything was stored; `code` is the API's word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BadInput(NotHeard):
    """`empty`, `too_long` or `bad_input`."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code, message or _SENTENCES.get(code, "That could not be read."))


class Busy(NotHeard):
    """More is waiting than can be answered soon."""

    def __init__(self) -> None:
        super().__init__("busy", "Too much is going on right now. Please try again in a moment.")


_SENTENCES = {
    "empty": "There is nothing to read in this message.",
    "too_long": f"A message may have {MAX_TEXT:,} characters at most.",
}


@dataclass(frozen=True, slots=True)
class Hearing:
    """
    An utterance that is durable. `fresh` is false when its external id was heard before.

    `answer` resolves to the recorded decision, at once if there already is one; waiting for it is optional,
    and cancelling the wait does not cancel the turn (shield it).
    """

    recorded: Recorded  # its event is a Heard
    visitor_id: str
    fresh: bool
    answer: asyncio.Future[Recorded]  # its event is a Decided


class Intake(Protocol):
    """What a channel calls when its platform delivers something."""

    async def hear(self, utterance: Utterance) -> Hearing:
        """
        Make an utterance durable and start its turn; returns once it is committed and synced.

        Raises:
            BadInput: the text is empty and no file comes with it, or it is too long; nothing was stored.
            Busy: too many turns are waiting; nothing was stored, the platform may repeat it.
            StorageUnavailable: the disk refused; nothing was stored, the platform may repeat it.
        """
        ...

    async def rate(
        self, message_id: str, value: str, comment: str, *, address: str | None, reason: str = ""
    ) -> bool:
        """
        Record a thumb on a decision; false where there is no such decision for this visitor.

        Args:
            address: the visitor's, or None where the caller speaks for every visitor.
            reason: why the thumb is down, a `Dislike`; empty where it was not said.

        Raises:
            BadInput: the value is neither `up` nor `down`, the reason is none, or the comment is too long.
        """
        ...

    async def score(
        self, conversation_id: str, score: int, comment: str, *, address: str | None
    ) -> bool:
        """
        Record how satisfied the visitor is with a conversation; false where there is no such conversation for them.

        Args:
            score: 1 to 5.
            address: as for `rate`.

        Raises:
            BadInput: the score is none, or the comment is too long.
        """
        ...


def decided(recorded: Recorded) -> Decided:
    """Return the decision that a turn's future holds."""
    assert isinstance(recorded.event, Decided)  # noqa: S101 - the type of the future, said once
    return recorded.event


def heard_in(recorded: Recorded) -> Heard:
    """Return the utterance that the log says was heard."""
    assert isinstance(recorded.event, Heard)  # noqa: S101 - what the log calls heard, said once
    return recorded.event


def admitted(utterance: Utterance) -> Utterance:
    """
    Return an utterance as it will be stored; what a quick reply says are words that are read like any others.

    Raises:
        BadInput: nothing of it can be read, or it is too long.
    """
    if len(utterance.chosen) > MAX_CHOICE:
        raise BadInput("bad_input", "That is no choice of this conversation.")
    if utterance.chosen.startswith(SAYS):
        said = utterance.chosen.removeprefix(SAYS)
        utterance = replace(utterance, text=said, chosen="", tapped=True)
    if utterance.files and not readable(utterance.text):
        return replace(utterance, text="")
    return replace(utterance, text=checked(utterance.text))


def checked(text: str) -> str:
    """
    Return the text as it will be stored.

    Raises:
        BadInput: nothing in it can be seen, or it is too long.
    """
    text = printable(text)
    if len(text) > MAX_TEXT:
        raise BadInput("too_long")
    if not readable(text):
        raise BadInput("empty")
    return text


def readable(text: str) -> bool:
    """Whether anything can be seen in a text."""
    return any(map(_visible, text))


@lru_cache(maxsize=64)  # each slot of a form looks at the same few messages
def compatible(text: str) -> str:
    """Return a text in compatibility forms, of which U+FDFA alone has eighteen letters, and no longer than a message."""
    return unicodedata.normalize("NFKC", text)[:MAX_TEXT]


def _visible(character: str) -> bool:
    """Spaces, controls, zero-width characters and marks without a letter show nothing."""
    category = unicodedata.category(character)
    return (
        category[0] not in "ZM" and category not in {"Cc", "Cf"} and character not in BLANK_LETTERS
    )
