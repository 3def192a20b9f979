"""What routes share: who may ask, and how what is unknown is told."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable
from typing import TypeVar

from aiohttp import web

from bot import operators
from bot.channels.problems import Handler, Problem

T = TypeVar("T")


def guarded_by(handler: Handler, *secrets: str) -> Handler:
    """Return the handler for those alone who bear one of the secrets."""
    accepted = [f"Bearer {secret}".encode() for secret in secrets]

    async def guarded(request: web.Request) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        # A list, not a generator: comparing with all takes the same time whichever it is.
        if not any([hmac.compare_digest(given, secret) for secret in accepted]):  # noqa: C419
            raise Problem(401, "This needs: Authorization: Bearer <token>.")
        return await handler(request)

    return guarded


async def known(asked: Awaitable[T]) -> T:
    """Return what was asked for; what is unknown to operators is a 404 to their client."""
    try:
        return await asked
    except operators.Unknown as error:
        raise Problem(404, str(error)) from error
