"""Visitors who say who they are: what the tables hold of it. A browser is let in as somebody, and brings its conversations along."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from conversations.events import Utterance, Visitor
from conversations.jobs import Join
from conversations.rows import timestamp

KEPT = timedelta(days=7)  # how long a browser's session is remembered at most


def named(unnamed: Visitor, job: Join) -> Utterance:
    """Return a silent utterance, by which the log gets to know the visitor who has said who they are."""
    return Utterance(
        channel=job.channel,
        address=job.identity,
        external_id="",
        text="",
        name=job.name or unnamed.name,
        network=unnamed.network,
    )


def give(connection: sqlite3.Connection, before: Visitor, now: Visitor) -> None:
    """Make one visitor's conversations another's, and remove the one who has none left."""
    connection.execute(
        "UPDATE conversations SET visitor_id = ? WHERE visitor_id = ?",
        (now.visitor_id, before.visitor_id),
    )
    connection.execute(
        "UPDATE faces SET visitor_id = ? WHERE visitor_id = ?", (now.visitor_id, before.visitor_id)
    )
    connection.execute("DELETE FROM visitors WHERE visitor_id = ?", (before.visitor_id,))


def let_in(connection: sqlite3.Connection, address: str, identity: str, at: datetime) -> None:
    """Begin a browser's session as the visitor at `identity`; end it where that is empty."""
    old = timestamp(at - KEPT)
    connection.execute("DELETE FROM sessions WHERE address = ? OR begun < ?", (address, old))
    if identity:
        connection.execute(
            "INSERT INTO sessions (address, identity, begun) VALUES (?, ?, ?)",
            (address, identity, timestamp(at)),
        )
