"""
What people change about themselves over HTTP: their password, and their second factor.

Whoever finds a browser that is signed in must not be able to take its user's place: both need what only the user knows, at
a pace. The session that asks stays, the user's others end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.channels.bodies import body_of, name_in, text_in
from bot.channels.guard import STAFF, Gate, token_of
from bot.channels.problems import Problem
from bot.channels.staff_api import SENTENCES, done
from bot.staff import passwords, second_factor
from bot.staff.book import Book
from bot.staff.roles import Role
from bot.staff.room import Credentials, Refusal, StaffRoom

BEGUN = 600.0  # seconds in which the app must have shown its first code
NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class _Begun:
    """A second factor that an app has been told, and has not shown a code of yet."""

    secret: str
    until: float


class OwnApi:
    """
    The routes of who is signed in, about themselves.

    Args:
        desk: its name, which an authenticator app shows.
        source_of: names where a request comes from, see `bot.channels.networks`.
        monotonic: seconds.
    """

    def __init__(
        self,
        *,
        room: StaffRoom,
        gate: Gate,
        desk: str,
        source_of: Callable[[web.Request], str],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._room = room
        self._gate = gate
        self._desk = desk
        self._source_of = source_of
        self._monotonic = monotonic
        self._begun: dict[str, _Begun] = {}  # by user: what is not confirmed is not worth a row

    def routes(self) -> list[web.RouteDef]:
        def own(handler: Callable[[web.Request], Any]) -> Any:
            return self._gate.guarded(handler, Role.VIEWER, audited=False)

        path = "/api/v1/me/second-factor"
        return [
            web.post("/api/v1/me/password", own(self._password)),
            web.post(path, own(self._begin)),
            web.put(path, own(self._confirm)),
            web.delete(path, own(self._off)),
        ]

    async def _password(self, request: web.Request) -> web.Response:
        name, body = _who(request), await body_of(request)
        old, new = text_in(body, "old"), text_in(body, "new")
        await self._prove(request, Credentials(name, _cut(old), "", self._source_of(request)))
        if new == old:
            raise Problem(400, "This is the old password; choose another one.")
        kept = await done(self._room.kept(new, name))
        by, stays = self._gate.by(request), token_of(request)
        await done(self._room.do(lambda book: book.set_password(name, kept, by, stays=stays)))
        return web.Response(status=204)

    async def _begin(self, request: web.Request) -> web.Response:
        name = _who(request)
        await self._refuse_on(name)
        secret = second_factor.new_secret()
        self._begun[name] = _Begun(secret, self._monotonic() + BEGUN)
        uri = second_factor.uri(secret, name, self._desk)
        return web.json_response({"uri": uri}, headers=NO_STORE)

    async def _confirm(self, request: web.Request) -> web.Response:
        name, code = _who(request), name_in(await body_of(request), "code")
        await self._refuse_on(name)
        begun = self._begun.get(name)
        if begun is None or begun.until < self._monotonic():
            raise Problem(409, "No second factor is begun, or not lately: begin with POST.")
        codes = second_factor.recovery_codes()
        kept, by, stays = map(second_factor.kept, codes), self._gate.by(request), token_of(request)

        def switch_on(book: Book) -> bool:
            if not (step := second_factor.step_of(begun.secret, code, book.now())):
                return False
            book.set_second_factor(name, begun.secret, kept, by, stays=stays, step=step)
            return True

        if not await done(self._room.do(switch_on)):
            raise Problem(
                400,
                "This is not the code that the app shows now; if it is, its clock is wrong.",
                code="bad_code",
            )
        self._begun.pop(name, None)
        return web.json_response({"recovery_codes": codes}, headers=NO_STORE)

    async def _off(self, request: web.Request) -> web.Response:
        name, body = _who(request), await body_of(request)
        if not (await done(self._room.do(lambda book: book.user(name)))).second_factor:
            raise Problem(409, "Your second factor is off.")
        await self._prove(request, _proof(name, body, self._source_of(request)))
        by, stays = self._gate.by(request), token_of(request)
        await done(
            self._room.do(lambda book: book.set_second_factor(name, "", (), by, stays=stays))
        )
        return web.Response(status=204)

    async def _refuse_on(self, name: str) -> None:
        if (await done(self._room.do(lambda book: book.user(name)))).second_factor:
            raise Problem(409, "Your second factor is on already; switch it off first.")

    async def _prove(self, request: web.Request, given: Credentials) -> None:
        turned = await done(self._room.proved(given))
        if turned is None:
            return
        if turned.why is Refusal.LOCKED:
            why = SENTENCES[turned.why]
            raise Problem(429, why, code=str(turned.why), retry_after=turned.wait)
        wrong = "code" if given.code else "password"
        # No 401, on which a page takes its user for signed out.
        raise Problem(403, f"The {wrong} is wrong.", code=str(turned.why))


def _who(request: web.Request) -> str:
    staff = request[STAFF]
    if staff.by_token:
        raise Problem(
            400, "The operator token is nobody's, and has no password and no second factor."
        )
    return staff.name


def _proof(name: str, body: Mapping[str, Any], network: str) -> Credentials:
    code = name_in(body, "code", optional=True)
    if not code and not body.get("password"):
        raise Problem(400, "This needs your password, or a code: give 'password' or 'code'.")
    return Credentials(name, "" if code else _cut(text_in(body, "password")), code, network)


def _cut(password: str) -> str:
    """What is longer than any password is none, and need not be hashed whole."""
    return password[: passwords.LONGEST + 1]
