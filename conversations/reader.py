"""Reading the log: every question that is asked of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from conversations.errors import damaged, translated
from conversations.events import Heard, Recorded, Visitor
from conversations.handover import Standing, standing
from conversations.migrations import MIGRATIONS, unknown
from conversations.notes import behind
from conversations.people import People
from conversations.queries import MAX_INTEGER
from conversations.rows import said, timestamp, visitor
from conversations.text import matching

PAGE = 1000  # events read at once; between pages no snapshot holds the write-ahead log open
BUSY = 5.0  # seconds to wait for a lock before giving up


class Readable(People):
    """
    The questions, over any connection. Every method raises `StorageUnavailable` or `Damaged`.

    Where messages are asked for by a list of ids, the index is named: SQLite would rather look at every message that there is, which takes
    a hundred milliseconds where there are a million. It refuses the question if that index cannot answer it.
    """

    def refuse_damaged(self) -> None:
        """
        Look through the whole file, some seconds for a million events.

        Raises:
            Damaged: it was cut short or its pages do not fit together.
        """
        found = str(self._value("PRAGMA quick_check(1)"))
        if found != "ok":
            raise damaged(self.path, found)

    def seq(self) -> int:
        """Return the place of the last event, 0 in an empty log."""
        return int(self._value("SELECT coalesce(max(seq), 0) FROM events"))

    def events(self, after: int = 0) -> Iterator[Recorded]:
        """Yield everything behind `after` in the order of the log, events appended meanwhile included."""
        while page := self._events(
            "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?", after, PAGE
        ):
            yield from page
            after = page[-1].seq

    def labels(self) -> list[Recorded]:
        """Return every label and dismissal, given or taken back, in the order of the log."""
        return self._events(
            "SELECT * FROM events WHERE kind IN ('labelled', 'unlabelled', 'dismissed') ORDER BY seq"
        )

    def utterances(self) -> Iterator[Recorded]:
        """Yield every Heard in the order of the log, without a look at what lies between."""
        after = 0
        while page := self._events(
            "SELECT * FROM events WHERE kind = 'heard' AND seq > ? ORDER BY seq LIMIT ?",
            after,
            PAGE,
        ):
            yield from page
            after = page[-1].seq

    def history(self, conversation_id: str, after: int = 0) -> list[Recorded]:
        """Return the conversation's events behind `after`."""
        return self._events(
            "SELECT * FROM events WHERE conversation_id = ? AND seq > ? ORDER BY seq",
            conversation_id,
            after,
        )

    def recent(self, visitor_id: str, limit: int) -> list[Recorded]:
        """Return the visitor's last events, `limit` at most, over all their conversations in the order of the log."""
        return self._events(
            "SELECT * FROM events WHERE seq IN ("
            " SELECT seq FROM conversations JOIN events USING (conversation_id)"
            " WHERE visitor_id = ? ORDER BY seq DESC LIMIT ?"
            ") ORDER BY seq",
            visitor_id,
            limit,
        )

    def everything_of(self, visitor_id: str) -> list[Recorded]:
        """Return all events of the visitor's conversations, in the order of the log."""
        return self.recent(visitor_id, MAX_INTEGER)

    def taught_from(self, message_ids: Sequence[str]) -> list[Recorded]:
        """Return the answers that were taught from one of these utterances."""
        return self._events(
            "SELECT * FROM events WHERE kind = 'taught'"
            " AND message_id IN (SELECT value FROM json_each(?)) ORDER BY seq",
            json.dumps(message_ids),
        )

    def answered(self, after: int, limit: int) -> list[tuple[Visitor, Recorded, Heard | None]]:
        """Return the next decisions and thumbs behind `after`, `limit` at most, each with its visitor, a decision with what it answers."""
        sql = (  # the plus keeps to the order of seq: by kind, all that follow would be read and sorted
            "SELECT events.*, visitors.* FROM events JOIN conversations USING (conversation_id)"
            " JOIN visitors USING (visitor_id)"
            " WHERE seq > ? AND +kind IN ('decided', 'rated') ORDER BY seq LIMIT ?"
        )
        rows = self._rows(sql, after, limit)
        said = self._heard_among([row["in_reply_to"] for row in rows])
        return [
            (visitor(row), event, said.get(row["in_reply_to"]))
            for row, event in zip(rows, self._recorded(rows), strict=True)
        ]

    def exchanged(self, after: int, limit: int) -> list[tuple[Visitor, Recorded]]:
        """Return what customers and operators said next behind `after`, with what hands over, ends and erases it, `limit` at most, each with its visitor."""
        rows = self._rows(  # the plus as above
            "SELECT events.*, visitors.* FROM events JOIN conversations USING (conversation_id)"
            " JOIN visitors USING (visitor_id) WHERE seq > ? AND"
            " (+kind IN ('heard', 'operator_wrote', 'operator_edited', 'closed', 'erased')"
            " OR (+kind = 'decided' AND action = 'handoff')) ORDER BY seq LIMIT ?",
            after,
            limit,
        )
        return [
            (visitor(row), event) for row, event in zip(rows, self._recorded(rows), strict=True)
        ]

    def _heard_among(self, message_ids: Sequence[str | None]) -> dict[str, Heard]:
        found = self._events(
            "SELECT * FROM events INDEXED BY messages"
            " WHERE kind IN ('heard', 'decided', 'operator_wrote', 'told')"
            " AND message_id IN (SELECT value FROM json_each(?))",
            json.dumps(message_ids),
        )
        events = (recorded.event for recorded in found)
        return {event.message_id: event for event in events if isinstance(event, Heard)}

    def decision_on(self, message_id: str) -> Recorded | None:
        """Return the Decided in reply to the Heard `message_id`."""
        return self._event(
            "SELECT * FROM events WHERE kind = 'decided' AND in_reply_to = ?", message_id
        )

    def message(self, message_id: str) -> Recorded | None:
        """Return the Heard, Decided, OperatorWrote or Told with this id."""
        return self._event(
            "SELECT * FROM events"
            " WHERE kind IN ('heard', 'decided', 'operator_wrote', 'told') AND message_id = ?",
            message_id,
        )

    def edit_of(self, seq: int) -> Recorded | None:
        """Return the OperatorEdited that replaced the wording at `seq`."""
        return self._event(
            "SELECT * FROM events WHERE kind = 'operator_edited'"
            " AND json_extract(body, '$.replaces') = ?",
            seq,
        )

    def delivery_of(self, message_id: str) -> Recorded | None:
        """Return the Delivered or Undeliverable that settled the message `message_id`."""
        return self._event(
            "SELECT * FROM events WHERE kind IN ('delivered', 'undeliverable') AND message_id = ?",
            message_id,
        )

    def heard(self, channel: str, external_id: str) -> Recorded | None:
        """Return the Heard that the channel knows as `external_id`."""
        return self._event(
            "SELECT * FROM events WHERE kind = 'heard' AND channel = ? AND external_id = ?",
            channel,
            external_id,
        )

    def taught_as(self, external_id: str) -> Recorded | None:
        """Return the Taught that its caller knows as `external_id`."""
        return self._event(
            "SELECT * FROM events WHERE kind = 'taught' AND external_id = ?", external_id
        )

    def teachings(self, until: int = MAX_INTEGER) -> list[Recorded]:
        """
        Return what operators taught, saved, labelled and took back up to `until`, and the utterances that they labelled.

        Of what they did to a knowledge page only the last is there: each holds all that it says.
        """
        return self._events(
            "SELECT * FROM events WHERE seq <= ?"
            " AND kind IN ('taught', 'untaught', 'template_saved', 'labelled', 'unlabelled')"
            " UNION ALL SELECT * FROM events INDEXED BY messages"
            " WHERE kind IN ('heard', 'decided', 'operator_wrote', 'told') AND message_id IN ("
            "  SELECT message_id FROM events WHERE kind = 'labelled'"
            ") UNION ALL SELECT * FROM events WHERE kind = 'page_saved' AND seq IN ("
            "  SELECT MAX(seq) FROM events WHERE kind = 'page_saved' AND seq <= ?"
            "  GROUP BY json_extract(body, '$.page')"
            ") ORDER BY seq",
            until,
            until,
        )

    def unanswered(self) -> list[Recorded]:
        """Return every Heard without a Decided, oldest first."""
        return self._events(
            "SELECT * FROM events AS said WHERE kind = 'heard' AND NOT EXISTS ("
            " SELECT 1 FROM events WHERE kind = 'decided' AND in_reply_to = said.message_id"
            ") ORDER BY seq"
        )

    def undelivered(self) -> list[Recorded]:
        """Return every Decided that says something and was neither delivered nor given up, oldest first."""
        found = self._events(
            "SELECT * FROM events AS answer WHERE kind = 'decided' AND action <> 'silent'"
            " AND NOT EXISTS ("
            " SELECT 1 FROM events WHERE kind IN ('delivered', 'undeliverable')"
            " AND message_id = answer.message_id"
            ") ORDER BY seq"
        )
        return [answer for answer in found if said(answer.event)]

    def unsent(self, channels: Collection[str], since: datetime) -> list[Recorded]:
        """
        Return what operators wrote to visitors of these channels, or edited, or the desk told them, and was neither delivered nor given up, oldest first.

        Args:
            since: how far back; conversations that are over, such as those from elsewhere, are left out.
        """
        return self._events(
            "SELECT * FROM events AS wrote"
            " WHERE kind IN ('operator_wrote', 'operator_edited', 'told') AND at >= ?"
            " AND channel IN (SELECT value FROM json_each(?)) AND NOT EXISTS ("
            " SELECT 1 FROM events WHERE kind IN ('delivered', 'undeliverable')"
            " AND message_id = wrote.message_id"
            ") AND NOT EXISTS ("
            " SELECT 1 FROM custody"
            " WHERE conversation_id = wrote.conversation_id AND kind = 'closed'"
            ") ORDER BY seq",
            timestamp(since),
            json.dumps(sorted(channels)),
        )

    def search(self, query: str, limit: int = 50, before: int = MAX_INTEGER) -> list[Recorded]:
        """Return what was said before the place `before` with all words of `query`, the newest first; any string is a legal query."""
        expression = matching(query)
        if not expression:
            return []
        return self._events(
            "SELECT events.* FROM said JOIN events ON events.seq = said.rowid"
            " WHERE said MATCH ? AND said.rowid < ? ORDER BY said.rowid DESC LIMIT ?",
            expression,
            before,
            limit,
        )

    def waiting(self) -> list[str]:
        """Return the open conversations that a person has, the one longest untouched by a person first."""
        rows = self._rows(
            "SELECT conversation_id FROM ("
            "  SELECT conversation_id, kind, max(seq) AS since FROM custody GROUP BY conversation_id"
            ") AS latest WHERE kind NOT IN ('given_back', 'closed') AND NOT EXISTS ("
            "  SELECT 1 FROM custody"
            "  WHERE conversation_id = latest.conversation_id AND kind = 'closed'"
            ") ORDER BY since"
        )
        return [row["conversation_id"] for row in rows]

    def with_person(self, conversation_id: str) -> bool:
        """Say whether the conversation was handed off, or taken, and not given back."""
        kind = self._value(
            "SELECT kind FROM custody WHERE conversation_id = ? AND kind NOT IN ('closed', 'released')"
            " ORDER BY seq DESC LIMIT 1",
            conversation_id,
        )
        return kind not in (None, "given_back")

    def standing(self, conversation_id: str) -> Standing:
        """Return who has the conversation."""
        return standing(
            self._events(
                "SELECT events.* FROM custody JOIN events ON events.seq = custody.seq"
                " WHERE custody.conversation_id = ? ORDER BY custody.seq",
                conversation_id,
            )
        )

    def current(self, visitor_id: str) -> str | None:
        """Return the visitor's latest conversation unless it was closed, however long it has been idle."""
        latest = self._value(
            "SELECT conversation_id FROM conversations WHERE visitor_id = ?"
            " ORDER BY number DESC LIMIT 1",
            visitor_id,
        )
        return None if latest is None or self._closed(latest) else str(latest)

    def _closed(self, conversation_id: str) -> bool:
        row = self._value(
            "SELECT 1 FROM custody WHERE conversation_id = ? AND kind = 'closed'", conversation_id
        )
        return row is not None

    def last_place(self, conversation_id: str) -> int:
        """Return the place of the conversation's last event, 0 where it has none."""
        sql = "SELECT coalesce(max(seq), 0) FROM events WHERE conversation_id = ?"
        return int(self._value(sql, conversation_id))

    def last_said(self, conversation_id: str) -> Recorded | None:
        """Return the latest words in the conversation; labels and thumbs do not keep it going."""
        return self._event(
            "SELECT * FROM events WHERE conversation_id = ?"
            " AND kind IN ('heard', 'decided', 'operator_wrote') ORDER BY seq DESC LIMIT 1",
            conversation_id,
        )

    def note(self, key: str) -> str:
        """Return the note under `key`, empty where there is none."""
        return str(self._value("SELECT text FROM notes WHERE key = ?", key) or "")

    def notes(self, prefix: str, limit: int) -> list[tuple[str, str]]:
        """Return the notes whose key begins with `prefix`, in the order in which they were kept: keys and texts."""
        rows = self._rows(
            "SELECT key, text FROM notes WHERE key >= ? AND key < ? ORDER BY rowid LIMIT ?",
            prefix,
            behind(prefix),
            limit,
        )
        return [(str(row["key"]), str(row["text"])) for row in rows]


class Reader(Readable):
    """
    The questions over a connection that cannot write, for any thread but for one at a time.

    It never checkpoints either: before SQLite 3.51.3 a checkpoint that races a write of another
    connection can lose commits (https://www.sqlite.org/wal.html, "the WAL-reset bug").
    """

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an existing log; it may be in use by a server."""
        if not path.is_file():
            raise damaged(path, "there is no such file")
        with translated(path):
            connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro",
                uri=True,
                timeout=BUSY,
                isolation_level=None,
                check_same_thread=False,
            )
        reader = cls(path, connection)
        try:
            reader._prepare()
        except BaseException:
            connection.close()
            raise
        return reader

    def _prepare(self) -> None:
        with translated(self.path):
            self._connection.execute("PRAGMA wal_autocheckpoint=0")
            db = Database(self._connection, recursive_triggers=False, execute_plugins=False)
            newer, older = unknown(db), MIGRATIONS.pending(db)
        if newer:
            raise damaged(self.path, f"a newer version wrote it, see {newer[0]}")
        if older:
            raise damaged(self.path, f"it lacks {older[0].name}, which a starting server adds")
