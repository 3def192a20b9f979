"""Who the visitors are: by address, on every channel that they write from, and whose conversations are whose."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from conversations.events import NETWORKS_FROM, Visitor
from conversations.queries import Queries
from conversations.rows import visitor
from conversations.text import printable


class People(Queries):
    """The questions about visitors. Every method raises `StorageUnavailable` or `Damaged`."""

    def visitor(self, channel: str, address: str) -> Visitor | None:
        """Return the visitor whom the channel knows as `address`: their own, or one that leads to a visitor of another channel."""
        bound = self._visitor(
            "SELECT visitors.* FROM faces JOIN visitors USING (visitor_id)"
            " WHERE faces.channel = ? AND faces.address = ?",
            channel,
            address,
        )
        if bound is not None:
            return replace(bound, channel=channel, address=printable(address))
        return self._visitor(
            "SELECT * FROM visitors WHERE channel = ? AND address = ?", channel, address
        )

    def visitors_at(self, channel: str, address: str) -> list[Visitor]:
        """Return every visitor that spoke from this address: before it led to one of another channel, and since."""
        rows = self._rows(
            "SELECT * FROM visitors WHERE channel = ? AND address = ? UNION"
            " SELECT visitors.* FROM faces JOIN visitors USING (visitor_id)"
            " WHERE faces.channel = ? AND faces.address = ?",
            *(channel, address) * 2,
        )
        return [visitor(row) for row in rows]

    def addressee(self, conversation_id: str, channel: str = "") -> Visitor | None:
        """
        Return the visitor who has this conversation, as the channel knows them that they last wrote from.

        Args:
            channel: the one they are wanted by, if it is theirs; empty for where they last wrote.
        """
        home = self.visitor_of(conversation_id)
        if home is None:
            return None
        wanted = channel or self._value(
            "SELECT channel FROM events WHERE conversation_id = ? AND kind = 'heard'"
            " ORDER BY seq DESC LIMIT 1",
            conversation_id,
        )
        address = self._value(
            "SELECT address FROM faces WHERE visitor_id = ? AND channel = ?",
            home.visitor_id,
            wanted or home.channel,
        )
        return replace(home, channel=str(wanted), address=str(address)) if address else home

    def is_at(self, visitor: Visitor, address: str) -> bool:
        """Say whether an address is a visitor's own, or leads to them."""
        return visitor.address == address or bool(
            self._value(
                "SELECT 1 FROM faces WHERE visitor_id = ? AND address = ?",
                visitor.visitor_id,
                address,
            )
        )

    def visitor_called(self, visitor_id: str) -> Visitor | None:
        """Return the visitor who has this id in the log."""
        return self._visitor("SELECT * FROM visitors WHERE visitor_id = ?", visitor_id)

    def visitor_of(self, conversation_id: str) -> Visitor | None:
        """Return the visitor who has this conversation."""
        return self._visitor(
            "SELECT visitors.* FROM conversations JOIN visitors USING (visitor_id)"
            " WHERE conversation_id = ?",
            conversation_id,
        )

    def visitors(self, conversations: Collection[str]) -> dict[str, Visitor]:
        """Return who has each of these conversations, without their network where it tells nothing (`NETWORKS_FROM`)."""
        rows = self._rows(
            "SELECT conversation_id, visitors.* FROM conversations JOIN visitors USING (visitor_id)"
            " WHERE conversation_id IN (SELECT value FROM json_each(?))",
            json.dumps([*conversations]),
        )
        found = {str(row["conversation_id"]): visitor(row) for row in rows}
        if self.networks() >= NETWORKS_FROM:
            return found
        return {one: replace(who, network="") for one, who in found.items()}

    def session(self, address: str) -> tuple[str, datetime] | None:
        """Return the visitor's address as whom a browser is let in, and since when."""
        rows = self._rows("SELECT identity, begun FROM sessions WHERE address = ?", address)
        return (rows[0]["identity"], datetime.fromisoformat(rows[0]["begun"])) if rows else None

    def conversations_of(self, visitor_id: str) -> list[str]:
        """Return a visitor's conversations, in the order in which they were opened."""
        rows = self._rows(
            "SELECT conversation_id FROM conversations WHERE visitor_id = ? ORDER BY number",
            visitor_id,
        )
        return [row["conversation_id"] for row in rows]

    def networks(self) -> int:
        """Return how many networks visitors were first seen from."""
        return int(self._value("SELECT count(DISTINCT network) FROM visitors WHERE network <> ''"))

    def _visitor(self, sql: str, *parameters: str) -> Visitor | None:
        rows = self._rows(sql, *parameters)
        return visitor(rows[0]) if rows else None
