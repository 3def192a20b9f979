"""The log as the views read it: the next events, each with whose it is."""

from __future__ import annotations

from conversations.reader import Reader
from conversations.views.happened import Happened

# A receipt says nothing that is shown, and is nearly half of a log.
UNREAD = "'delivered'"


class Source(Reader):
    """A connection of its own to the log, for the thread that follows it."""

    def happened(self, after: int, limit: int) -> tuple[list[Happened], int]:
        """
        Return the next events behind `after`, `limit` at most, and the place up to which that is all.

        Receipts of what was delivered are left out.
        """
        until = self.seq()
        rows = self._rows(
            "SELECT events.*, visitors.visitor_id, visitors.name"  # noqa: S608 - constants
            " FROM events JOIN conversations USING (conversation_id) JOIN visitors USING (visitor_id)"
            f" WHERE seq > ? AND seq <= ? AND +kind NOT IN ({UNREAD}) ORDER BY seq LIMIT ?",
            after,
            until,
            limit,
        )
        found = [
            Happened(event, row["visitor_id"], row["name"], row["channel"])
            for event, row in zip(self._recorded(rows), rows, strict=True)
        ]
        return found, found[-1].seq if len(found) == limit else until

    def mark(self, seq: int) -> str:
        """Return what tells the event at this place from any other log's; empty where there is none."""
        rows = self._rows("SELECT conversation_id, at FROM events WHERE seq = ?", seq)
        return f"{rows[0]['conversation_id']} {rows[0]['at']}" if rows else ""
