"""
Erasing one visitor from the log: the words go, the rows stay.

What is counted (how many asked, what was decided, which Release, thumbs and labels) is kept, and nothing of it says who it was or
what they wrote. A row keeps its place, so that every seq in the world still means what it meant.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from conversations import notes
from conversations.events import (
    Decided,
    Delivered,
    Event,
    Heard,
    OperatorEdited,
    OperatorWrote,
    Rated,
    Recorded,
    Scored,
    Undeliverable,
    Visitor,
)
from conversations.handling import Noted
from conversations.lessons import Taught
from conversations.notices import Told
from conversations.rows import encode, visitor_row
from conversations.text import normalised

ERASED = "erased:"  # how the address begins of a visitor who is nobody any more


def nobody(visitor: Visitor) -> Visitor:
    """Return what stays of a visitor: a row that no channel finds."""
    return Visitor(
        visitor_id=visitor.visitor_id,
        channel=visitor.channel,
        address=f"{ERASED}{visitor.visitor_id}",
    )


def wordless(event: Event) -> Event:
    """Return an event without what somebody wrote, what could lead to them, and what they were told."""
    match event:
        case Heard():
            unnamed = f"{ERASED}{event.message_id}"  # a channel's own id names the visitor
            return replace(event, external_id=unnamed, text="", chosen="", files=())
        case Decided():
            bare = replace(event, text="", choices=(), source="", evidence="{}")
            return replace(bare, forms=(), attachments=(), sources=(), mood=None)
        case OperatorWrote():
            return replace(event, text="", files=())
        case Told():
            return replace(event, text="", choices=())
        case OperatorEdited() | Noted():
            return replace(event, text="")
        case Rated() | Scored():
            return replace(event, comment="")
        case Delivered():
            return replace(event, external_id="")
        case Undeliverable():
            return replace(event, reason="")
        case _:
            return event


def empty(
    connection: sqlite3.Connection, events: Iterable[Recorded], taught: Iterable[Recorded]
) -> int:
    """
    Write the events of a visitor without their words, and what was taught without the visitor's wordings.

    Args:
        taught: every answer that was taught from one of these utterances.

    Returns:
        How many events were emptied.
    """
    events = list(events)
    said = {r.event.message_id: r.event.text for r in events if isinstance(r.event, Heard)}
    emptied = [(r.seq, bare) for r in events if (bare := wordless(r.event)) != r.event]
    unlearned = [(r.seq, _unlearned(r.event, said)) for r in taught if isinstance(r.event, Taught)]
    _rewrite(connection, [*emptied, *unlearned])
    connection.executemany("DELETE FROM said WHERE rowid = ?", [(seq,) for seq, _ in emptied])
    # The index keeps the words of a deleted row until its segments are merged.
    connection.execute("INSERT INTO said (said) VALUES ('optimize')")
    return len(emptied)


def _unlearned(taught: Taught, said: dict[str, str]) -> Taught:
    """Return an answer without the question that it was taught from: that is the visitor's own wording."""
    wording = normalised(said.get(taught.message_id, ""))
    kept = tuple(question for question in taught.questions if normalised(question) != wording)
    return replace(taught, questions=kept)


def _rewrite(connection: sqlite3.Connection, rows: Sequence[tuple[int, Event]]) -> None:
    encoded = [{**encode(event), "seq": seq} for seq, event in rows]
    connection.executemany(
        "UPDATE events SET external_id = :external_id, body = :body WHERE seq = :seq", encoded
    )


def forget(connection: sqlite3.Connection, visitor: Visitor) -> None:
    """Take a visitor's name and address off, and every session that led to them."""
    notes.forget(connection, visitor.visitor_id)
    connection.execute("DELETE FROM sessions WHERE identity = ?", (visitor.address,))
    connection.execute(
        "UPDATE visitors SET address = :address, name = :name, network = :network,"
        " segments = :segments WHERE visitor_id = :visitor_id",
        visitor_row(nobody(visitor)),
    )
