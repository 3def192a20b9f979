"""
What is kept beside the log and is no event: a chat's settings, a code that is good once, who else a visitor is.

Each function returns an errand for the writer's thread, which does it in the transaction of its batch.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from conversations.rows import timestamp

MOST = 10_000  # notes that end some day; the ones that end first make room

Address = tuple[str, str]  # a channel, and who somebody is there
Errand = Callable[[sqlite3.Connection, datetime], str]  # the time is now

WAITING = "waiting:"  # before an address: what came from there and is not heard yet

# The visitor's own address and the ones that lead to them, each as the key of its note.
_KEYS = (
    "SELECT channel || ':' || address FROM visitors WHERE visitor_id = :visitor_id"
    " UNION SELECT channel || ':' || address FROM faces WHERE visitor_id = :visitor_id"
)


def keep(key: str, text: str, lasts: timedelta | None = None) -> Errand:
    """
    Keep a note under `key`, in the place of the one there was; an empty text is none.

    One that `lasts` so long is gone then, and takes the place of every other such note with the same text.
    """

    def kept(connection: sqlite3.Connection, now: datetime) -> str:
        connection.execute("DELETE FROM notes WHERE key = ? OR until <= ?", (key, timestamp(now)))
        if lasts:
            connection.execute("DELETE FROM notes WHERE text = ? AND until IS NOT NULL", (text,))
        if text:
            ends = timestamp(now + lasts) if lasts else None
            connection.execute(
                "INSERT INTO notes (key, text, until) VALUES (?, ?, ?)", (key, text, ends)
            )
        connection.execute(
            "DELETE FROM notes WHERE key IN (SELECT key FROM notes WHERE until IS NOT NULL"
            " ORDER BY until DESC, rowid DESC LIMIT -1 OFFSET ?)",
            (MOST,),
        )
        return text

    return kept


def fresh(key: str) -> Errand:
    """Return the note under `key`; empty where there is none, or its time is over."""

    def found(connection: sqlite3.Connection, now: datetime) -> str:
        row = connection.execute(
            "SELECT text FROM notes WHERE key = ? AND (until IS NULL OR until > ?)",
            (key, timestamp(now)),
        ).fetchone()
        return str(row["text"]) if row else ""

    return found


def drop(prefix: str) -> Errand:
    """Remove every note whose key begins with `prefix`."""

    def dropped(connection: sqlite3.Connection, _: datetime) -> str:
        _drop(connection, prefix)
        return ""

    return dropped


def _drop(connection: sqlite3.Connection, prefix: str) -> None:
    connection.execute("DELETE FROM notes WHERE key >= ? AND key < ?", (prefix, behind(prefix)))


def behind(prefix: str) -> str:
    """Return the first key that is behind all that begin with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def bind_once(key: str, face: Address) -> Errand:
    """
    Bind `face` to the address that the note under `key` is about, once, and return the face; empty where nothing is bound.

    The face takes the place of the address in the note, so that whoever asks again is told the same, and nobody else is bound.
    """
    text = ":".join(face)

    def joined(connection: sqlite3.Connection, now: datetime) -> str:
        row = connection.execute(
            "SELECT text FROM notes WHERE key = ? AND until > ?", (key, timestamp(now))
        ).fetchone()
        if row is None:
            return ""
        channel, _, address = str(row["text"]).partition(":")
        if channel == face[0]:  # somebody has gone on there already
            return text if row["text"] == text else ""
        connection.execute("UPDATE notes SET text = ? WHERE key = ?", (text, key))
        bind((channel, address), face)(connection, now)
        return text

    return joined


def bind(home: Address, face: Address) -> Errand:
    """
    Take whoever speaks from `face` for the visitor at `home` from now on, and return the visitor's id.

    A visitor has one such address of each channel. One who has said nothing yet is written down.
    """

    def bound(connection: sqlite3.Connection, _: datetime) -> str:
        connection.execute(
            "INSERT INTO visitors (visitor_id, channel, address, name) VALUES (?, ?, ?, '')"
            " ON CONFLICT (channel, address) DO NOTHING",
            (uuid5(NAMESPACE_URL, ":".join(home)).hex, *home),
        )
        [visitor_id] = connection.execute(
            "SELECT visitor_id FROM visitors WHERE channel = ? AND address = ?", home
        ).fetchone()
        connection.execute(
            "DELETE FROM faces WHERE visitor_id = ? AND channel = ?", (visitor_id, face[0])
        )
        connection.execute(
            "INSERT INTO faces (channel, address, visitor_id) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET visitor_id = excluded.visitor_id",
            (*face, visitor_id),
        )
        return str(visitor_id)

    return bound


def forget(connection: sqlite3.Connection, visitor_id: str) -> None:
    """Remove what is kept of a visitor; before their address is taken off."""
    who = {"visitor_id": visitor_id}
    for (address,) in connection.execute(_KEYS, who).fetchall():
        _drop(connection, f"{WAITING}{address}:")
    connection.execute(f"DELETE FROM notes WHERE key IN ({_KEYS})", who)  # noqa: S608 - a constant
    connection.execute(
        f"DELETE FROM notes WHERE text IN ({_KEYS})",  # noqa: S608 - a constant
        who,
    )
    connection.execute("DELETE FROM faces WHERE visitor_id = :visitor_id", who)
