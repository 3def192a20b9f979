"""What whoever runs the server looks at: alive, ready, and the numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.meters import Meters
from conversations.log import EventLog, LogError


class Operations:
    """
    The routes /healthz, /readyz and /metrics.

    Args:
        unready: returns one sentence for as long as the server cannot do its work, else nothing.
    """

    def __init__(
        self, *, log: EventLog, meters: Meters, unready: Callable[[], Awaitable[str]]
    ) -> None:
        self._log = log
        self._meters = meters
        self._unready = unready

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self._healthz),
            web.get("/readyz", self._readyz),
            web.get("/metrics", self._metrics),
        ]

    async def _healthz(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _readyz(self, request: web.Request) -> web.Response:
        if reason := await self._unready():
            return web.json_response({"status": "unready", "reason": reason}, status=503)
        return web.json_response({"status": "ok"})

    async def _metrics(self, request: web.Request) -> web.Response:
        with contextlib.suppress(LogError):  # the other numbers are then the more needed
            self._meters.waiting.set(len(await self._log.waiting()))
        body = generate_latest(self._meters.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
