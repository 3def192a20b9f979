"""
Writing the log: the one connection that appends to it, and that does the checkpoints.

A batch of jobs is one transaction, synced before it returns (`synchronous=FULL`: with NORMAL a power cut
can drop what was acknowledged). A job that contradicts the log is undone alone; a disk that refuses
fails the whole batch, of which nothing was stored.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from conversations.adoption import ADOPTED, Adopted, adopted
from conversations.erasure import ERASED, empty, forget, nobody, wordless
from conversations.errors import LogError, Rejected, damaged, fault, translated
from conversations.events import (
    DESK,
    Closed,
    Decided,
    Delivered,
    Erased,
    Event,
    Heard,
    Joined,
    Recorded,
    Taught,
    Undeliverable,
    Utterance,
    Visitor,
)
from conversations.identity import give, let_in, named
from conversations.interchange import PastConversation
from conversations.jobs import Append, Done, Erase, Hear, Heeded, Job, Join, LetIn, Ran, Run
from conversations.migrations import MIGRATIONS, unknown
from conversations.reader import BUSY, Readable
from conversations.rows import (
    cleaned,
    encode,
    said,
    timestamp,
    visitor_of_today,
    visitor_row,
)
from conversations.text import searchable

_COLUMNS = "conversation_id, kind, message_id, channel, external_id, in_reply_to, action, at, body"
_VALUES = ", ".join(f":{column}" for column in _COLUMNS.split(", "))
INSERT = f"INSERT INTO events ({_COLUMNS}) VALUES ({_VALUES})"  # noqa: S608 - two constants
INSERT_NUMBERED = f"INSERT INTO events (seq, {_COLUMNS}) VALUES (:seq, {_VALUES})"  # noqa: S608
WELCOME = (
    "INSERT INTO visitors (visitor_id, channel, address, name, network, segments)"
    " VALUES (:visitor_id, :channel, :address, :name, :network, :segments) ON CONFLICT (visitor_id)"
    " DO UPDATE SET name = excluded.name, network = excluded.network, segments = excluded.segments"
)
# What is overwritten or moved leaves no copy of itself behind in the file: erasing depends on it.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
CACHE = 64 * 2**20  # bytes at most; an import touches the indexes everywhere, a server a few pages
OWN = Utterance(
    channel=DESK, address=DESK, external_id="", text=""
)  # who "says" what is the desk's
WAL_KEPT = 64 * 2**20  # bytes the write-ahead log shrinks back to after a long reader made it grow


@dataclass(frozen=True, slots=True)
class Means:
    """What the store is handed from outside: the time, fresh ids, and how long a session may rest."""

    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    session_idle: timedelta


class Store(Readable):
    """The log with its writing end, for the thread that opened it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, means: Means) -> None:
        super().__init__(path, connection)
        self._means = means

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        session_idle: timedelta,
        max_bytes: int | None = None,
    ) -> Self:
        """
        Open the log, or begin one where there is no file, and bring its tables up to date.

        Raises:
            Damaged: the file is not a log that this version can use; it was left as it is.
            StorageUnavailable: the file cannot be opened or written at the moment.
        """
        _refuse_remains(path)
        with translated(path):
            connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
        store = cls(path, connection, Means(clock, new_id, session_idle))
        try:
            store._prepare()
            store.limit(max_bytes)
        except BaseException:
            connection.close()
            raise
        return store

    def _prepare(self) -> None:
        with translated(self.path):
            db = Database(self._connection, recursive_triggers=False, execute_plugins=False)
            self._refuse_foreign(db)
            for pragma in PRAGMAS:
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.execute(f"PRAGMA journal_size_limit={WAL_KEPT}")
            self._connection.execute(f"PRAGMA cache_size=-{CACHE // 1024}")
            MIGRATIONS.apply(db)

    def _refuse_foreign(self, db: Database) -> None:
        """Look before the first write: what is refused stays as it is."""
        check = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if check != "ok":
            raise damaged(self.path, f"quick_check: {check}")
        if newer := unknown(db):
            raise damaged(self.path, f"a newer version wrote it, see {newer[0]}")
        if db.table_names() and not MIGRATIONS.applied(db):
            raise damaged(self.path, "it is another program's database")

    def limit(self, max_bytes: int | None) -> None:
        """Let the file grow no further than this, so that the log leaves room on the disk for others."""
        page = int(self._value("PRAGMA page_size"))
        pages = 2**32 - 2 if max_bytes is None else max(1, max_bytes // page)
        self._value(f"PRAGMA max_page_count={pages}")

    def close(self) -> None:
        """Move everything from the write-ahead log into the file, if the disk lets us, and close."""
        with suppress(sqlite3.Error):  # what could not be moved is as durable where it is
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        super().close()

    def hear(self, utterance: Utterance) -> Heeded:
        """Append what a customer said, once: a repeat returns the first."""
        return self._alone(Hear(utterance))

    def append(self, conversation_id: str, event: Event) -> Recorded:
        """Append an event; an utterance is answered once and an answer delivered once, so a repeat returns the first."""
        return self._alone(Append(conversation_id, event)).recorded

    def _alone(self, job: Job) -> Heeded:
        [outcome] = self.write([job])
        if isinstance(outcome, LogError):
            raise outcome
        assert isinstance(outcome, Heeded)  # noqa: S101 - every job but LetIn and Run leaves an event
        return outcome

    def write(self, jobs: Sequence[Job]) -> list[Done | LogError]:
        """
        Do the jobs in one transaction and return, in their order, what came of each.

        Raises:
            StorageUnavailable: the disk refused; nothing of any job was stored.
            Damaged: the file is corrupt; nothing of any job was stored.
        """
        with self._transaction():
            outcomes = [self._attempt(job) for job in jobs]
        if any(isinstance(job, Erase) for job in jobs):
            self._forget_pages()
        return outcomes

    def adopt(self, conversations: Sequence[PastConversation]) -> list[int]:
        """
        Append conversations from elsewhere, with their own times, in one transaction.

        A message that is in the log already stays as it is, so that a longer export of a conversation adds its new ones.

        Returns:
            How many messages of each conversation were new.

        Raises:
            StorageUnavailable: the disk refused; nothing of any conversation was stored.
        """
        with self._transaction():
            rows: dict[str, list[dict[str, Any]]] = {}  # by conversation, which may come twice
            fresh = [self._adopt(conversation, rows) for conversation in conversations]
            self._insert_all([row for of_one in rows.values() for row in of_one])
        return fresh

    def _adopt(self, past: PastConversation, rows: dict[str, list[dict[str, Any]]]) -> int:
        """Open the conversation where it is new, add the rows of its new events, and return how many messages are new."""
        conversation_id, events = adopted(past)
        visitor = self.visitor_of(conversation_id)
        if visitor is None:
            visitor = self._welcome(cleaned(_introduced(past)))
            self._open(conversation_id, visitor, past.started)
        own = rows.setdefault(conversation_id, [])
        known = self._message_ids(conversation_id) | {row["message_id"] for row in own}
        fresh = [one for one in events if one.message_id not in known]
        if fresh and not known:
            fresh.append(Adopted("", fresh[-1].at, Closed(reason=ADOPTED)))
        own += [_row(conversation_id, visitor, cleaned(one.event), one.at) for one in fresh]
        return sum(bool(said(one.event)) for one in fresh)

    def _message_ids(self, conversation_id: str) -> set[str]:
        rows = self._rows(
            "SELECT message_id FROM events WHERE conversation_id = ?", conversation_id
        )
        return {row["message_id"] for row in rows}

    def _insert_all(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows of events in their order; many at once take half the time."""
        last = self._value("SELECT seq FROM sqlite_sequence WHERE name = 'events'") or 0
        numbered = [{**row, "seq": seq} for seq, row in enumerate(rows, start=last + 1)]
        self._connection.executemany(INSERT_NUMBERED, numbered)
        self._connection.executemany(
            "INSERT INTO said (rowid, text) VALUES (?, ?)",
            [(row["seq"], searchable(row["said"])) for row in numbered if row["said"]],
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with translated(self.path):
            self._roll_back()  # of a batch whose own rollback met a broken disk
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._roll_back()
                raise

    def _roll_back(self) -> None:
        """SQLite has rolled back by itself where the disk was full, and a second ROLLBACK would raise."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _attempt(self, job: Job) -> Done | LogError:
        self._connection.execute("SAVEPOINT job")
        try:
            outcome: Done | LogError = self._do(job)
        except Exception as error:  # whatever is wrong with this job, the others are fine
            outcome = fault(self.path, error)
            if not isinstance(outcome, Rejected):
                raise outcome from error
            outcome.__cause__ = error
            self._connection.execute("ROLLBACK TO job")
        self._connection.execute("RELEASE job")
        return outcome

    def _do(self, job: Job) -> Done:
        match job:
            case Hear(utterance):
                return self._hear(cleaned(utterance))
            case Append(conversation_id, event):
                return self._append(conversation_id, cleaned(event))
            case Erase(visitor_id, by):
                return self._erase(visitor_id, by)
            case Join():
                return self._join(job)
            case LetIn(address, identity):
                let_in(self._connection, address, identity, self._means.clock())
                return None
            case Run(errand):
                return Ran(errand(self._connection, self._means.clock()))

    def _hear(self, utterance: Utterance) -> Heeded:
        first = self.heard(utterance.channel, utterance.external_id)
        if first is not None:
            return self._repeated(first, utterance)
        now = self._means.clock()
        visitor = self._welcome(utterance)
        conversation_id = self._conversation(visitor, now)
        heard = Heard(
            message_id=self._means.new_id(),
            external_id=utterance.external_id,
            text=utterance.text,
            chosen=utterance.chosen,
            tapped=utterance.tapped,
            files=utterance.files,
            corrects=self._edited(utterance),
        )
        return self._insert(conversation_id, visitor, heard, now)

    def _edited(self, utterance: Utterance) -> str:
        """Return the id of the message that an utterance takes the place of, empty where it is unknown."""
        first = self.heard(utterance.channel, utterance.corrects) if utterance.corrects else None
        return first.event.message_id if first and isinstance(first.event, Heard) else ""

    def _repeated(self, first: Recorded, utterance: Utterance) -> Heeded:
        visitor = self.addressee(first.conversation_id, utterance.channel)
        if visitor is None or visitor.address != utterance.address:
            # A browser chooses its ids itself: one visitor must not get another's words by naming one.
            raise Rejected("This external id belongs to another visitor's message.")
        return Heeded(first, visitor, fresh=False)

    def _append(self, conversation_id: str, event: Event) -> Heeded:
        visitor = self.addressee(conversation_id)
        if visitor is None and conversation_id == DESK:
            visitor = self._welcome(OWN)
            self._open(DESK, visitor, self._means.clock())
        if visitor is None:
            raise Rejected(f"There is no conversation {conversation_id!r}.")
        first = self._first(visitor, event)
        if first is not None:
            return Heeded(first, visitor, fresh=False)
        if visitor.address.startswith(ERASED):  # an answer that was on its way
            event = wordless(event)
        return self._insert(conversation_id, visitor, event, self._means.clock())

    def _join(self, job: Join) -> Heeded:
        """Move the conversations, each with a word about it, and forget whoever had them: nobody is at that address any more."""
        unnamed = self.visitor(job.channel, job.address)
        moved = self.conversations_of(unnamed.visitor_id) if unnamed else []
        if unnamed is None or not moved:
            raise Rejected("Nobody at this address has a conversation.")
        known = self._welcome(named(unnamed, job))
        give(self._connection, unnamed, known)
        event, now = (
            Joined(visitor_id=known.visitor_id, before=unnamed.visitor_id),
            self._means.clock(),
        )
        return [self._insert(conversation, known, event, now) for conversation in moved][-1]

    def _erase(self, visitor_id: str, by: str) -> Heeded:
        """Empty everything of a visitor, and write down that it was done."""
        visitor, events = self.visitor_called(visitor_id), self.everything_of(visitor_id)
        if visitor is None or visitor.channel == DESK or not events:
            raise Rejected(f"There is no visitor {visitor_id!r}.")
        taught = self.taught_from(
            [r.event.message_id for r in events if isinstance(r.event, Heard)]
        )
        emptied = empty(self._connection, events, taught)
        forget(self._connection, visitor)
        unnamed, now = nobody(visitor), self._means.clock()
        for conversation_id in dict.fromkeys(r.conversation_id for r in events):
            if not self._closed(conversation_id):
                self._insert(conversation_id, unnamed, Closed(reason="erased"), now)
        erased = cleaned(Erased(by=by, events=emptied))
        return self._insert(events[-1].conversation_id, unnamed, erased, now)

    def _forget_pages(self) -> None:
        """Let nothing of what was erased stay in the write-ahead log; where a reader is in the way, it is overwritten in time."""
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _first(self, visitor: Visitor, event: Event) -> Recorded | None:
        """Return the event that this one would repeat; the unique indexes say the same."""
        match event:
            case Heard():
                return self.heard(visitor.channel, event.external_id)
            case Decided():
                return self.decision_on(event.in_reply_to)
            case Delivered() | Undeliverable():
                return self.delivery_of(event.message_id)
            case Taught():
                return self.taught_as(event.external_id)
            case _:
                return None

    def _welcome(self, utterance: Utterance) -> Visitor:
        """Find the visitor, under the name of today and of the first network known, or write a new one down."""
        known = self.visitor(utterance.channel, utterance.address)
        visitor = visitor_of_today(utterance, known, self._means.new_id)
        if visitor != known:
            home = self.visitor_called(visitor.visitor_id) or visitor
            row = replace(visitor, channel=home.channel, address=home.address)
            self._connection.execute(WELCOME, visitor_row(row))
        return visitor

    def _conversation(self, visitor: Visitor, now: datetime) -> str:
        """Return the visitor's conversation if it still goes on, or open another."""
        current = self.current(visitor.visitor_id)
        if current is not None and self._goes_on(current, now):
            return current
        opened = self._means.new_id()
        self._open(opened, visitor, now)
        return opened

    def _open(self, conversation_id: str, visitor: Visitor, at: datetime) -> None:
        self._connection.execute(
            "INSERT INTO conversations (conversation_id, visitor_id, opened) VALUES (?, ?, ?)",
            (conversation_id, visitor.visitor_id, timestamp(at)),
        )

    def _goes_on(self, conversation_id: str, now: datetime) -> bool:
        last = self.last_said(conversation_id)
        rested = last is not None and now - last.at > self._means.session_idle
        return not rested or self.with_person(conversation_id)

    def _insert(self, conversation_id: str, visitor: Visitor, event: Event, at: datetime) -> Heeded:
        row = _row(conversation_id, visitor, event, at)
        seq = self._connection.execute(INSERT, row).lastrowid
        assert seq is not None  # noqa: S101 - an INSERT has a rowid
        if words := said(event):
            self._connection.execute(
                "INSERT INTO said (rowid, text) VALUES (?, ?)", (seq, searchable(words))
            )
        recorded = Recorded(seq, conversation_id, at.astimezone(UTC), event)
        return Heeded(recorded, visitor, fresh=True)


def _row(conversation_id: str, visitor: Visitor, event: Event, at: datetime) -> dict[str, Any]:
    """Return the columns of a cleaned event, and what is `said` in it."""
    return encode(event) | {
        "conversation_id": conversation_id,
        "channel": visitor.channel,
        "at": timestamp(at),
        "said": said(event),
    }


def _introduced(past: PastConversation) -> Utterance:
    """Return a silent utterance, by which the log gets to know the customer."""
    return Utterance(
        channel=past.channel,
        address=past.customer.id,
        external_id="",
        text="",
        name=past.customer.name,
    )


def _refuse_remains(path: Path) -> None:
    """SQLite would take both for a new log, and drop what the write-ahead log still holds."""
    if path.is_file() and path.stat().st_size == 0:
        raise damaged(path, "the file is empty")
    if not path.exists() and Path(f"{path}-wal").exists():
        raise damaged(path, f"it is gone while {path.name}-wal is there")
