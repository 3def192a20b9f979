"""
The event log as the event loop sees it: appended to by one writer thread, followed by subscribers.

What waits when the writer comes round is committed together, so that one sync to the disk serves many.
A caller that is cancelled while it waits loses the answer, not the event.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from conversations import notes
from conversations.errors import (
    Damaged,
    Held,
    LogError,
    Over,
    Overtaken,
    Rejected,
    StorageUnavailable,
)
from conversations.events import Event, Heard, Recorded, Utterance, Visitor
from conversations.followers import Followers
from conversations.handover import Standing
from conversations.jobs import Append, Done, Erase, Follow, Hear, Heeded, Job, Join, LetIn, Ran, Run
from conversations.notes import Address, Errand
from conversations.queries import MAX_INTEGER
from conversations.reader import Reader
from conversations.store import Store
from conversations.vault import Vault
from conversations.writer import Waiting, Writer

__all__ = [
    "Damaged",
    "EventLog",
    "Heeded",
    "Held",
    "LogError",
    "Over",
    "Overtaken",
    "Rejected",
    "StorageUnavailable",
]

BATCH = (
    256  # jobs in one commit: some 20 ms of work, so that the first of them does not wait for long
)
READERS = 2  # connections that answer questions; each holds a thread, and reads are short

Answer = TypeVar("Answer")
Follower = Callable[[Recorded], None]

logger = logging.getLogger(__name__)


class EventLog:
    """
    The log of one desk, open. `files` are those that came with words.

    Every method that asks or appends raises `StorageUnavailable` where the disk refuses (try again) and
    `Damaged` where the file is corrupt; appending raises `Rejected` where the event contradicts the log.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        files: Vault,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clock = clock
        self.files = files
        self._loop = asyncio.get_running_loop()
        self._writer = Writer(open_store, self._committed)
        self._readers = _Readers()
        self._followers = Followers[Recorded]("the log")
        self._closed = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: Path,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        session_idle: timedelta,
        max_bytes: int | None = None,
    ) -> AsyncIterator[EventLog]:
        """
        Open the log at `path`, or begin one, for as long as the context lasts.

        Args:
            session_idle: how long a conversation may rest before the next utterance opens another.
            max_bytes: the size at which the file counts as a full disk; unbounded if not given.

        Raises:
            Damaged: one sentence names the file, what is wrong and the way out.
        """
        files = await asyncio.to_thread(
            Vault, path.with_suffix(".files"), clock=clock, new_id=new_id
        )
        log = cls(
            partial(
                Store.open,
                path,
                clock=clock,
                new_id=new_id,
                session_idle=session_idle,
                max_bytes=max_bytes,
            ),
            files,
            clock,
        )
        try:
            await asyncio.wrap_future(log._writer.start())
            await asyncio.to_thread(log._readers.open, path)
            yield log
        finally:
            log._closed = True
            await asyncio.to_thread(log._close)

    def _close(self) -> None:
        """Readers first: only with the writer alone can the write-ahead log be emptied and removed."""
        self._readers.close()
        self._writer.close()

    async def hear(self, utterance: Utterance) -> Heeded:
        """Append what a customer said; a repeat returns the first one's record, not fresh."""
        return await self._write(Hear(utterance))

    async def append(
        self, conversation_id: str, event: Event, *, owners: Iterable[str] | None = None
    ) -> Recorded:
        """
        Append an event.

        An utterance has one Decided, a message one Delivered or Undeliverable, and a wording one OperatorEdited that
        replaces it: a second one returns the first one's record. A Decided says nothing where a person has the conversation by then.

        Args:
            owners: those who may have the conversation, the empty name for nobody; None asks nothing.

        Raises:
            Held: somebody else has it by then; nothing was appended.
            Over: it is closed.
        """
        among = None if owners is None else frozenset(owners)
        return (await self._write(Append(conversation_id, event, among))).recorded

    async def follow_up(
        self, conversation_id: str, events: Sequence[Event], *, seen: int
    ) -> list[Recorded]:
        """
        Append events that follow from what a conversation has up to `seen`, all or none.

        Raises:
            Overtaken: something happened in it meanwhile; nothing was appended.
        """
        done = await self._write(Follow(conversation_id, tuple(events), seen))
        return [*done.before, done.recorded]

    async def erase(self, visitor_id: str, by: str) -> Recorded:
        """
        Empty everything that a visitor said and was told; returns the Erased.

        Raises:
            Rejected: there is no such visitor.
        """
        return (await self._write(Erase(visitor_id, by))).recorded

    async def join(self, channel: str, address: str, identity: str, name: str = "") -> Recorded:
        """
        Give the conversations of the visitor at `address` to the one at `identity`; returns the last Joined.

        Raises:
            Rejected: nobody at `address` has a conversation.
        """
        return (await self._write(Join(channel, address, identity, name))).recorded

    async def let_in(self, address: str, identity: str) -> None:
        """Let the browser at `address` in as the visitor at `identity` from now on; as nobody where that is empty."""
        await self._done(LetIn(address, identity))

    async def session(self, address: str) -> tuple[str, datetime] | None:
        """Return the visitor's address as whom a browser is let in, and since when."""
        return await self._ask(lambda reader: reader.session(address))

    async def keep_note(self, key: str, text: str, lasts: timedelta | None = None) -> None:
        """Keep a text under `key` in the place of the one there was, beside the log; an empty one is none."""
        await self._run(notes.keep(key, text, lasts))

    async def drop_notes(self, prefix: str) -> None:
        """Remove every note whose key begins with `prefix`."""
        await self._run(notes.drop(prefix))

    async def fresh_note(self, key: str) -> str:
        """Return the note under `key`, empty where there is none, or its time is over."""
        return await self._run(notes.fresh(key))

    async def bind_once(self, key: str, face: Address) -> bool:
        """Bind `face` to the address that the note under `key` is about, once, in one step; false where it is about none, or used."""
        return bool(await self._run(notes.bind_once(key, face)))

    async def bind(self, home: Address, face: Address) -> None:
        """Take whoever speaks from `face` for the visitor at `home` from now on: their conversations are one."""
        await self._run(notes.bind(home, face))

    async def _run(self, errand: Errand) -> str:
        ran = await self._done(Run(errand))
        assert isinstance(ran, Ran)  # noqa: S101 - what comes of an errand, said once
        return ran.text

    async def _write(self, job: Job) -> Heeded:
        done = await self._done(job)
        assert isinstance(done, Heeded)  # noqa: S101 - every job but LetIn and Run leaves an event
        return done

    async def _done(self, job: Job) -> Done:
        if self._closed:
            raise StorageUnavailable("The event log is closed.")
        future: asyncio.Future[Done] = self._loop.create_future()
        self._writer.put(Waiting(job, future))
        return await future

    def _committed(self, batch: Sequence[Waiting], outcomes: Sequence[Done | LogError]) -> None:
        """Tell the loop what came of a batch; called by the writer thread."""
        with suppress(RuntimeError):  # the loop was torn down without closing the log: nobody waits
            self._loop.call_soon_threadsafe(self._settle, batch, outcomes)

    def _settle(self, batch: Sequence[Waiting], outcomes: Sequence[Done | LogError]) -> None:
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.resolve(outcome)
        for outcome in outcomes:  # in the order of the jobs, which is the order of seq
            if isinstance(outcome, Heeded) and outcome.fresh:
                for recorded in (*outcome.before, outcome.recorded):
                    self._followers.tell(recorded, recorded.seq)

    def subscribe(self, follower: Follower) -> Callable[[], None]:
        """
        Call `follower` on the event loop with every event committed from now on, in the order of `seq`.

        Returns what ends it.
        """
        return self._followers.add(follower)

    async def history(self, conversation_id: str, after: int = 0) -> list[Recorded]:
        """Return the conversation's events behind `after`."""
        return await self._ask(lambda reader: reader.history(conversation_id, after))

    async def recent(self, visitor_id: str, limit: int) -> list[Recorded]:
        """Return the visitor's last events, `limit` at most, over all their conversations in the order of the log."""
        return await self._ask(lambda reader: reader.recent(visitor_id, limit))

    async def seq(self) -> int:
        """Return the place of the last event, 0 in an empty log."""
        return await self._ask(Reader.seq)

    async def events(self, after: int, limit: int) -> list[Recorded]:
        """Return the next events behind `after`, `limit` at most, in the order of the log."""
        return await self._ask(lambda reader: list(islice(reader.events(after), limit)))

    async def answered(
        self, after: int, limit: int
    ) -> list[tuple[Visitor, Recorded, Heard | None]]:
        """Return the next decisions and thumbs behind `after`, `limit` at most, each with its visitor, a decision with what it answers."""
        return await self._ask(lambda reader: reader.answered(after, limit))

    async def exchanged(self, after: int, limit: int) -> list[tuple[Visitor, Recorded]]:
        """Return what customers and operators said next behind `after`, `limit` at most, each with its visitor; see `Readable.exchanged`."""
        return await self._ask(lambda reader: reader.exchanged(after, limit))

    async def labels(self) -> list[Recorded]:
        """Return every label and dismissal, given or taken back, in the order of the log."""
        return await self._ask(Reader.labels)

    async def decision_on(self, message_id: str) -> Recorded | None:
        """Return the Decided in reply to the Heard `message_id`."""
        return await self._ask(lambda reader: reader.decision_on(message_id))

    async def message(self, message_id: str) -> Recorded | None:
        """Return the Heard, Decided, OperatorWrote or Told with this id."""
        return await self._ask(lambda reader: reader.message(message_id))

    async def visitor(self, channel: str, address: str) -> Visitor | None:
        """Return the visitor whom the channel knows as `address`."""
        return await self._ask(lambda reader: reader.visitor(channel, address))

    async def visitors_at(self, channel: str, address: str) -> list[Visitor]:
        """Return every visitor that spoke from this address: before it led to one of another channel, and since."""
        return await self._ask(lambda reader: reader.visitors_at(channel, address))

    async def addressee(self, conversation_id: str, channel: str = "") -> Visitor | None:
        """Return the visitor who has this conversation, as the channel knows them that they last wrote from, or as `channel` does."""
        return await self._ask(lambda reader: reader.addressee(conversation_id, channel))

    async def is_at(self, visitor: Visitor, address: str) -> bool:
        """Say whether an address is a visitor's own, or leads to them."""
        return await self._ask(lambda reader: reader.is_at(visitor, address))

    async def heard(self, channel: str, external_id: str) -> Recorded | None:
        """Return the Heard that the channel knows as `external_id`."""
        return await self._ask(lambda reader: reader.heard(channel, external_id))

    async def note(self, key: str) -> str:
        """Return the note under `key`, empty where there is none."""
        return await self._ask(lambda reader: reader.note(key))

    async def notes(self, prefix: str, limit: int = MAX_INTEGER) -> list[tuple[str, str]]:
        """Return the notes whose key begins with `prefix`, in the order in which they were kept: keys and texts."""
        return await self._ask(lambda reader: reader.notes(prefix, limit))

    async def visitor_called(self, visitor_id: str) -> Visitor | None:
        """Return the visitor who has this id in the log."""
        return await self._ask(lambda reader: reader.visitor_called(visitor_id))

    async def everything_of(self, visitor_id: str) -> list[Recorded]:
        """Return all events of the visitor's conversations, in the order of the log."""
        return await self._ask(lambda reader: reader.everything_of(visitor_id))

    async def visitor_of(self, conversation_id: str) -> Visitor | None:
        """Return the visitor who has this conversation."""
        return await self._ask(lambda reader: reader.visitor_of(conversation_id))

    async def visitors(self, conversations: Collection[str]) -> Mapping[str, Visitor]:
        """Return who has each of these conversations; see `Readable.visitors`."""
        return await self._ask(lambda reader: reader.visitors(conversations))

    async def current(self, visitor_id: str) -> str | None:
        """Return the visitor's latest conversation unless it was closed, however long it has been idle."""
        return await self._ask(lambda reader: reader.current(visitor_id))

    async def standing(self, conversation_id: str) -> Standing:
        """Return who has the conversation."""
        return await self._ask(lambda reader: reader.standing(conversation_id))

    async def with_person(self, conversation_id: str) -> bool:
        """Say whether the conversation was handed off, or taken, and not given back."""
        return await self._ask(lambda reader: reader.with_person(conversation_id))

    async def taught_as(self, external_id: str) -> Recorded | None:
        """Return the Taught that its caller knows as `external_id`."""
        return await self._ask(lambda reader: reader.taught_as(external_id))

    async def teachings(self, until: int = MAX_INTEGER) -> list[Recorded]:
        """Return what operators taught, labelled and took back up to `until`, and the utterances that they labelled."""
        return await self._ask(lambda reader: reader.teachings(until))

    async def unanswered(self) -> list[Recorded]:
        """Return every Heard without a Decided, oldest first."""
        return await self._ask(Reader.unanswered)

    async def undelivered(self) -> list[Recorded]:
        """Return every Decided that says something and was neither delivered nor given up, oldest first."""
        return await self._ask(Reader.undelivered)

    async def unsent(self, channels: Collection[str]) -> list[Recorded]:
        """Return what operators wrote, and the desk told, visitors of these channels within a day and was neither delivered nor given up."""
        since = self._clock() - timedelta(days=1)
        return await self._ask(lambda reader: reader.unsent(channels, since))

    async def search(
        self, query: str, limit: int = 50, before: int = MAX_INTEGER
    ) -> list[Recorded]:
        """Return what was said before a place with all words of `query`, the newest first; any string is a legal query."""
        return await self._ask(lambda reader: reader.search(query, limit, before))

    async def waiting(self) -> list[str]:
        """Return the open conversations that a person has, the one longest untouched by a person first."""
        return await self._ask(Reader.waiting)

    async def _ask(self, question: Callable[[Reader], Answer]) -> Answer:
        if self._closed:
            raise StorageUnavailable("The event log is closed.")
        return await self._loop.run_in_executor(self._readers.pool, self._readers.answer, question)


class _Readers:
    """A few read-only connections and the threads that use them."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(READERS, thread_name_prefix="event-log-reader")
        self._idle: SimpleQueue[Reader] = SimpleQueue()

    def open(self, path: Path) -> None:
        for _ in range(READERS):
            self._idle.put(Reader.open(path))

    def answer(self, question: Callable[[Reader], Answer]) -> Answer:
        reader = self._idle.get()  # there is one: the pool has as many threads
        try:
            return question(reader)
        finally:
            self._idle.put(reader)

    def close(self) -> None:
        """Let the questions in progress end, then close."""
        self.pool.shutdown(wait=True)
        while not self._idle.empty():
            self._idle.get().close()
