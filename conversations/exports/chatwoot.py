"""
Chatwoot: conversations as its API gives them, with `messages`.

`message_type` is 0 or "incoming" for a customer's message, 1 or "outgoing" for a person's or a bot's; others (activities,
templates) and private notes are not of the conversation.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conversations.exports.parts import Read, Record, Said, customer, exported, turn, turns_in
from conversations.interchange import Side, Turn
from conversations.values import field, listed, words

SIDES = {0: Side.CUSTOMER, "incoming": Side.CUSTOMER, 1: Side.OPERATOR, "outgoing": Side.OPERATOR}


def read(path: Path) -> Iterator[Read]:
    """Yield the conversations, and what could not be one. Raises NotAnExport."""
    return exported(path, "chatwoot", _said)


def _said(body: Record) -> Said:
    who = customer(field(body, "meta", "sender") or _incoming(body), body)
    return who, turns_in(listed(body.get("messages")), _turn)


def _incoming(body: Any) -> Any:
    """Return who sent the first of the customer's messages."""
    messages = listed(field(body, "messages"))
    return next((field(m, "sender") for m in messages if _side(m) is Side.CUSTOMER), None)


def _turn(message: Any) -> Turn | str | None:
    if not isinstance(message, dict):
        return "is not an object"
    side = _side(message)
    if side is None or field(message, "private"):
        return None
    name = field(message, "sender", "name")
    return turn(side, words(field(message, "content")), field(message, "created_at"), name)


def _side(message: Any) -> Side | None:
    kind = field(message, "message_type")
    return SIDES.get(kind) if isinstance(kind, int | str) else None
