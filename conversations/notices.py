"""What the desk tells customers by itself, and the choices that it leaves them: values of events, as `conversations.events` has them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BOT_AGAIN = "bot_again"  # the choice of whoever would rather go on with the bot
LEAVE_MESSAGE = "leave_message"  # the choice of whoever would rather be answered later
KEEP_WAITING = "keep_waiting"  # the choice of whoever goes on waiting


class Notice(StrEnum):
    """What the desk tells a customer by itself, about the person whom they wait for or had."""

    CLOSED = "closed"  # the people have gone home while the customer waits
    TOO_LONG = "too_long"  # nobody has come for long
    GONE = "gone"  # whoever had the conversation is not there any more
    HANDED_BACK = "handed_back"  # the bot goes on, since nobody has said anything for long
    BOT_AGAIN = "bot_again"  # the bot goes on, as the customer wished
    LEAVE_MESSAGE = "leave_message"  # what the customer writes now is answered later
    KEEP_WAITING = "keep_waiting"  # the customer keeps their place


@dataclass(frozen=True, slots=True)
class Choice:
    """One button under a reply: what the customer reads, and what comes back when it is tapped."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the desk told the customer by itself, with the ways out that it offered; nobody asked, and nobody wrote it."""

    message_id: str
    notice: Notice
    text: str
    choices: tuple[Choice, ...] = ()
