"""
What can go wrong with the log, split by what the caller should do.

LogError
├── StorageUnavailable   the disk is full, the file is locked: nothing was stored, try again
├── Damaged              the file cannot be used as it is: a person must act, the message says how
└── Rejected             the event contradicts the log (an unknown conversation, another visitor's id)
    ├── Held             somebody else has the conversation
    ├── Overtaken        something happened in the conversation meanwhile
    └── Over             the conversation is closed
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SHORTAGE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_CANTOPEN,
}
_CONTRADICTION = {
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_RANGE,
}


class LogError(Exception):
    """The log could not do what was asked."""


class StorageUnavailable(LogError):
    """Nothing was stored; the same call may succeed later."""


class Damaged(LogError):
    """The file is not a log that this version can use."""


class Rejected(LogError):
    """The event contradicts the log; the same call will fail again."""


class Overtaken(Rejected):
    """Something happened in the conversation that the event did not know of."""


class Held(Rejected):
    """Somebody else has the conversation; the only argument is their name, empty where nobody has it."""

    @property
    def owner(self) -> str:
        return str(self.args[0])


class Over(Rejected):
    """The conversation is closed."""


def fault(path: Path, error: Exception) -> LogError:
    """Return what `error`, met while using the log at `path`, means to the caller."""
    match error:
        case LogError():
            return error
        case sqlite3.Error(sqlite_errorcode=int() as code):
            return _by_code(path, code & 0xFF, error)  # the low byte is the primary result code
        case _:  # the value could not even be bound
            return Rejected(f"The event cannot be stored: {error}")


def _by_code(path: Path, code: int, error: Exception) -> LogError:
    if code in _DAMAGE:
        return damaged(path, str(error))
    if code in _CONTRADICTION:
        return Rejected(f"The event contradicts the log: {error}")
    if code in _SHORTAGE:
        return StorageUnavailable(f"{path} cannot be used at the moment: {error}")
    return LogError(f"{path}: {error}")


def damaged(path: Path, why: str) -> Damaged:
    return Damaged(
        f"{path} cannot be used as the event log ({why}): restore it from a backup, "
        "or move it away to begin with an empty one."
    )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into the log's."""
    try:
        yield
    except sqlite3.Error as error:
        raise fault(path, error) from error
