"""
Writing the log: the one connection that appends to it, and that does the checkpoints.

A batch of jobs is one transaction (`conversations.writable`). A job that contradicts the log is undone alone; a disk that refuses
fails the whole batch, of which nothing was stored.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from conversations.adoption import ADOPTED, Adopted, adopted
from conversations.erasure import ERASED, empty, forget, nobody, wordless
from conversations.errors import Held, LogError, Over, Overtaken, Rejected, fault
from conversations.events import (
    DESK,
    Closed,
    Decided,
    Delivered,
    Erased,
    Event,
    Heard,
    Joined,
    OperatorEdited,
    Recorded,
    Undeliverable,
    Utterance,
    Visitor,
)
from conversations.handover import Holder, silenced
from conversations.identity import give, let_in, named
from conversations.interchange import PastConversation
from conversations.jobs import Append, Done, Erase, Follow, Hear, Heeded, Job, Join, LetIn, Ran, Run
from conversations.lessons import Taught
from conversations.rows import (
    cleaned,
    event_row,
    said,
    timestamp,
    visitor_of_today,
    visitor_row,
)
from conversations.text import searchable
from conversations.writable import Writable

_COLUMNS = "conversation_id, kind, message_id, channel, external_id, in_reply_to, action, at, body"
_VALUES = ", ".join(f":{column}" for column in _COLUMNS.split(", "))
INSERT = f"INSERT INTO events ({_COLUMNS}) VALUES ({_VALUES})"  # noqa: S608 - two constants
INSERT_NUMBERED = f"INSERT INTO events (seq, {_COLUMNS}) VALUES (:seq, {_VALUES})"  # noqa: S608
WELCOME = (
    "INSERT INTO visitors (visitor_id, channel, address, name, network, segments)"
    " VALUES (:visitor_id, :channel, :address, :name, :network, :segments) ON CONFLICT (visitor_id)"
    " DO UPDATE SET name = excluded.name, network = excluded.network, segments = excluded.segments"
)
OWN = Utterance(
    channel=DESK, address=DESK, external_id="", text=""
)  # who "says" what is the desk's


class Store(Writable):
    """The log with its writing end, for the thread that opened it."""

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
        own += [event_row(conversation_id, visitor, cleaned(one.event), one.at) for one in fresh]
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
            case Append(conversation_id, event, owners):
                if owners is not None:
                    self._refuse_held(conversation_id, owners)
                return self._append(conversation_id, cleaned(event))
            case Follow():
                return self._follow(job)
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
        if isinstance(event, Decided) and self.with_person(conversation_id):  # so was this one
            event = silenced(event)
        return self._insert(conversation_id, visitor, event, self._means.clock())

    def _follow(self, job: Follow) -> Heeded:
        if self.last_place(job.conversation_id) > job.seen:
            raise Overtaken("Something was said or done in this conversation meanwhile.")
        heeded = [self._append(job.conversation_id, cleaned(event)) for event in job.events]
        return replace(heeded[-1], before=tuple(one.recorded for one in heeded[:-1]))

    def _refuse_held(self, conversation_id: str, owners: frozenset[str]) -> None:
        now = self.standing(conversation_id)
        if now.holder is Holder.CLOSED:
            raise Over("This conversation is closed: what is written now would reach nobody.")
        if now.owner not in owners:
            raise Held(now.owner)

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
            case OperatorEdited():
                return self.edit_of(event.replaces)
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
        row = event_row(conversation_id, visitor, event, at)
        seq = self._connection.execute(INSERT, row).lastrowid
        assert seq is not None  # noqa: S101 - an INSERT has a rowid
        if words := said(event):
            self._connection.execute(
                "INSERT INTO said (rowid, text) VALUES (?, ?)", (seq, searchable(words))
            )
        recorded = Recorded(seq, conversation_id, at.astimezone(UTC), event)
        return Heeded(recorded, visitor, fresh=True)


def _introduced(past: PastConversation) -> Utterance:
    """Return a silent utterance, by which the log gets to know the customer."""
    return Utterance(
        channel=past.channel,
        address=past.customer.id,
        external_id="",
        text="",
        name=past.customer.name,
    )
