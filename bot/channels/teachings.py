"""The HTTP API of what operators teach: answers taught, listed and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot import operators
from bot.channels.bodies import body_of, name_in, text_in
from bot.channels.guard import Gate, operator_in
from bot.channels.problems import Problem
from bot.staff.roles import Role
from bot.teaching import Answer, Contradicts, Unteachable, as_rows
from bot.tutor import Tutor
from conversations.text import printable


def teaching_routes(tutor: Tutor, gate: Gate) -> list[web.RouteDef]:
    """Return the routes, each behind the operators' gate."""

    async def teach(request: web.Request) -> web.Response:
        answer = _answer(request, await body_of(request))
        try:
            recorded, in_force = await tutor.teach(answer)
        except Contradicts as error:
            raise Problem(409, str(error), code="contradicts") from error
        except Unteachable as error:
            raise Problem(400, str(error)) from error
        except operators.Unknown as error:
            raise Problem(404, str(error)) from error
        return web.json_response({**operators.as_object(recorded), "in_force": in_force})

    async def listed(request: web.Request) -> web.Response:
        known = await tutor.known(_until(request))
        rows = as_rows(known, tutor.champion.learned)
        return web.json_response({"teachings": rows, "seq": known.seq})

    async def undo(request: web.Request) -> web.Response:
        operator = operator_in(request, request.query)
        try:
            recorded, in_force = await tutor.undo(request.match_info["id"], operator)
        except operators.Unknown as error:
            raise Problem(404, str(error)) from error
        return web.json_response({**operators.as_object(recorded), "in_force": in_force})

    return [
        web.post("/api/v1/teachings", gate.guarded(teach, Role.TRAINER)),
        web.get("/api/v1/teachings", gate.guarded(listed, Role.VIEWER)),
        web.delete("/api/v1/teachings/{id}", gate.guarded(undo, Role.TRAINER)),
    ]


def _answer(request: web.Request, body: Mapping[str, Any]) -> Answer:
    return Answer(
        operator=operator_in(request, body),
        intent=name_in(body, "intent"),
        text=printable(text_in(body, "text")),
        questions=_texts(body, "questions"),
        title=name_in(body, "title", optional=True),
        needs=_texts(body, "needs"),
        message_id=name_in(body, "message_id", optional=True),
        external_id=name_in(body, "client_teaching_id", optional=True),
    )


def _texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a field that must be a list of strings, empty where it is left out."""
    values = body.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise Problem(400, f"The field {name!r} must be a list of strings.")
    return tuple(dict.fromkeys(printable(value).strip() for value in values))


def _until(request: web.Request) -> int | None:
    given = request.query.get("seq")
    if given is None:
        return None
    if not given.isascii() or not given.isdigit():
        raise Problem(400, "The query's 'seq' must be the number of an event.")
    return int(given)
