"""
The audit log: who changed what and when, line after line, never changed afterwards.

Each line carries a hash over itself and the hash before it, so that a changed or missing line breaks the chain at its
place. Lines that are missing at the end show by the number that SQLite remembers it has given last. Whoever may write the
file can make a whole chain anew: note the last hash elsewhere to know of that too.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import datetime

from bot.staff.roles import By

SIGNED_IN = "signed in"
LONGEST = 200  # characters of what is kept of a value before and after
_COLUMNS = "at, who, via, network, what, subject, before, after"


@dataclass(frozen=True, slots=True)
class Line:
    """
    What somebody did: `what`, to `subject`, which was `before` and is `after` where that is small.

    Never what was written to a customer, and no secret.
    """

    what: str
    subject: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as it stands in the log."""

    seq: int
    at: str
    who: str
    via: str
    network: str
    what: str
    subject: str
    before: str
    after: str
    hash: str

    def chained(self, previous: str) -> str:
        """Return the hash that the line must have behind `previous`."""
        return _hash(previous, self.seq, astuple(self)[1:-1])


@dataclass(frozen=True, slots=True)
class Verified:
    """How many lines stand, the hash of the last, and the sentence that says what is wrong, empty where nothing is."""

    lines: int
    last: str
    wrong: str = ""


def append(connection: sqlite3.Connection, at: datetime, by: By, line: Line) -> None:
    """Add a line, within a transaction of the caller's that holds the file for writing."""
    seq = _given(connection) + 1
    row = connection.execute("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    before, after = line.before[:LONGEST], line.after[:LONGEST]
    values = (at.isoformat(), by.name, by.via, by.network, line.what, line.subject, before, after)
    connection.execute(
        f"INSERT INTO audit (seq, {_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
        (seq, *values, _hash(row[0] if row else "", seq, values)),
    )


def entries(
    connection: sqlite3.Connection,
    limit: int,
    before: int | None = None,
    who: str = "",
    q: str = "",
) -> list[Entry]:
    """Return the latest lines, the latest first; of those with a smaller number than `before`, of one person, that hold some words."""
    rows = connection.execute(
        f"SELECT seq, {_COLUMNS}, hash FROM audit WHERE seq < :before AND (:who = '' OR who = :who)"  # noqa: S608 - a constant
        " AND (:q = '' OR instr(lower(who || char(10) || what || char(10) || subject || char(10) || before || char(10) || after), :q) > 0)"
        " ORDER BY seq DESC LIMIT :limit",
        {
            "before": 2**62 if before is None else before,
            "who": who,
            "q": q.lower(),
            "limit": limit,
        },
    )
    return [Entry(*row) for row in rows]


def verify(connection: sqlite3.Connection, noted: str = "") -> Verified:
    """Go through the whole chain, in which the hash must stand that was noted elsewhere."""
    last, count, found = "", 0, not noted
    for count, entry in enumerate(_all(connection), start=1):
        if entry.seq != count:
            return Verified(count - 1, last, f"Line {count} is missing.")
        if entry.hash != entry.chained(last):
            return Verified(count - 1, last, f"Line {count} was changed, or is another one.")
        last = entry.hash
        found = found or last == noted
    if (given := _given(connection)) != count:
        missing = f"Line {count + 1}" if given == count + 1 else f"Lines {count + 1} to {given}"
        return Verified(count, last, f"{missing} at the end, once written: missing.")
    if not found:
        return Verified(
            count, last, f"No line has the hash {noted}: the log was made anew, or is another one."
        )
    return Verified(count, last)


def _all(connection: sqlite3.Connection) -> Iterator[Entry]:
    rows = connection.execute(f"SELECT seq, {_COLUMNS}, hash FROM audit ORDER BY seq")  # noqa: S608 - a constant
    return (Entry(*row) for row in rows)


def _given(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
    return int(row[0]) if row else 0


def _hash(previous: str, seq: int, values: tuple[object, ...]) -> str:
    whole = json.dumps([previous, seq, *values], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()
