"""Alerts over HTTP, and how often moods are heard rightly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.alerts import Alert, Alerts
from bot.channels.bodies import body_of
from bot.channels.guard import Gate, operator_in
from bot.channels.problems import Problem
from bot.staff.roles import Role
from retrieval.mood import ENGLISH, Measured, measured_english


class AlertsApi:
    """
    The routes under /api/v1/alerts and /api/v1/mood, for operators alone.

    Args:
        measured: how the serving Release's ear was measured, by language; empty where it has none.
        shows: shows an alert, as somebody has looked at it, in every console that is open.
    """

    def __init__(
        self,
        alerts: Alerts,
        measured: Callable[[], Mapping[str, Measured]],
        gate: Gate,
        shows: Callable[[Alert], None],
    ) -> None:
        self._alerts = alerts
        self._measured = measured
        self._gate = gate
        self._shows = shows

    def routes(self) -> list[web.RouteDef]:
        guarded = self._gate.guarded
        return [
            web.get("/api/v1/alerts", guarded(self._all, Role.VIEWER)),
            web.post("/api/v1/alerts/{id}/seen", guarded(self._seen, Role.OPERATOR)),
            web.get("/api/v1/mood", guarded(self._mood, Role.VIEWER)),
        ]

    async def _all(self, request: web.Request) -> web.Response:
        return web.json_response({"alerts": list(map(shown, await self._alerts.all()))})

    async def _seen(self, request: web.Request) -> web.Response:
        operator = operator_in(request, await body_of(request))
        alert = await self._alerts.look(request.match_info["id"], operator)
        if alert is None:
            raise Problem(404, "There is no alert of this id; GET /api/v1/alerts lists them.")
        self._shows(alert)
        return web.json_response(shown(alert))

    async def _mood(self, request: web.Request) -> web.Response:
        figures = {ENGLISH: measured_english(), **self._measured()}
        return web.json_response({"languages": {name: _figure(m) for name, m in figures.items()}})


def shown(alert: Alert) -> dict[str, Any]:
    """Return an alert as clients get it."""
    return {**asdict(alert), "state": "seen" if alert.seen_by else "open"}


def _figure(measured: Measured) -> dict[str, Any]:
    low, high = measured.interval()
    return {"accuracy": round(measured.accuracy, 3), "n": measured.n, "low": round(low, 3), "high": round(high, 3)}  # fmt: skip
