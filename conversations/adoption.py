"""
A conversation from elsewhere as events of the log.

Every id is a hash of when a message was said and by which side, so that the same export adds nothing the second time, and one that was
mended or has grown adds what was missing, wherever that stands. What a customer said is decided upon in silence, as it was: a person answered, and nobody must answer again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from conversations.events import ActionKind, Decided, Event, Heard, OperatorWrote
from conversations.interchange import PastConversation, Side, Turn

ADOPTED = "adopted"  # the reason in the log of silence, and of the end


@dataclass(frozen=True, slots=True)
class Adopted:
    """An event with its time; `message_id` is its own."""

    message_id: str
    at: datetime
    event: Event


def adopted(past: PastConversation) -> tuple[str, list[Adopted]]:
    """Return the id of the conversation and its events in order, without the end."""
    events: list[Adopted] = []
    had: Counter[tuple[datetime, Side]] = Counter()
    for turn in past.turns:
        had[turn.at, turn.side] += 1
        events += _said(past, had[turn.at, turn.side], turn)
    return _id(past, "conversation"), events


def _said(past: PastConversation, number: int, turn: Turn) -> list[Adopted]:
    """Return the events of a turn; `number` tells apart those of one side at the same time."""
    place = f"{turn.side} {turn.at.astimezone(UTC).isoformat()} {number}"
    message_id, silence = _id(past, f"turn {place}"), _id(past, f"silence {place}")
    if turn.side is Side.OPERATOR:
        wrote = OperatorWrote(message_id=message_id, operator=turn.operator, text=turn.text)
        return [Adopted(message_id, turn.at, wrote)]
    heard = Heard(message_id=message_id, external_id=message_id, text=turn.text)
    decided = Decided(
        message_id=silence,
        in_reply_to=message_id,
        action=ActionKind.SILENT,
        text="",
        reason=ADOPTED,
    )
    return [Adopted(message_id, turn.at, heard), Adopted(silence, turn.at, decided)]


def _id(past: PastConversation, what: str) -> str:
    whole = "\0".join((past.channel, past.id, what))
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:32]
