"""
The log's file at its writing end: looked over before the first write, its tables brought up to date, its size limited, closed.

A transaction is synced before it returns (`synchronous=FULL`: with NORMAL a power cut can drop what was acknowledged).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from conversations.errors import damaged, translated
from conversations.migrations import MIGRATIONS, unknown
from conversations.reader import BUSY, Readable

# What is overwritten or moved leaves no copy of itself behind in the file: erasing depends on it.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
CACHE = 64 * 2**20  # bytes at most; an import touches the indexes everywhere, a server a few pages
WAL_KEPT = 64 * 2**20  # bytes the write-ahead log shrinks back to after a long reader made it grow


@dataclass(frozen=True, slots=True)
class Means:
    """What the store is handed from outside: the time, fresh ids, and how long a session may rest."""

    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    session_idle: timedelta


class Writable(Readable):
    """A log that can be written to, for the thread that opened it."""

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


def _refuse_remains(path: Path) -> None:
    """SQLite would take both for a new log, and drop what the write-ahead log still holds."""
    if path.is_file() and path.stat().st_size == 0:
        raise damaged(path, "the file is empty")
    if not path.exists() and Path(f"{path}-wal").exists():
        raise damaged(path, f"it is gone while {path.name}-wal is there")
