"""
Where something is said on Telegram: a chat, and in a group with topics the topic.

A topic is an address of its own, so that each has its own conversation, and whatever is said in it, also by people, stays in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from telegram import Message, Update

ADDRESS = re.compile(r"(?P<chat>-?\d+)(?:/(?P<topic>\d+))?", re.ASCII)
GENERAL = 1  # the topic that every such group has; Telegram takes nothing that names it


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, negative for a group, and a topic of it, 0 for none."""

    chat_id: int
    topic: int = 0

    @property
    def address(self) -> str:
        """What the log knows it as."""
        return f"{self.chat_id}/{self.topic}" if self.topic else str(self.chat_id)

    @property
    def thread(self) -> int | None:
        """The topic, as the Bot API takes it."""
        return self.topic or None

    @classmethod
    def read(cls, address: str) -> Self:
        """
        Return the place of an address.

        Raises:
            ValueError: it is none of Telegram's.
        """
        found = ADDRESS.fullmatch(address)
        if found is None:
            raise ValueError("not an address on Telegram")
        return cls(int(found["chat"]), int(found["topic"] or 0))


def place_of(message: Message) -> Place:
    """Return where a message stands. Outside of topics a `message_thread_id` only says what was replied to."""
    topic = (message.message_thread_id or 0) if message.is_topic_message else 0
    in_topic = message.chat.id < 0 and topic != GENERAL
    return Place(message.chat.id, topic if in_topic else 0)


def place_of_update(update: Update) -> Place:
    """Return where an update is about; chat 0 where it is about none."""
    message = update.effective_message
    if isinstance(message, Message):
        return place_of(message)
    return Place(update.effective_chat.id if update.effective_chat else 0)
