"""What operators do with a conversation besides writing in it: events, as `conversations.events` has them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An operator takes the conversation: from the queue, from the bot, or from whoever had it."""

    operator: str


OPERATOR_GONE = "operator_gone"  # why the desk lets a conversation wait again


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Nobody has the conversation any more, and it waits for a person again; `reason` says why, `by` who did it; the desk itself where that is empty."""

    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """An operator asks a colleague, `to`, to take care of the conversation; nobody where that is empty."""

    operator: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozed:
    """An operator lays the conversation aside until a time, ISO 8601 in UTC; empty brings it back."""

    operator: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What an operator writes down for colleagues; no customer sees it."""

    message_id: str
    operator: str
    text: str
