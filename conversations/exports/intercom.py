"""
Intercom: conversations as its API and its export give them, with `source` and `conversation_parts`.

Users, leads and contacts are customers, admins operators. What a bot sent, notes and assignments are not of the conversation.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conversations.exports.parts import Read, Record, Said, customer, exported, turn, turns_in
from conversations.interchange import Side, Turn
from conversations.text import without_tags
from conversations.values import field, listed, words

SIDES = {
    "user": Side.CUSTOMER,
    "lead": Side.CUSTOMER,
    "contact": Side.CUSTOMER,
    "admin": Side.OPERATOR,
}
SAID = {"comment", "open", "close", "quick_reply", "assignment"}  # parts that may hold words


def read(path: Path) -> Iterator[Read]:
    """Yield the conversations, and what could not be one. Raises NotAnExport."""
    return exported(path, "intercom", _said)


def _said(body: Record) -> Said:
    parts = field(body, "conversation_parts")
    parts = listed(field(parts, "conversation_parts") or parts)
    source = body.get("source")
    first = {**source, "created_at": body.get("created_at")} if isinstance(source, dict) else {}
    said = [first, *(part if field(part, "part_type") in SAID else {} for part in parts)]
    authors = (field(one, "author") for one in said)
    asked = next((author for author in authors if _side(author) is Side.CUSTOMER), None)
    return customer(asked, body), turns_in(said, _turn)


def _turn(said: Any) -> Turn | str | None:
    author = field(said, "author")
    side = _side(author)
    if side is None:
        return None
    text = without_tags(words(field(said, "body")))
    return turn(side, text, field(said, "created_at"), field(author, "name"))


def _side(author: Any) -> Side | None:
    kind = field(author, "type")
    return SIDES.get(kind) if isinstance(kind, str) else None
