"""
The file of the views: rows made of the log, with the place up to which they are.

Rows and place are written in one transaction, so that a crash loses nothing and counts nothing twice. The file is never the truth: one
of another version, of another log, or a damaged one is removed and made anew. It holds words of customers, so what is overwritten
leaves no copy behind, as in the log.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from conversations.events import Erased
from conversations.reader import BUSY
from conversations.views.happened import Happened
from conversations.views.source import Source
from conversations.views.table import View

BATCH = 1000  # events of one transaction; 50 ms of work
# Synced at checkpoints alone: after a power cut the last rows may be missing, and are made again.
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "cache_size=-32768")

logger = logging.getLogger(__name__)


class ViewFile:
    """The views with their writing end, for the thread that opened it."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, source: Source, views: Sequence[View]
    ) -> None:
        self.path = path
        self._connection = connection
        self._db = Database(connection, recursive_triggers=False, execute_plugins=False)
        self._source = source
        self._views = views
        self.seq = 0

    @classmethod
    def open(cls, path: Path, log: Path, views: Sequence[View], version: str) -> Self:
        """
        Open the file, or begin one where there is none that these views can go on with.

        Args:
            version: of everything that rows depend on besides the log.

        Raises:
            LogError: the log cannot be read.
            sqlite3.Error: nothing can be written.
        """
        source = Source.open(log)
        try:
            try:
                return cls._opened(path, source, views, version)
            except _Unusable as unusable:
                logger.info("the views are made anew: %s", unusable)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                logger.warning("the views are made anew, their file is damaged: %s", error)
            remove(path)
            return cls._opened(path, source, views, version)
        except BaseException:
            source.close()
            raise

    @classmethod
    def _opened(cls, path: Path, source: Source, views: Sequence[View], version: str) -> Self:
        connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
        try:
            file = cls(path, connection, source, views)
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            file._begin(version)
        except BaseException:
            connection.close()
            raise
        return file

    def _begin(self, version: str) -> None:
        if not self._db.table_names():
            self._create(version)
        check = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if check != "ok":
            raise _Unusable(check)
        found = self._connection.execute("SELECT version, seq, mark FROM place").fetchone()
        if found is None or found[0] != version:
            raise _Unusable("another version made them")
        if found[1] and self._source.mark(found[1]) != found[2]:
            raise _Unusable("they are of another log")
        self.seq = found[1]

    def _create(self, version: str) -> None:
        with self._db.atomic():
            place = self._db.table("place")
            place.create({"version": str, "seq": int, "mark": str}, strict=True)
            place.insert({"version": version, "seq": 0, "mark": ""})
            for view in self._views:
                view.create(self._db)

    def advance(self, limit: int = BATCH) -> list[Happened]:
        """Take in the next events, and return them; none where all are taken in."""
        happened, until = self._source.happened(self.seq, limit)
        if until == self.seq:
            return []
        with self._db.atomic():
            for view in self._views:
                view.take(self._connection, happened)
            self._connection.execute(
                "UPDATE place SET seq = ?, mark = ?", (until, self._source.mark(until))
            )
        self.seq = until
        if any(isinstance(one.event, Erased) for one in happened):
            with suppress(sqlite3.Error):  # a reader is in the way: it is overwritten in time
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return happened

    @property
    def behind(self) -> bool:
        """Whether there is more in the log."""
        return self._source.seq() > self.seq

    def catch_up(self) -> None:
        """Take in all there is."""
        while self.behind:
            self.advance()

    def close(self) -> None:
        self._connection.close()
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Unusable(Exception):
    """The file is sound, and no place to go on from; says why."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is at fault, and not the disk or somebody who is in the way."""
    return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def remove(path: Path) -> None:
    """Remove the file and what SQLite keeps beside it."""
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def reading(path: Path) -> sqlite3.Connection:
    """
    Open the file to ask one thing of it, in any thread; a fresh connection a question, so that a file made anew is found at once.

    Raises:
        sqlite3.Error: it is not there, or is being made anew.
    """
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY, isolation_level=None
    )
