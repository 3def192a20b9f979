"""
The demo shop's order service: what a company's own program has to do to be asked by a form.

It checks the signature before it reads anything, and refuses a call that is older than a few minutes, so that one that was overheard
is of no use later.
"""

from __future__ import annotations

import csv
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from aiohttp import web

from bot.lookup import SIGNATURE, TIMESTAMP, signature

PATH = "/demo/orders"
FILE = Path(__file__).with_name("orders.csv")
FRESH = 300  # seconds


@dataclass(frozen=True, slots=True)
class Orders:
    """
    The orders, by number.

    Args:
        secret: what calls are signed with.
    """

    rows: Mapping[str, Mapping[str, str]]
    secret: bytes = field(repr=False)
    clock: Callable[[], float] = time.time

    @classmethod
    def bundled(cls, secret: str) -> Self:
        """Return the service over the shop's own orders."""
        with FILE.open(encoding="utf-8", newline="") as file:
            return cls({row["order_number"]: row for row in csv.DictReader(file)}, secret.encode())

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.look_up)]

    async def look_up(self, request: web.Request) -> web.Response:
        """Answer 401 to a bad signature, 404 with an object where there is no such order, 200 with the order."""
        body = await request.read()
        if not self._genuine(request.headers, body):
            return web.json_response({"error": "the signature is not right"}, status=401)
        try:
            asked = json.loads(body)
            number = str(asked["order_number"]).upper()
        except (ValueError, TypeError, KeyError):
            return web.json_response({"error": "order_number is missing"}, status=400)
        row = self.rows.get(number)
        return web.json_response(dict(row) if row else {}, status=200 if row else 404)

    def _genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        timestamp = headers.get(TIMESTAMP, "")
        if not timestamp.isdecimal() or abs(self.clock() - int(timestamp)) > FRESH:
            return False
        given = headers.get(SIGNATURE, "").encode()
        return hmac.compare_digest(signature(self.secret, timestamp, body).encode(), given)
