"""The same done to several conversations over HTTP, with what came of it for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.channels.bodies import body_of, name_in, text_in, time_in
from bot.channels.guard import Gate, changed, operator_in
from bot.channels.problems import Problem
from bot.staff.roles import Role
from bot.together import MOST, Act, Outcome, Wanted, together
from conversations.log import EventLog

_VALUE = {
    Act.ASSIGN: "to",
    Act.SNOOZE: "until",
    Act.CLOSE: "",
}  # the field that says what it is to be


class BulkApi:
    """The route /api/v1/bulk."""

    def __init__(self, *, log: EventLog, gate: Gate) -> None:
        self._log = log
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/api/v1/bulk", self._gate.guarded(self._bulk, Role.OPERATOR))]

    async def _bulk(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        ids, act = _ids(body), _act(body)
        expects = _value(body, act, "expects") if "expects" in body else None
        wanted = Wanted(act, operator_in(request, body), _value(body, act, _VALUE[act]), expects)
        outcomes = await together(self._log, ids, wanted)
        done = sum(one.outcome is Outcome.DONE for one in outcomes)
        changed(request, "", f"{act}: {done} of {len(outcomes)} conversations")
        return web.json_response({"outcomes": [asdict(one) for one in outcomes]})


def _ids(body: Mapping[str, Any]) -> Sequence[str]:
    named = body.get("conversations")
    if not isinstance(named, list) or not 0 < len(named) <= MOST:
        raise Problem(400, f"The field 'conversations' must be a list of 1 to {MOST} ids.")
    return [name_in({"conversations": one}, "conversations") for one in named]


def _act(body: Mapping[str, Any]) -> Act:
    try:
        return Act(text_in(body, "do"))
    except ValueError as error:
        raise Problem(400, f"The field 'do' must be one of {', '.join(Act)}.") from error


def _value(body: Mapping[str, Any], act: Act, field: str) -> str:
    if act is Act.CLOSE:
        return ""
    given = name_in(body, field, optional=True)
    return time_in(given, field) if act is Act.SNOOZE else given
