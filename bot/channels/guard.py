"""
One gate for every operator route: who asks, whether they may, and a line in the audit log about what they changed.

Programs bear the operator token, which may everything, and name a person in the body's `operator`. People have the cookie of a
session, which says who they are; whatever they change also needs the server's own Origin and the csrf of /api/v1/me.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import structlog
from aiohttp import web

from bot import operators
from bot.channels.bodies import name_in
from bot.channels.origins import is_own
from bot.channels.problems import Handler, Problem, unavailable
from bot.staff.audit import Line
from bot.staff.book import Session
from bot.staff.errors import StaffError
from bot.staff.roles import By, Role, Staff
from bot.staff.tokens import csrf_of

T = TypeVar("T")

STAFF = web.RequestKey("staff", Staff)  # who asks, behind the gate
CHANGE = web.RequestKey("change", tuple[str, str])  # what a handler says was, and is
COOKIE, SECURE_COOKIE = "frontdesk", "__Host-frontdesk"  # the second where the page came by https
CSRF = "X-CSRF"
SAFE = {"GET", "HEAD", "OPTIONS"}
TOKEN = "operator token"  # noqa: S105 - what the audit log calls a program that names nobody
SIGN_IN = "This needs a sign-in at /console, or: Authorization: Bearer <the operator token>."

logger = structlog.get_logger(__name__)


class People(Protocol):
    """What the gate asks of those who sign in."""

    async def session(self, token: str) -> Session | None:
        """Return the session that a token is of, None where it is of none, or that one is over."""

    async def record(self, by: By, line: Line) -> None:
        """Add a line to the audit log."""


class Gate:
    """
    Lets those in who may.

    Args:
        operator_token: what programs bear.
        people: who may sign in; None where nobody may.
        source_of: names where a request comes from, see `bot.channels.networks`.
    """

    def __init__(
        self,
        operator_token: str,
        people: People | None = None,
        *,
        source_of: Callable[[web.Request], str] = lambda _: "",
    ) -> None:
        self.operator_token = operator_token
        self._people = people
        self._source_of = source_of

    def guarded(self, handler: Handler, role: Role, *, audited: bool = True) -> Handler:
        """
        Return the handler for those alone who have the role.

        Args:
            audited: whether a change stands in the audit log; not where it is of the moment, or writes a line of its own.
        """

        async def guarded(request: web.Request) -> web.StreamResponse:
            staff = await self.staff(request)
            if not staff.role.reaches(role):
                raise Problem(403, f"This needs the role {role}; {staff.name} is {staff.role}.")
            request[STAFF] = staff
            response = await handler(request)
            if audited and request.method not in SAFE and response.status < 400:
                await self._note(request)
            return response

        return guarded

    async def staff(self, request: web.Request) -> Staff:
        """
        Return who asks.

        Raises:
            Problem: 401, nobody whom we know; 403, it may be a page of somebody else that asks in their name.
        """
        if "Authorization" in request.headers:
            _refuse_other_bearers(request, self.operator_token, said=SIGN_IN)
            return Staff("", Role.ADMIN, by_token=True)
        token = token_of(request)
        session = await self._session(token)
        if session is None:
            raise Problem(401, SIGN_IN)
        _refuse_foreign_pages(request, token)
        return Staff(session.user.name, session.user.role, by_token=False)

    async def still(self, request: web.Request) -> bool:
        """Whether whoever was let in with a request still would be, with the same role: asked again by open sockets."""
        if request[STAFF].by_token:
            return True
        session = await self._session(token_of(request))
        return session is not None and session.user.role == request[STAFF].role

    def by(self, request: web.Request) -> By:
        """Return who changes something with a request, for the audit log."""
        staff = request[STAFF]
        via = "token" if staff.by_token else "session"
        return By(staff.name or TOKEN, via, self._source_of(request))

    async def _session(self, token: str) -> Session | None:
        if not token or self._people is None:
            return None
        try:
            return await self._people.session(token)
        except StaffError as error:
            raise unavailable() from error

    async def _note(self, request: web.Request) -> None:
        """What was done stays done, so that a full disk leaves a line in the server's own log instead."""
        if self._people is None:
            return
        before, after = request.get(CHANGE, ("", ""))
        resource = request.match_info.route.resource
        what = f"{request.method} {resource.canonical if resource else request.path}"
        line = Line(what, " ".join(request.match_info.values()), before, after)
        try:
            await self._people.record(self.by(request), line)
        except StaffError:
            logger.exception("not audited", what=line.what, subject=line.subject)


def operator_in(request: web.Request, body: Mapping[str, Any], field: str = "operator") -> str:
    """Return the name of who asks: the session's, or that which a program's body gives."""
    staff = request[STAFF]
    if staff.by_token:
        staff = request[STAFF] = replace(staff, name=name_in(body, field))
    return staff.name


def changed(request: web.Request, before: str, after: str) -> None:
    """Say what a change is about, where that is small; never what was written to a customer."""
    request[CHANGE] = (before, after)


def token_of(request: web.Request) -> str:
    """Return what a browser holds of its session, empty where it holds nothing."""
    return request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE, "")


def guarded_by(handler: Handler, *secrets: str) -> Handler:
    """Return the handler for those alone who bear one of the secrets."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        _refuse_other_bearers(request, *secrets)
        return await handler(request)

    return guarded


async def known(asked: Awaitable[T]) -> T:
    """Return what was asked for; what is unknown to operators is a 404 to their client."""
    try:
        return await asked
    except operators.Unknown as error:
        raise Problem(404, str(error)) from error


def _refuse_other_bearers(
    request: web.Request, *secrets: str, said: str = "This needs: Authorization: Bearer <token>."
) -> None:
    given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
    accepted = [f"Bearer {secret}".encode() for secret in secrets]
    # A list, not a generator: comparing with all takes the same time whichever it is.
    if not any([hmac.compare_digest(given, secret) for secret in accepted]):  # noqa: C419
        raise Problem(401, said)


def _refuse_foreign_pages(request: web.Request, token: str) -> None:
    """A browser sends the cookie whoever asks it to: a socket may be read by its page, a change cannot be taken back."""
    unsafe = request.method not in SAFE
    if not unsafe and "websocket" not in request.headers.get("Upgrade", "").lower():
        return
    if not is_own(request.headers.get("Origin", ""), request.host):
        raise Problem(403, "Only a page of this server may ask for this.", code="foreign_origin")
    if unsafe:
        given = request.headers.get(CSRF, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, csrf_of(token).encode()):
            raise Problem(
                403, f"This needs the header {CSRF}: the csrf of GET /api/v1/me.", code="csrf"
            )
