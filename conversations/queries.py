"""How the log is asked: statements over one connection, and what goes wrong with them in our words."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Self

from conversations.errors import damaged, translated
from conversations.events import Recorded
from conversations.rows import recorded
from conversations.text import printable

MAX_INTEGER = 2**63 - 1  # SQLite's largest; a client may name any number


class Queries:
    """Statements that read. Each raises `StorageUnavailable` or `Damaged`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._connection.row_factory = sqlite3.Row

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _event(self, sql: str, *parameters: str | int) -> Recorded | None:
        found = self._events(sql, *parameters)
        return found[0] if found else None

    def _events(self, sql: str, *parameters: str | int) -> list[Recorded]:
        return self._recorded(self._rows(sql, *parameters))

    def _recorded(self, rows: list[sqlite3.Row]) -> list[Recorded]:
        try:
            return [recorded(row) for row in rows]
        except (ValueError, TypeError, KeyError) as error:  # a body that no version wrote
            raise damaged(self.path, f"an event cannot be read: {error}") from error

    def _value(self, sql: str, *parameters: str | int) -> Any:
        rows = self._rows(sql, *parameters)
        return rows[0][0] if rows else None

    def _rows(self, sql: str, *parameters: str | int) -> list[sqlite3.Row]:
        with translated(self.path):
            return self._connection.execute(sql, [_bound(p) for p in parameters]).fetchall()


def _bound(parameter: str | int) -> str | int:
    """Ids come from outside: look one up as it would have been stored, so that any can be bound."""
    if isinstance(parameter, str):
        return printable(parameter)
    return max(-MAX_INTEGER, min(parameter, MAX_INTEGER))
