"""
The views as the event loop sees them: kept up by one thread that follows the log, asked from others.

A commit to the log wakes the thread, which reads what is new by its place; a wake-up that is lost costs a moment, never an event.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import TypeVar

from conversations.errors import LogError, StorageUnavailable
from conversations.followers import Followers
from conversations.log import EventLog
from conversations.views.file import BATCH, ViewFile, is_damage, reading, remove
from conversations.views.happened import Happened
from conversations.views.table import View

ASKERS = 2  # threads that answer questions
LATEST = 1.0  # seconds until the thread looks by itself
AGAIN = 5.0  # seconds until it tries again after a disk refused
PAUSE = 0.5  # of the time that a batch took, for the server to breathe while there is much to catch up with
PATIENCE = 5.0  # seconds that somebody who wants to see what they just did waits at most

Answer = TypeVar("Answer")
Follower = Callable[[Sequence[Happened]], None]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """What a file of views is made of; see `ViewFile.open`."""

    path: Path
    log: Path
    views: Sequence[View]
    version: str

    def open(self) -> ViewFile:
        return ViewFile.open(self.path, self.log, self.views, self.version)


class Views:
    """The views of one desk, open."""

    def __init__(self, log: EventLog, made: Made) -> None:
        self._log = log
        self._made = made
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(ASKERS, thread_name_prefix="views-asker")
        self._thread = Thread(target=self._run, name="views", daemon=True)
        self._woken, self._ended, self._suspect = Signal(), Signal(), Signal()
        self._followers = Followers[Sequence[Happened]]("the views")
        self._moved = asyncio.Event()
        self.seq = -1  # before the log's first place: not even the tables are there

    @classmethod
    @asynccontextmanager
    async def open(cls, log: EventLog, made: Made) -> AsyncIterator[Views]:
        """Follow the log for as long as the context lasts; what was written before is taken in meanwhile."""
        views = cls(log, made)
        unsubscribe = log.subscribe(lambda _: views._woken.set())
        views._thread.start()
        try:
            yield views
        finally:
            unsubscribe()
            await asyncio.to_thread(views._close)

    def _close(self) -> None:
        self._ended.set()
        self._woken.set()
        self._thread.join()
        self._pool.shutdown(wait=True)

    def subscribe(self, follower: Follower) -> Callable[[], None]:
        """
        Call `follower` on the event loop with the events that the views have just taken in; for a whole batch with more behind it, with none.

        Returns what ends it.
        """
        return self._followers.add(follower)

    async def ask(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """
        Return what a question finds in the views up to now.

        Raises:
            StorageUnavailable: they are being made anew, or the disk refuses.
        """
        return await self._loop.run_in_executor(self._pool, self._asked, question)

    async def caught_up(self, patience: float = PATIENCE) -> bool:
        """Wait until all that is in the log by now is in the views; false where that takes longer than it may, in seconds."""
        wanted = await self._log.seq()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self.seq < wanted:
                    self._moved.clear()
                    await self._moved.wait()
        return self.seq >= wanted

    async def behind(self) -> int:
        """Return how many places of the log are not in the views yet."""
        return max(0, await self._log.seq() - self.seq)

    def _asked(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        try:
            with closing(reading(self._made.path)) as connection:
                return question(connection)
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                self._suspect.set()
                self._woken.set()
            raise StorageUnavailable(
                f"{self._made.path} cannot be asked at the moment: {error}"
            ) from error

    def _run(self) -> None:
        """Follow the log until the end; whatever goes wrong, try again: nothing but the views depends on it."""
        while not self._ended.is_set():
            try:
                with self._made.open() as file:
                    self._suspect.clear()
                    self._follow(file)
            except (sqlite3.Error, LogError, OSError) as error:
                logger.warning("the views stand still: %s", error)
                if isinstance(error, sqlite3.DatabaseError) and is_damage(error):
                    remove(self._made.path)
                self._ended.wait(AGAIN)
            except Exception:
                logger.exception("the views stand still")
                self._ended.wait(AGAIN)

    def _follow(self, file: ViewFile) -> None:
        self._tell(file.seq, ())
        while not self._ended.is_set() and not self._suspect.is_set():
            self._woken.clear()
            begun = time.monotonic()
            happened = file.advance()
            behind = file.behind
            if file.seq != self.seq:
                much = (
                    behind and len(happened) == BATCH
                )  # the past is taken in, and not what happens now
                self._tell(file.seq, () if much else happened)
            if behind:
                self._ended.wait((time.monotonic() - begun) * PAUSE)
            else:
                self._woken.wait(LATEST)

    def _tell(self, seq: int, happened: Sequence[Happened]) -> None:
        self.seq = seq  # before anybody is woken who waits for it
        with suppress(RuntimeError):  # the loop was torn down: nobody listens
            self._loop.call_soon_threadsafe(self._told, seq, happened)

    def _told(self, seq: int, happened: Sequence[Happened]) -> None:
        self._moved.set()
        self._followers.tell(happened, seq)
