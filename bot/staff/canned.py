"""The texts of the team in staff.db, for the thread that opened it: by name, in any case."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import Any

from bot.staff.errors import NoSuchText, Unacceptable
from bot.staff.names import key_of

MOST = 500  # texts


@dataclass(frozen=True, slots=True)
class Canned:
    """A text; `author` wrote it first, `changed` is when it was saved last, in seconds since 1970."""

    name: str
    text: str
    author: str
    changed: float


def texts(connection: sqlite3.Connection) -> list[Canned]:
    """Return all, in the order of their names."""
    rows = connection.execute("SELECT name, text, author, changed FROM canned ORDER BY key")
    return [Canned(*row) for row in rows]


def find(connection: sqlite3.Connection, name: str) -> Canned | None:
    """Return the text of a name in any case."""
    query = "SELECT name, text, author, changed FROM canned WHERE key = ?"
    row: tuple[Any, ...] | None = connection.execute(query, (key_of(name),)).fetchone()
    return Canned(*row) if row else None


def put(connection: sqlite3.Connection, text: Canned) -> Canned:
    """
    Keep a text, and return it as it is kept: whoever wrote it first stays its author.

    Raises:
        Unacceptable: there are as many as there may be.
    """
    before = find(connection, text.name)
    [many] = connection.execute("SELECT count(*) FROM canned").fetchone()
    if many >= MOST and before is None:
        raise Unacceptable(f"There are {MOST} canned answers already; delete one first.")
    connection.execute(
        "INSERT INTO canned (name, key, text, author, changed) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET name = excluded.name, text = excluded.text, changed = excluded.changed",
        (text.name, key_of(text.name), text.text, text.author, text.changed),
    )
    return replace(text, author=before.author) if before else text


def drop(connection: sqlite3.Connection, name: str) -> None:
    """
    Take a text out.

    Raises:
        NoSuchText: there is none of this name.
    """
    if connection.execute("DELETE FROM canned WHERE key = ?", (key_of(name),)).rowcount == 0:
        raise NoSuchText(name)
