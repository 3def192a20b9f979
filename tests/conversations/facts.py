"""A log written by hand: one short word an event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from conversations.events import (
    HUMAN,
    NONE_OF_THESE,
    ActionKind,
    Choice,
    Decided,
    Event,
    Heard,
    Rated,
    Recorded,
    Thumb,
)
from conversations.lessons import Labelled

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def log(*events: Event | timedelta, conversation_id: str = "c") -> list[Recorded]:
    """Return the events in their order; a timedelta among them is time that passes."""
    recorded: list[Recorded] = []
    at = NOON
    for event in events:
        if isinstance(event, timedelta):
            at += event
        else:
            recorded.append(Recorded(len(recorded) + 1, conversation_id, at, event))
    return recorded


def joined(*logs: Iterable[Recorded]) -> list[Recorded]:
    every = [recorded for one in logs for recorded in one]
    return [Recorded(seq, r.conversation_id, r.at, r.event) for seq, r in enumerate(every, 1)]


def heard(message_id: str, text: str = "where is it", chosen: str = "") -> Heard:
    return Heard(message_id=message_id, external_id=message_id, text=text, chosen=chosen)


def reply(to: str, intent: str = "parcel", confidence: float = 0.9) -> Decided:
    return Decided(
        message_id=f"d-{to}",
        in_reply_to=to,
        action=ActionKind.REPLY,
        text="Here.",
        intent=intent,
        confidence=confidence,
    )


def ask(to: str, *intents: str) -> Decided:
    choices = tuple(Choice(intent.title(), intent) for intent in (*intents, HUMAN, NONE_OF_THESE))
    return Decided(
        message_id=f"d-{to}",
        in_reply_to=to,
        action=ActionKind.CLARIFY,
        text="Which?",
        choices=choices,
    )


def handoff(to: str, reason: str) -> Decided:
    return Decided(
        message_id=f"d-{to}", in_reply_to=to, action=ActionKind.HANDOFF, text="", reason=reason
    )


def rated(to: str, value: Thumb = Thumb.UP, reason: str = "") -> Rated:
    return Rated(message_id=f"d-{to}", value=value, reason=reason)


def labelled(message_id: str, intent: str, operator: str = "ann") -> Labelled:
    return Labelled(message_id=message_id, intent=intent, operator=operator)
