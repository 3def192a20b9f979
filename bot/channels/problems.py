"""Errors over HTTP: one form for all of them, application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import web

from bot.intake import NotHeard
from conversations.log import LogError, Rejected, StorageUnavailable

RETRY_AFTER = 2  # seconds; a full disk or a full queue takes at least as long
STATUS = {"too_long": 413, "busy": 503}  # every other refusal is a 400
CODES = {
    400: "bad_input",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    409: "conflict",
    413: "too_long",
    503: "restarting",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

logger = structlog.get_logger(__name__)


class Problem(Exception):
    """
    A request that cannot be answered as it was meant.

    `detail` is one sentence for the caller, `more` what its program reads besides; `retry_after` is in seconds.
    """

    def __init__(
        self, status: int, detail: str, *, code: str = "", retry_after: float = 0.0, **more: str
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code or CODES.get(status, "error")
        self.retry_after = retry_after
        self.more = more

    def response(self) -> web.Response:
        title = HTTPStatus(self.status).phrase
        body = {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.more,
        }
        headers = {}
        if self.status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers["Retry-After"] = str(RETRY_AFTER)
        if self.retry_after:
            headers["Retry-After"] = str(math.ceil(self.retry_after))
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return web.Response(
            text=json.dumps(body, ensure_ascii=False),
            status=self.status,
            headers=headers,
            content_type="application/problem+json",
        )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error of every route into a problem; the outermost middleware."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except NotHeard as error:
        return Problem(STATUS.get(error.code, 400), str(error), code=error.code).response()
    except StorageUnavailable:
        return unavailable().response()
    except Rejected:
        return Problem(400, "This contradicts what is stored already.").response()
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _restated(error, request)
    except LogError:
        logger.exception("log failed", path=request.path)
        return unavailable().response()
    except Exception:
        logger.exception("request failed", path=request.path)
        return Problem(500, "Something went wrong on our side.", code="internal").response()


def unavailable() -> Problem:
    """The disk refused: nothing was stored."""
    return Problem(
        503, "Nothing can be stored at the moment. Please try again.", code="storage_unavailable"
    )


def _restated(error: web.HTTPException, request: web.Request) -> web.Response:
    detail = {
        404: f"There is nothing at {request.path}.",
        405: f"{request.method} is not possible here.",
        413: "The request is too large.",
    }.get(error.status, error.text or error.reason)
    response = Problem(error.status, detail).response()
    if allow := error.headers.get("Allow"):
        response.headers["Allow"] = allow
    return response
