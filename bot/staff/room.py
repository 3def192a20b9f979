"""
The asyncio face of the book of people, and the door to it: signing in, at a pace.

Where a name is unknown or disabled, a password is hashed all the same, so that the answer takes as long. Tries are paced by
where they come from, and by the name: those from where the name has signed in before do not count against it, so that
strangers who guess cannot keep its owner out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from bot.pace import Pace
from bot.staff import passwords, second_factor
from bot.staff.audit import Line
from bot.staff.book import Book, Session, User
from bot.staff.names import key_of
from bot.staff.roles import By
from bot.staff.tokens import new_token

T = TypeVar("T")

BURST = 10  # tries at once, from one place and for one name
EVERY = 30.0  # seconds until one more
CODES, CODE_EVERY = (
    5,
    300.0,
)  # of the second factor, behind a right password: some 300 a day of a million
HASHING = 2  # at once, 19 MiB each
WAITING = 16  # that wait for it; more are sent away
CROWDED = 2.0  # seconds until they may come back
SESSION, SHELL = "session", "shell"


class Refusal(StrEnum):
    """Why somebody is not let in."""

    BAD_LOGIN = "bad_login"
    CODE_NEEDED = "code_needed"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Turned:
    """Not let in; `wait` is how many seconds it is until the next try counts."""

    why: Refusal
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Entered:
    """Let in, with the token that the browser keeps."""

    token: str
    user: User


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody says who they are, and the network that they say it from, as a hash."""

    name: str
    password: str
    code: str
    network: str


class StaffRoom:
    """
    The people of one desk, for the event loop; `async with` opens the file and closes it.

    Args:
        monotonic: seconds, by which logins are paced.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], datetime],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._clock = clock
        self._pace = Pace(BURST, EVERY, monotonic)
        self._codes = Pace(CODES, CODE_EVERY, monotonic)
        self._stack = AsyncExitStack()
        self._desk = ThreadPoolExecutor(1, "staff")  # SQLite's connection stays in its thread
        self._hashers = ThreadPoolExecutor(HASHING, "argon2")
        self._hashing = 0

    async def __aenter__(self) -> Self:
        """
        Open the book.

        Raises:
            StaffError: it cannot be used.
        """
        self._stack.callback(self._desk.shutdown)
        self._stack.callback(self._hashers.shutdown)
        try:
            self._book = await self._at_desk(Book.open, self._path, self._clock)
            self._stack.push_async_callback(self._at_desk, self._book.close)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def do(self, work: Callable[[Book], T]) -> T:
        """
        Look something up in the book, or change it; whoever stops waiting does not stop the change.

        Raises:
            StaffError: it cannot be done.
        """
        return await asyncio.shield(self._at_desk(work, self._book))

    async def session(self, token: str) -> Session | None:
        """Return the session that a token is of, None where it is of none, or that one is over."""
        return await self.do(lambda book: book.session(token))

    async def record(self, by: By, line: Line) -> None:
        """Add a line to the audit log."""
        await self.do(lambda book: book.record(by, line))

    async def kept(self, password: str, name: str) -> str:
        """
        Return what is kept of a new password.

        Raises:
            Unacceptable: it would soon be guessed.
        """
        passwords.refuse_weak(password, name)
        return await self._hashed(password)

    async def login(self, given: Credentials) -> Entered | Turned:
        """
        Let somebody in, with a token that nobody had before.

        Raises:
            StaffError: the book cannot be used.
        """
        user = await self.do(lambda book: book.find(given.name))
        keys = await self._keys(given, user)
        if (locked := self._locked(keys)) is not None:
            return locked
        found = user if user and not user.disabled else None
        kept = found.password if found else passwords.NOBODY
        if not await self._fits(kept, given.password) or not found:
            await self._note_failure(user, given)
            return Turned(Refusal.BAD_LOGIN)
        await self._renew(found, given.password)
        turned = await self._second(found, given) if found.second_factor else None
        if turned is None or turned.why is Refusal.CODE_NEEDED:
            for key in keys:
                self._pace.give_back(key)
        return turned or await self._entered(found, given)

    async def proved(self, given: Credentials) -> Turned | None:
        """
        Look whether somebody who is signed in is not only at their browser; None where the code or the password is right.

        Raises:
            StaffError: the book cannot be used, or there is no such user.
        """
        user = await self.do(lambda book: book.user(given.name))
        if given.code:
            return await self._second(user, given)
        own = ("own", user.name)
        if (locked := self._locked([own])) is not None:
            return locked
        if not await self._fits(user.password, given.password):
            await self._note_failure(user, given)
            return Turned(Refusal.BAD_LOGIN)
        self._pace.give_back(own)
        return None

    def _locked(self, keys: list[tuple[str, str]]) -> Turned | None:
        """Count a try by each key, unless it is too early for one."""
        if wait := max(self._pace.wait(key) for key in keys):
            return Turned(Refusal.LOCKED, wait)
        if self._hashing >= WAITING:
            return Turned(Refusal.LOCKED, CROWDED)
        for key in keys:
            self._pace.take(key)
        return None

    async def _keys(self, given: Credentials, user: User | None) -> list[tuple[str, str]]:
        name, network = user.name if user else "", given.network
        if await self.do(lambda book: book.has_entered_from(name, network)):
            return [("from", network)]
        return [("from", network), ("as", key_of(given.name))]

    async def _second(self, user: User, given: Credentials) -> Turned | None:
        if not given.code:
            return Turned(Refusal.CODE_NEEDED)
        if wait := self._codes.wait(user.name):
            return Turned(Refusal.LOCKED, wait)
        self._codes.take(user.name)
        spent = await self.do(lambda book: _spent(book, user, given.code))
        if spent:
            self._codes.give_back(user.name)
            return None
        await self._note_failure(user, given)
        return Turned(Refusal.BAD_LOGIN)

    async def _entered(self, user: User, given: Credentials) -> Entered:
        token, by = new_token(), By(user.name, SESSION, given.network)
        await self.do(lambda book: book.begin_session(user, token, by))
        return Entered(token, user)

    async def _renew(self, user: User, password: str) -> None:
        """The only moment at which a password is known whose hash costs too little by now."""
        if passwords.is_outdated(user.password):
            kept = await self._hashed(password)
            await self.do(lambda book: book.renew_hash(user, kept))

    async def _note_failure(self, user: User | None, given: Credentials) -> None:
        """An unknown name is left out: it may be a password, typed into the wrong field."""
        name = user.name if user else ""
        await self.record(By(name, SESSION, given.network), Line("sign-in refused", name))

    async def _fits(self, kept: str, password: str) -> bool:
        self._hashing += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._hashers, passwords.fits, kept, password
            )
        finally:
            self._hashing -= 1

    async def _hashed(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(
            self._hashers, passwords.hashed, password
        )

    async def _at_desk(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._desk, work, *args)


def _spent(book: Book, user: User, code: str) -> bool:
    """Use a code of the second factor up; whether it was good."""
    if step := second_factor.step_of(user.secret, code, book.now()):
        return book.spend_step(user.name, step)
    return book.spend_recovery_code(user.name, second_factor.kept(code))
