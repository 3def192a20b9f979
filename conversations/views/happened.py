"""An event with whose it is: what the views are folded of, and what several of them read out of it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from conversations.events import DESK, ActionKind, Decided, Event, Heard, OperatorWrote, Recorded

MILLION = 1_000_000
UNHAPPY = (
    -0.3
)  # a mood that is bad, or a worse one; CLEAR of retrieval/mood.py, which stands above this package


@dataclass(frozen=True, slots=True)
class Happened:
    """
    An event in its place.

    `visitor_id` and `name` are those of today: whoever was erased or has said who they are since is so from the beginning. `channel`
    is the one that the event came or went by.
    """

    recorded: Recorded
    visitor_id: str
    name: str
    channel: str

    @property
    def seq(self) -> int:
        return self.recorded.seq

    @property
    def conversation_id(self) -> str:
        return self.recorded.conversation_id

    @property
    def at(self) -> datetime:
        return self.recorded.at

    @property
    def event(self) -> Event:
        return self.recorded.event

    @property
    def of_customers(self) -> bool:
        """Whether it is about a conversation with a customer; what operators teach is not."""
        return self.recorded.conversation_id != DESK

    @property
    def micros(self) -> int:
        """When, in microseconds since 1970: exact, and one number to SQLite."""
        return micros(self.recorded.at)


def micros(at: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return round(at.timestamp() * MILLION)


def language_of(decided: Decided) -> str:
    """Return the language that an utterance was read in, as the evidence has it; empty where it is unknown."""
    with suppress(ValueError):
        card = json.loads(decided.evidence)
        if isinstance(card, dict) and isinstance(found := card.get("language"), str):
            return found
    return ""


def speaks(event: Event) -> bool:
    """Whether somebody says something with it: words, files, or a choice."""
    match event:
        case Heard() | OperatorWrote():
            return True
        case Decided():
            return event.action is not ActionKind.SILENT
        case _:
            return False
