"""
The book of people: users, their sessions and what they changed, in staff.db, for the thread that opened it.

Every change stands in the audit log in the same transaction. A session is looked up in the file at each request, so that
one that is ended, by this process or by `frontdesk users`, is over at once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from bot.staff import audit, canned
from bot.staff.audit import SIGNED_IN, Entry, Line, Verified
from bot.staff.canned import Canned
from bot.staff.errors import LastAdmin, NameTaken, NoSuchUser, translated
from bot.staff.names import checked_name, key_of
from bot.staff.roles import By, Role
from bot.staff.tables import connect
from bot.staff.tokens import digest

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
TOUCHED = timedelta(
    minutes=1
)  # how late a session may know that it was used: a write for each request is too many
_USER = "name, role, password, secret, disabled, preferences, added"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in, unless disabled; `secret` is that of the second factor, empty where it is off."""

    name: str
    role: Role
    password: str
    secret: str
    disabled: bool
    preferences: str
    added: datetime

    @property
    def second_factor(self) -> bool:
        return bool(self.secret)

    def shown(self) -> dict[str, Any]:
        """Return what others may see."""
        return {
            "name": self.name,
            "role": str(self.role),
            "second_factor": self.second_factor,
            "disabled": self.disabled,
            "added": self.added.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in, now."""

    user: User
    begun: datetime
    seen: datetime
    network: str


class Book:
    """The file, open."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, clock: Callable[[], datetime]
    ) -> None:
        self._path = path
        self._connection = connection
        self._clock = clock

    @classmethod
    def open(cls, path: Path, clock: Callable[[], datetime]) -> Self:
        """
        Open the file, or begin one.

        Raises:
            BookBusy: it cannot be opened or written at the moment.
            BookDamaged: it is none that this version can use.
        """
        return cls(path, connect(path), clock)

    def close(self) -> None:
        self._connection.close()

    def now(self) -> datetime:
        """Return the time that everything here goes by."""
        return self._clock()

    # Users

    def users(self) -> list[User]:
        """Return everybody, in the order of their names."""
        with translated(self._path):
            rows = self._connection.execute(f"SELECT {_USER} FROM users ORDER BY key").fetchall()  # noqa: S608
        return [_user(row) for row in rows]

    def find(self, name: str) -> User | None:
        """Return the user of a name in any case, None where there is none."""
        with translated(self._path):
            query = f"SELECT {_USER} FROM users WHERE key = ?"  # noqa: S608 - a constant
            row = self._connection.execute(query, (key_of(name),)).fetchone()
        return _user(row) if row else None

    def user(self, name: str) -> User:
        """
        Return the user of a name in any case.

        Raises:
            NoSuchUser: there is none.
        """
        if (found := self.find(name)) is None:
            raise NoSuchUser(name)
        return found

    def add(self, name: str, role: Role, password: str, by: By) -> User:
        """
        Add a user; `password` is what is kept of it.

        Raises:
            NameTaken: somebody has the name, in any case.
            Unacceptable: it cannot be a name.
        """
        name = checked_name(name)
        with self._changing(by, Line("user added", name, after=role)) as connection:
            if (other := self.find(name)) is not None:
                raise NameTaken(f"There is a user {other.name!r} already.")
            connection.execute(
                "INSERT INTO users (name, key, role, password, added) VALUES (?, ?, ?, ?, ?)",
                (name, key_of(name), str(role), password, self._clock().timestamp()),
            )
        return self.user(name)

    def set_role(self, name: str, role: Role, by: By) -> None:
        """
        Give a user another role, who has to sign in anew.

        Raises:
            LastAdmin: nobody would be left who decides about people.
        """
        user = self.user(name)
        line = Line("role changed", user.name, user.role, role)
        self._set(user, by, line, "role = ?", str(role))

    def set_password(self, name: str, password: str, by: By, *, stays: str = "") -> None:
        """
        Give a user another password; `password` is what is kept of it.

        Args:
            stays: the token of the one session that does not end.
        """
        user = self.user(name)
        line = Line("password changed", user.name)
        self._set(user, by, line, "password = ?", password, stays=stays)

    def renew_hash(self, user: User, password: str) -> None:
        """Keep the same password at the cost of today, unless it has become another one meanwhile; nobody's change."""
        query = "UPDATE users SET password = ? WHERE name = ? AND password = ?"
        self._write(query, password, user.name, user.password)

    def set_disabled(self, name: str, disabled: bool, by: By) -> None:
        """
        Keep a user out, at once, or let them in again.

        Raises:
            LastAdmin: nobody would be left who decides about people.
        """
        user = self.user(name)
        line = Line("user disabled" if disabled else "user enabled", user.name)
        self._set(user, by, line, "disabled = ?", int(disabled))

    def set_second_factor(
        self,
        name: str,
        secret: str,
        codes: Iterable[str],
        by: By,
        *,
        stays: str = "",
        step: int = 0,
    ) -> None:
        """
        Ask a user for a second factor from now on; an empty secret asks for none.

        Args:
            codes: what is kept of the recovery codes.
            stays: the token of the one session that does not end.
            step: the half minute whose code is used up already.
        """
        user = self.user(name)
        line = Line("second factor on" if secret else "second factor off", user.name)
        with self._changing(by, line) as connection:
            connection.execute(
                "UPDATE users SET secret = ?, step = ? WHERE name = ?", (secret, step, user.name)
            )
            connection.execute("DELETE FROM recovery_codes WHERE name = ?", (user.name,))
            rows = [(user.name, code) for code in codes]
            connection.executemany("INSERT INTO recovery_codes (name, code) VALUES (?, ?)", rows)
            _end_others(connection, user.name, stays)

    def spend_step(self, name: str, step: int) -> bool:
        """Use the code of a half minute up; whether neither it nor a later one was used before."""
        query = "UPDATE users SET step = ?1 WHERE name = ?2 AND step < ?1"
        return self._write(query, step, name) == 1

    def spend_recovery_code(self, name: str, code: str) -> bool:
        """Use a recovery code up; whether it was there. `code` is what is kept of it."""
        return (
            self._write("DELETE FROM recovery_codes WHERE name = ? AND code = ?", name, code) == 1
        )

    def set_preferences(self, name: str, preferences: dict[str, Any]) -> None:
        """Keep what a user's console is to be like; no change that anybody asks after."""
        text = json.dumps(preferences, ensure_ascii=False)
        self._write("UPDATE users SET preferences = ? WHERE name = ?", text, self.user(name).name)

    # Sessions

    def begin_session(self, user: User, token: str, by: By) -> None:
        """Let a user in who holds `token` from now on; of sessions that are over nothing stays."""
        now = self._clock()
        with self._changing(by, Line(SIGNED_IN, user.name)) as connection:
            connection.execute(
                "DELETE FROM sessions WHERE seen <= ? OR begun <= ?",
                ((now - IDLE).timestamp(), (now - ABSOLUTE).timestamp()),
            )
            connection.execute(
                "INSERT INTO sessions (token, name, begun, seen, network) VALUES (?, ?, ?, ?, ?)",
                (digest(token), user.name, now.timestamp(), now.timestamp(), by.network),
            )

    def session(self, token: str) -> Session | None:
        """Return the session that a token is of, None where it is of none, or that one is over."""
        query = (
            f"SELECT sessions.begun, seen, network, {_USER} FROM sessions JOIN users USING (name)"  # noqa: S608
            " WHERE token = ? AND NOT disabled"
        )
        with translated(self._path):
            row = self._connection.execute(query, (digest(token),)).fetchone()
        if row is None:
            return None
        session = Session(_user(row[3:]), _time(row[0]), _time(row[1]), row[2])
        now = self._clock()
        if now - session.seen >= IDLE or now - session.begun >= ABSOLUTE:
            return None
        if now - session.seen >= TOUCHED:
            self._touch(token, now)
        return session

    def _touch(self, token: str, now: datetime) -> None:
        query = "UPDATE sessions SET seen = ? WHERE token = ?"
        with suppress(sqlite3.Error):  # on a full disk too, people may go on reading
            self._connection.execute(query, (now.timestamp(), digest(token)))

    def end_session(self, token: str, by: By) -> None:
        """Let a token be worth nothing from now on."""
        with self._changing(by, Line("signed out", by.name)) as connection:
            connection.execute("DELETE FROM sessions WHERE token = ?", (digest(token),))

    def end_sessions(self, name: str, by: By) -> int:
        """Sign a user out everywhere; returns of how many sessions."""
        user = self.user(name)
        with self._changing(by, Line("sessions ended", user.name)) as connection:
            ended = connection.execute("DELETE FROM sessions WHERE name = ?", (user.name,))
            return ended.rowcount

    def sessions(self) -> list[Session]:
        """Return who is signed in, the latest seen first."""
        now = self._clock()
        query = (
            f"SELECT sessions.begun, seen, network, {_USER} FROM sessions JOIN users USING (name)"  # noqa: S608
            " WHERE seen > ? AND sessions.begun > ? AND NOT disabled ORDER BY seen DESC"
        )
        with translated(self._path):
            since = ((now - IDLE).timestamp(), (now - ABSOLUTE).timestamp())
            rows = self._connection.execute(query, since).fetchall()
        return [Session(_user(row[3:]), _time(row[0]), _time(row[1]), row[2]) for row in rows]

    def last_seen(self) -> dict[str, datetime]:
        """Return when each user was here last, without those who never were: as their sessions know, or when they signed in."""
        with translated(self._path):
            seen = self._connection.execute("SELECT name, max(seen) FROM sessions GROUP BY name")
            entered = self._connection.execute(
                f"SELECT who, max(at) FROM audit WHERE what = '{SIGNED_IN}' GROUP BY who"  # noqa: S608 - a constant
            )
            found = {name: datetime.fromisoformat(at) for name, at in entered}
            for name, at in seen:
                found[name] = max(_time(at), found.get(name, _time(at)))
        return found

    def has_entered_from(self, name: str, network: str) -> bool:
        """Whether the user of exactly this name has signed in from a network before."""
        query = (
            f"SELECT 1 FROM audit WHERE what = '{SIGNED_IN}' AND who = ? AND network = ? LIMIT 1"  # noqa: S608
        )
        with translated(self._path):
            return self._connection.execute(query, (name, network)).fetchone() is not None

    # The texts of the team

    def canned(self) -> list[Canned]:
        """Return all, in the order of their names."""
        with translated(self._path):
            return canned.texts(self._connection)

    def find_canned(self, name: str) -> Canned | None:
        """Return the text of a name in any case, None where there is none."""
        with translated(self._path):
            return canned.find(self._connection, name)

    def put_canned(self, name: str, text: str, author: str, by: By) -> Canned:
        """
        Keep a text under a name, and return it as it is kept: whoever wrote it first stays its author.

        Raises:
            Unacceptable: there are as many as there may be.
        """
        with self._changing(by, Line("canned answer saved", name)) as connection:
            return canned.put(connection, Canned(name, text, author, self._clock().timestamp()))

    def drop_canned(self, name: str, by: By) -> None:
        """
        Take a text out.

        Raises:
            NoSuchText: there is none of this name.
        """
        with self._changing(by, Line("canned answer deleted", name)) as connection:
            canned.drop(connection, name)

    # The audit log

    def record(self, by: By, line: Line) -> None:
        """Add a line about what was changed elsewhere."""
        with self._changing(by, line):
            pass

    def audit(
        self, limit: int, before: int | None = None, who: str = "", q: str = ""
    ) -> list[Entry]:
        """Return the latest lines, the latest first; see `audit.entries`."""
        with translated(self._path):
            return audit.entries(self._connection, limit, before, who, q)

    def verify(self, noted: str = "") -> Verified:
        """Go through the whole audit log, in which the hash must stand that was noted of it earlier."""
        with translated(self._path):
            return audit.verify(self._connection, noted)

    def _set(
        self, user: User, by: By, line: Line, column: str, value: str | int, *, stays: str = ""
    ) -> None:
        """Change a user, who has to sign in anew, but for one session; an admin stays who may sign in, where there was one."""
        with self._changing(by, line) as connection:
            led = _has_admin(connection)
            connection.execute(f"UPDATE users SET {column} WHERE name = ?", (value, user.name))  # noqa: S608
            if led and not _has_admin(connection):
                raise LastAdmin(user.name)
            _end_others(connection, user.name, stays)

    def _write(self, query: str, *values: str | int) -> int:
        with translated(self._path):
            return self._connection.execute(query, values).rowcount

    @contextmanager
    def _changing(self, by: By, line: Line) -> Iterator[sqlite3.Connection]:
        """Change something and say so in the audit log: both, or neither."""
        with translated(self._path):
            self._connection.execute("BEGIN IMMEDIATE")  # so that nobody else writes the next line
            try:
                yield self._connection
                audit.append(self._connection, self._clock(), by, line)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _has_admin(connection: sqlite3.Connection) -> bool:
    query = "SELECT 1 FROM users WHERE role = ? AND NOT disabled LIMIT 1"
    return connection.execute(query, (str(Role.ADMIN),)).fetchone() is not None


def _end_others(connection: sqlite3.Connection, name: str, stays: str) -> None:
    query = "DELETE FROM sessions WHERE name = ? AND token <> ?"
    connection.execute(query, (name, digest(stays) if stays else ""))


def _user(row: tuple[Any, ...]) -> User:
    name, role, password, secret, disabled, preferences, added = row
    return User(name, Role(role), password, secret, bool(disabled), preferences, _time(added))


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
