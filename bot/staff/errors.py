"""
What can go wrong with the people who sign in, split by what the caller should do.

StaffError
├── NoSuchUser     the name is unknown
├── NoSuchText     no text of the team has the name
├── NameTaken      somebody has the name already
├── LastAdmin      nobody would be left who decides about people
├── Unacceptable   a name or a password that cannot be taken; the sentence says why
├── BookBusy       the file cannot be written at the moment: nothing was stored, try again
└── BookDamaged    the file cannot be used as it is: a person must act
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class StaffError(Exception):
    """What was asked about people cannot be done; one sentence says why."""


class NoSuchUser(StaffError):
    """The name is unknown."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no user {name!r}; frontdesk users list shows who there is.")


class NoSuchText(StaffError):
    """No text of the team has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no canned answer {name!r}.")


class NameTaken(StaffError):
    """Somebody has the name already."""


class LastAdmin(StaffError):
    """Nobody would be left who decides about people."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is the last admin who may sign in: make somebody else an admin first, "
            "with frontdesk users role NAME admin or on the page People."
        )


class Unacceptable(StaffError):
    """A name or a password that cannot be taken."""


class BookBusy(StaffError):
    """Nothing was stored; the same call may succeed later."""


class BookDamaged(StaffError):
    """The file is not one that this version can use."""


def damaged(path: Path, why: str) -> BookDamaged:
    return BookDamaged(
        f"{path} cannot be used as the file of users ({why}): restore it from a backup, "
        "or move it away and add the users anew."
    )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
        if code in _DAMAGE:
            raise damaged(path, str(error)) from error
        raise BookBusy(f"{path} cannot be used at the moment: {error}.") from error
    except OSError as error:
        raise BookBusy(f"{path} cannot be used at the moment: {error.strerror}.") from error
