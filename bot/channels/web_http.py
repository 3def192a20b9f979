"""
What the widget asks for over plain HTTP, each by the token that its visitor bears: files and the transcript.

A token that leads to a customer opens nothing here without the page's word, as on the socket.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import tzinfo

from aiohttp import web

from bot.channels.file_kinds import described
from bot.channels.file_uploads import Uploads
from bot.channels.problems import Handler, Problem, problems
from bot.channels.transcripts import transcript
from bot.channels.web_identity import BadIdentity
from bot.channels.web_loader import wished
from bot.channels.web_visitors import CHANNEL, Visitors
from conversations.log import EventLog

LONGEST = 10_000  # events of a transcript
IDENTITY = "Frontdesk-Identity"  # the header with the page's word for who the visitor is


@dataclass(frozen=True, slots=True)
class VisitorRoutes:
    """
    The routes of one web channel.

    Args:
        welcomes: whether a page of this origin, as seen from this host, may embed the widget.
        desk: its name; `zone` is the one that its times are told in.
        network_of: see `bot.channels.networks`.
        telegram_link: returns where a visitor goes on in Telegram; None where that is off.
    """

    log: EventLog
    visitors: Visitors
    uploads: Uploads
    welcomes: Callable[[str, str], bool]
    desk: str
    zone: tzinfo
    network_of: Callable[[web.Request], str]
    telegram_link: Callable[[str], Awaitable[str]] | None = None

    def routes(self) -> list[web.RouteDef]:
        asked = [("POST", "/files", self._upload), ("GET", "/transcript", self._transcript)]
        if self.telegram_link:
            asked.append(("POST", "/telegram-link", self._link))
        routes = [
            web.route(method, path, self._crossing(handler)) for method, path, handler in asked
        ]
        before = [web.options(path, self._preflight) for _, path, _ in asked]
        return [*routes, *before, web.get("/files/{id}/{name:[^/]+}", self.uploads.given)]

    async def bearer(self, request: web.Request) -> str:
        """Return the address of the visitor who asks."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.casefold() != "bearer" or not token:
            raise Problem(401, "This needs: Authorization: Bearer <the visitor's token>.")
        try:
            address = await self.visitors.address_of(token, request.headers.get(IDENTITY))
        except BadIdentity as error:
            raise Problem(401, f"{IDENTITY}: {error}", code="bad_identity") from error
        if address is None:
            raise Problem(401, "This token is nobody's, or no more.")
        return address

    async def _upload(self, request: web.Request) -> web.Response:
        owner = await self.bearer(request)
        card = await self.uploads.received(request, owner, network=self.network_of(request))
        return web.json_response(described(card.enclosed))

    async def _transcript(self, request: web.Request) -> web.Response:
        visitor = await self.log.visitor(CHANNEL, await self.bearer(request))
        history = await self.log.recent(visitor.visitor_id, LONGEST) if visitor else []
        locale = wished(request.headers.get("Accept-Language", ""))
        text = transcript(history, self.desk, self.zone, locale)
        headers = {
            "Content-Language": locale,
            "Content-Disposition": 'attachment; filename="conversation.txt"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return web.Response(text=text, headers=headers)

    async def _link(self, request: web.Request) -> web.Response:
        assert self.telegram_link is not None  # noqa: S101 - else there is no such route
        url = await self.telegram_link(await self.bearer(request))
        if not url:  # Telegram was not reached since the start
            raise Problem(503, "Telegram cannot be reached just now. Please try again later.")
        return web.json_response({"url": url})

    def _crossing(self, handler: Handler) -> Handler:
        """Let the pages that embed the widget ask from their own origin, errors included; no other page."""

        async def crossing(request: web.Request) -> web.StreamResponse:
            allowed = self._allowed(request)
            response = await problems(request, handler)
            response.headers.update(allowed)
            return response

        return crossing

    async def _preflight(self, request: web.Request) -> web.Response:
        asked = {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": f"Authorization, Content-Type, {IDENTITY}",
            "Access-Control-Max-Age": "600",
        }
        return web.Response(status=204, headers=self._allowed(request) | asked)

    def _allowed(self, request: web.Request) -> dict[str, str]:
        origin = request.headers.get("Origin", "")
        if origin and not self.welcomes(origin, request.host):
            raise Problem(403, "This page may not talk to this desk.")
        told = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "Retry-After",
        }
        return {"Vary": "Origin"} | (told if origin else {})
