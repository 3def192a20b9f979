"""The HTTP API of the desk's answers: every version listed, drafts saved, approved, made live, retired, gone back to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from bot import operators
from bot.answers import CHANGES, Change, Conflict, Unsavable, as_history, as_listed
from bot.channels.bodies import body_of, name_in
from bot.channels.problems import Handler, Problem
from bot.tutor import Tutor

PATH = "/api/v1/templates"


def template_routes(tutor: Tutor, guarded: Callable[[Handler], Handler]) -> list[web.RouteDef]:
    """Return the routes, each behind the operators' guard."""

    async def listed(request: web.Request) -> web.Response:
        known = await tutor.known()
        return web.json_response({"templates": as_listed(known, tutor.champion)})

    async def shown(request: web.Request) -> web.Response:
        known = await tutor.known()
        try:
            return web.json_response(as_history(request.match_info["id"], known, tutor.champion))
        except operators.Unknown as error:
            raise Problem(404, str(error)) from error

    async def put(request: web.Request) -> web.Response:
        body = await body_of(request)
        row = body.get("template")
        if not isinstance(row, dict):
            raise Problem(
                400, "The field 'template' must be an object, as a line of templates.jsonl."
            )
        return await _saved(tutor, _change(request, body, row=row))

    def to_state(name: str) -> Handler:
        async def change(request: web.Request) -> web.StreamResponse:
            return await _saved(
                tutor, _change(request, await body_of(request), state=CHANGES[name])
            )

        return change

    async def restore(request: web.Request) -> web.Response:
        body = await body_of(request)
        return await _saved(tutor, _change(request, body, restore=_number(body, "restore")))

    return [
        web.get(PATH, guarded(listed)),
        web.get(f"{PATH}/{{id}}", guarded(shown)),
        web.put(f"{PATH}/{{id}}", guarded(put)),
        *(web.post(f"{PATH}/{{id}}/{name}", guarded(to_state(name))) for name in CHANGES),
        web.post(f"{PATH}/{{id}}/restore", guarded(restore)),
    ]


async def _saved(tutor: Tutor, change: Change) -> web.Response:
    try:
        recorded, in_force = await tutor.save(change)
    except Conflict as error:
        raise Problem(409, str(error), code="conflict") from error
    except Unsavable as error:
        raise Problem(400, str(error)) from error
    except operators.Unknown as error:
        raise Problem(404, str(error)) from error
    return web.json_response({**operators.as_object(recorded), "in_force": in_force})


def _change(request: web.Request, body: Mapping[str, Any], **wanted: Any) -> Change:
    return Change(
        operator=name_in(body, "operator"),
        template_id=name_in(request.match_info, "id"),
        seen=_number(body, "version"),
        **wanted,
    )


def _number(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Problem(
            400, f"The field {name!r} must be the number of a version, 0 before the first."
        )
    return value
