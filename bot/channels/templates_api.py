"""The HTTP API of the desk's answers: every version listed, drafts saved, approved, made live, retired, gone back to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot import operators
from bot.answers import (
    CHANGES,
    Change,
    Conflict,
    Unsavable,
    as_history,
    as_listed,
    audiences,
    given_of,
)
from bot.channels.bodies import body_of, name_in, named
from bot.channels.guard import Gate, operator_in
from bot.channels.problems import Handler, Problem
from bot.previews import previews
from bot.rounds import Rounds
from bot.staff.roles import Role
from bot.tutor import Tutor

PATH = "/api/v1/templates"
ONE = f"{PATH}/{named('id')}"


def template_routes(tutor: Tutor, rounds: Rounds, gate: Gate) -> list[web.RouteDef]:
    """Return the routes, each behind the operators' gate; `rounds` says what somebody should look at."""

    async def listed(request: web.Request) -> web.Response:
        known = await tutor.known()
        looks = await rounds.flags(known, tutor.champion)
        rows = [
            {**row, "flags": [one.as_json() for one in looks.get(row["id"], ())]}
            for row in as_listed(known, tutor.champion)
        ]
        return web.json_response({"templates": rows, **audiences(given_of(known, tutor.champion))})

    async def shown(request: web.Request) -> web.Response:
        known = await tutor.known()
        try:
            return web.json_response(as_history(request.match_info["id"], known, tutor.champion))
        except operators.Unknown as error:
            raise Problem(404, str(error)) from error

    async def put(request: web.Request) -> web.Response:
        body = await body_of(request)
        return await _saved(tutor, _change(request, body, row=_row(body)))

    async def preview(request: web.Request) -> web.Response:
        row = _row(await body_of(request))
        try:
            shown = await asyncio.to_thread(previews, row, tutor.variables)
        except Unsavable as error:
            raise Problem(400, str(error)) from error
        return web.json_response({"previews": [one.as_json() for one in shown]})

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
        web.get(PATH, gate.guarded(listed, Role.VIEWER)),
        web.post(f"{PATH}/preview", gate.guarded(preview, Role.VIEWER, audited=False)),
        web.get(f"{ONE}", gate.guarded(shown, Role.VIEWER)),
        web.put(f"{ONE}", gate.guarded(put, Role.TRAINER)),
        *(
            web.post(f"{ONE}/{name}", gate.guarded(to_state(name), Role.TRAINER))
            for name in CHANGES
        ),
        web.post(f"{ONE}/restore", gate.guarded(restore, Role.TRAINER)),
    ]


def _row(body: Mapping[str, Any]) -> dict[str, Any]:
    row = body.get("template")
    if not isinstance(row, dict):
        raise Problem(400, "The field 'template' must be an object, as a line of templates.jsonl.")
    return row


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
        operator=operator_in(request, body),
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
