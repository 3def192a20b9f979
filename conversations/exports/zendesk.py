"""
Zendesk: tickets as its export gives them, JSON or one a line, with `comments`.

Who asked for the ticket is the customer, everybody else an operator; private comments are not of the conversation. Where a ticket
has no comments, its description is what the customer said.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conversations.exports.parts import Read, Record, customer, exported, turn
from conversations.interchange import Customer, Side, Turn
from conversations.text import without_tags
from conversations.values import field, listed, words


def read(path: Path) -> Iterator[Read]:
    """Yield the conversations, and what could not be one. Raises NotAnExport."""
    return exported(path, "zendesk", _said)


def _said(ticket: Record) -> tuple[Customer, list[Turn]]:
    asked = words(ticket.get("requester_id")) or words(field(ticket, "requester", "id"))
    comments = listed(ticket.get("comments")) or [_description(ticket, asked)]
    turns = [said for comment in comments if (said := _turn(comment, asked))]
    return customer({"id": asked, "name": field(ticket, "requester", "name")}, ticket), turns


def _description(ticket: Record, asked: str) -> Record:
    return {
        "author_id": asked,
        "plain_body": ticket.get("description"),
        "created_at": ticket.get("created_at"),
    }


def _turn(comment: Any, asked: str) -> Turn | None:
    if field(comment, "public") is False:
        return None
    plain = field(comment, "plain_body") or field(comment, "body")
    author = words(field(comment, "author_id")) or words(field(comment, "author", "id"))
    side = Side.CUSTOMER if author == asked else Side.OPERATOR
    name = words(field(comment, "author", "name")) or author
    text = words(plain) or without_tags(words(field(comment, "html_body")))
    return turn(side, text, field(comment, "created_at"), name)
