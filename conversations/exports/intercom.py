"""
Intercom: conversations as its API and its export give them, with `source` and `conversation_parts`.

Users, leads and contacts are customers, admins operators. What a bot sent, notes and assignments are not of the conversation.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conversations.exports.parts import (
    Problem,
    Read,
    conversation,
    field,
    listed,
    records,
    turn,
    words,
)
from conversations.interchange import Customer, Side, Turn
from conversations.text import without_tags

SIDES = {
    "user": Side.CUSTOMER,
    "lead": Side.CUSTOMER,
    "contact": Side.CUSTOMER,
    "admin": Side.OPERATOR,
}
SAID = {"comment", "open", "close", "quick_reply", "assignment"}  # parts that may hold words


def read(path: Path) -> Iterator[Read]:
    """Yield the conversations, and what could not be one. Raises NotAnExport."""
    for record in records(path):
        if isinstance(record, Problem):
            yield record
            continue
        place, body = record
        parts = field(body, "conversation_parts")
        parts = field(parts, "conversation_parts") or parts
        first = (
            {**source, "created_at": body.get("created_at")}
            if isinstance(source := body.get("source"), dict)
            else {}
        )
        said = [first, *(p for p in listed(parts) if field(p, "part_type") in SAID)]
        author = next(
            (a for one in said if _side(a := field(one, "author")) is Side.CUSTOMER), None
        )
        customer = Customer(
            words(field(author, "id")) or words(body.get("id")), words(field(author, "name"))
        )
        turns = [found for one in said if (found := _turn(one))]
        yield conversation(place, body.get("id"), "intercom", customer, turns)


def _turn(said: Any) -> Turn | None:
    author = field(said, "author")
    side = _side(author)
    if side is None:
        return None
    text = without_tags(words(field(said, "body")))
    return turn(side, text, field(said, "created_at"), field(author, "name"))


def _side(author: Any) -> Side | None:
    kind = field(author, "type")
    return SIDES.get(kind) if isinstance(kind, str) else None
