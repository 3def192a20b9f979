"""Signing in and out over HTTP, who one is, and what admins do with users and see of the audit log."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from aiohttp import web

from bot.channels.bodies import body_of, name_in, named, text_in, words_in
from bot.channels.guard import COOKIE, SECURE_COOKIE, STAFF, Gate, token_of
from bot.channels.origins import is_own
from bot.channels.problems import Problem, unavailable
from bot.staff import passwords
from bot.staff.book import Book, User
from bot.staff.errors import LastAdmin, NameTaken, NoSuchText, NoSuchUser, StaffError, Unacceptable
from bot.staff.roles import By, Role
from bot.staff.room import Credentials, Refusal, StaffRoom, Turned
from bot.staff.tokens import csrf_of

T = TypeVar("T")

PREFERENCES = 16 * 1024  # bytes
LINES, MOST_LINES = 100, 1000  # of the audit log
SENTENCES = {
    Refusal.BAD_LOGIN: "The name, the password or the code is wrong.",
    Refusal.CODE_NEEDED: "This needs the six digits of your authenticator app, or a recovery code.",
    Refusal.LOCKED: "Too many tries. Please wait a moment and try again.",
}


class StaffApi:
    """
    The routes of people who sign in.

    Args:
        desk: what /me says of the desk, asked for when it is needed.
        source_of: names where a request comes from, see `bot.channels.networks`.
    """

    def __init__(
        self,
        *,
        room: StaffRoom,
        gate: Gate,
        desk: Callable[[], Mapping[str, Any]],
        source_of: Callable[[web.Request], str],
    ) -> None:
        self._room = room
        self._gate = gate
        self._desk = desk
        self._source_of = source_of

    def routes(self) -> list[web.RouteDef]:
        guarded = self._gate.guarded
        return [
            web.post("/console/login", self._login),
            web.post("/console/logout", guarded(self._logout, Role.VIEWER, audited=False)),
            web.get("/api/v1/me", guarded(self._me, Role.VIEWER)),
            web.put("/api/v1/me/preferences", guarded(self._prefer, Role.VIEWER, audited=False)),
            web.get("/api/v1/colleagues", guarded(self._colleagues, Role.VIEWER)),
            web.get("/api/v1/users", guarded(self._users, Role.ADMIN)),
            web.post("/api/v1/users", guarded(self._add, Role.ADMIN, audited=False)),
            web.post(
                f"/api/v1/users/{named('name')}", guarded(self._change, Role.ADMIN, audited=False)
            ),
            web.get("/api/v1/audit", guarded(self._audit, Role.ADMIN)),
        ]

    async def _login(self, request: web.Request) -> web.Response:
        origin = request.headers.get("Origin")
        if origin is not None and not is_own(origin, request.host):
            raise Problem(
                403, "Only a page of this server may ask for this.", code="foreign_origin"
            )
        body = await body_of(request)
        given = Credentials(
            name=name_in(body, "name"),
            password=text_in(body, "password")[: passwords.LONGEST + 1],
            code=name_in(body, "code", optional=True),
            network=self._source_of(request),
        )
        entered = await done(self._room.login(given))
        if isinstance(entered, Turned):
            why = entered.why
            raise Problem(401, SENTENCES[why], code=str(why), retry_after=entered.wait)
        if before := token_of(request):  # this browser's session until now
            by = By(entered.user.name, "session", given.network)
            if (session := await done(self._room.session(before))) is not None:
                by = By(session.user.name, "session", given.network)
                await self._do(lambda book: book.end_session(before, by))
        response = web.Response(status=204, headers={"Cache-Control": "no-store"})
        _set_cookie(response, request, entered.token)
        return response

    async def _logout(self, request: web.Request) -> web.Response:
        token, by = token_of(request), self._gate.by(request)
        if not request[STAFF].by_token:
            await self._do(lambda book: book.end_session(token, by))
        response = web.Response(status=204)
        _set_cookie(response, request, "")
        return response

    async def _me(self, request: web.Request) -> web.Response:
        staff = request[STAFF]
        user = None if staff.by_token else await self._do(lambda book: book.user(staff.name))
        me = {
            "name": staff.name,
            "role": str(staff.role),
            "second_factor": user is not None and user.second_factor,
            "csrf": csrf_of(token_of(request)) if user else "",
            "desk": self._desk(),
            "preferences": json.loads(user.preferences) if user else {},
        }
        return web.json_response(me, headers={"Cache-Control": "no-store"})

    async def _prefer(self, request: web.Request) -> web.Response:
        staff, body = request[STAFF], dict(await body_of(request))
        if staff.by_token:
            raise Problem(400, "The operator token is nobody's, and has no preferences.")
        if len(json.dumps(body).encode()) > PREFERENCES:
            raise Problem(413, f"Preferences may have {PREFERENCES // 1024} KB at most.")
        await self._do(lambda book: book.set_preferences(staff.name, body))
        return web.json_response(body)

    async def _colleagues(self, request: web.Request) -> web.Response:
        """Names alone: who may be asked to care for a conversation."""
        users = await self._do(Book.users)
        names = [one.name for one in users if not one.disabled and one.role.reaches(Role.OPERATOR)]
        return web.json_response({"names": names})

    async def _users(self, request: web.Request) -> web.Response:
        return web.json_response({"users": await self._do(_everybody)})

    async def _add(self, request: web.Request) -> web.Response:
        body, by = await body_of(request), self._gate.by(request)
        name, role = name_in(body, "name"), _role(body)
        given = text_in(body, "password") if "password" in body else passwords.generated()
        kept = await done(self._room.kept(given, name))
        user = await self._do(lambda book: book.add(name, role, kept, by))
        once = {} if "password" in body else {"password": given}
        return web.json_response({**user.shown(), **once}, headers={"Cache-Control": "no-store"})

    async def _change(self, request: web.Request) -> web.Response:
        body, by = await body_of(request), self._gate.by(request)
        name = request.match_info["name"]
        role = _role(body) if "role" in body else None
        made = passwords.generated() if body.get("generate") is True else ""
        disabled = body.get("disabled")
        if not isinstance(disabled, bool | None):
            raise Problem(400, "The field 'disabled' must be true or false.")
        kept = ""
        if made or "password" in body:
            given = made or text_in(body, "password")
            kept = await done(self._room.kept(given, name))

        def change(book: Book) -> User:
            if role is not None and role is not book.user(name).role:
                book.set_role(name, role, by)
            if disabled is not None:  # what may be refused comes before what is not
                book.set_disabled(name, disabled, by)
            if kept:
                book.set_password(name, kept, by)
            if body.get("second_factor") is False:
                book.set_second_factor(name, "", (), by)
            if body.get("sessions") == "end":
                book.end_sessions(name, by)
            return book.user(name)

        user = (await self._do(change)).shown()
        once = {"password": made} if made else {}
        return web.json_response({**user, **once}, headers={"Cache-Control": "no-store"})

    async def _audit(self, request: web.Request) -> web.Response:
        limit, before = _number(request, "limit", LINES), _number(request, "before", 0)
        count = min(limit, MOST_LINES)
        who, q = words_in(request, "who"), words_in(request, "q")
        lines = await self._do(lambda book: book.audit(count, before or None, who, q))
        return web.json_response({"lines": [asdict(line) for line in lines]})

    async def _do(self, work: Callable[[Book], T]) -> T:
        return await done(self._room.do(work))


def _everybody(book: Book) -> list[dict[str, Any]]:
    """Return the users as admins see them, with where they are signed in and when they were here last."""
    signed_in, seen = book.sessions(), book.last_seen()
    rows = []
    for user in book.users():
        own = [one for one in signed_in if one.user.name == user.name]
        last = seen.get(user.name)
        rows.append(
            {
                **user.shown(),
                "last_seen": last and last.isoformat(),
                "sessions": [
                    {"begun": one.begun.isoformat(), "seen": one.seen.isoformat()} for one in own
                ],
            }
        )
    return rows


async def done(asked: Awaitable[T]) -> T:
    """Return what was asked of the people's book; what it cannot do is a problem of its kind."""
    try:
        return await asked
    except (NoSuchUser, NoSuchText) as error:
        raise Problem(404, str(error)) from error
    except LastAdmin as error:
        raise Problem(409, str(error), code="last_admin") from error
    except NameTaken as error:
        raise Problem(409, str(error), code="taken") from error
    except Unacceptable as error:
        raise Problem(400, str(error)) from error
    except StaffError as error:
        raise unavailable() from error


def _role(body: Mapping[str, Any]) -> Role:
    try:
        return Role(text_in(body, "role"))
    except ValueError as error:
        raise Problem(400, f"The field 'role' must be one of {', '.join(Role)}.") from error


def _number(request: web.Request, name: str, usual: int) -> int:
    given = request.query.get(name, str(usual))
    if not given.isascii() or not given.isdigit() or len(given) > 15:
        raise Problem(400, f"The parameter {name!r} must be a number.")
    return int(given)


def _set_cookie(response: web.Response, request: web.Request, token: str) -> None:
    """Give a browser its token, or take it away; what a proxy says of https can only harm whoever says it falsely."""
    secure = request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"
    name = SECURE_COOKIE if secure else COOKIE
    if token:
        response.set_cookie(name, token, path="/", httponly=True, samesite="Strict", secure=secure)
        return
    for one in (COOKIE, SECURE_COOKIE):
        response.del_cookie(one, path="/", httponly=True, samesite="Strict", secure=secure)
