"""
Zendesk: tickets as its export gives them, JSON or one a line, with `comments`.

Who asked for the ticket is the customer, everybody else an operator; private comments are not of the conversation. Where a ticket
has no comments, its description is what the customer said.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conversations.exports.parts import Read, Record, Said, customer, exported, turn, turns_in
from conversations.interchange import Side, Turn
from conversations.text import without_tags
from conversations.values import field, listed, words


def read(path: Path) -> Iterator[Read]:
    """Yield the conversations, and what could not be one. Raises NotAnExport."""
    return exported(path, "zendesk", _said)


def _said(ticket: Record) -> Said:
    asked = words(ticket.get("requester_id")) or words(field(ticket, "requester", "id"))
    comments = listed(ticket.get("comments")) or [_description(ticket, asked)]
    who = customer({"id": asked, "name": field(ticket, "requester", "name")}, ticket)
    return who, turns_in(comments, lambda comment: _turn(comment, asked))


def _description(ticket: Record, asked: str) -> Record:
    return {
        "author_id": asked,
        "plain_body": ticket.get("description"),
        "created_at": ticket.get("created_at"),
    }


def _turn(comment: Any, asked: str) -> Turn | str | None:
    if not isinstance(comment, dict):
        return "is not an object"
    if field(comment, "public") is False:
        return None
    plain = field(comment, "plain_body") or field(comment, "body")
    author = words(field(comment, "author_id")) or words(field(comment, "author", "id"))
    side = Side.CUSTOMER if author == asked else Side.OPERATOR
    name = words(field(comment, "author", "name")) or author
    text = words(plain) or without_tags(words(field(comment, "html_body")))
    return turn(side, text, field(comment, "created_at"), name)
