"""What visitors are called today, beside the rows of their conversations."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sqlite_utils import Database

from conversations.events import Joined
from conversations.views.happened import Happened

PEOPLE = "people"


class People:
    """A row a visitor, without those who have no name."""

    def create(self, db: Database) -> None:
        db.table(PEOPLE).create({"visitor_id": str, "name": str}, pk="visitor_id", strict=True)

    def take(self, connection: sqlite3.Connection, happened: Sequence[Happened]) -> None:
        """Write down the names that were met, and forget those of whoever is nobody any more."""
        names = {one.visitor_id: one.name for one in happened}
        named = [(key, name) for key, name in names.items() if name]
        gone = [(key,) for key, name in names.items() if not name]
        gone += [(one.event.before,) for one in happened if isinstance(one.event, Joined)]
        connection.executemany("REPLACE INTO people (visitor_id, name) VALUES (?, ?)", named)
        connection.executemany("DELETE FROM people WHERE visitor_id = ?", gone)
