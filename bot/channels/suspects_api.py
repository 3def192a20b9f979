"""Labels that are probably wrong over HTTP: which, why, and what operators say of them."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from aiohttp import web

from bot import operators
from bot.channels.bodies import body_of, limit_in, name_in, text_in
from bot.channels.guard import Gate, known, operator_in
from bot.channels.problems import Problem
from bot.staff.roles import Role
from bot.suspects import Elsewhere, NoLonger, Shown, Suspects

PATH = "/api/v1/review/suspects"
SIZE, LARGEST = 50, 100  # suspects of a page
NEAREST = 5  # trained examples shown with each


class SuspectsApi:
    """
    The routes, for operators alone.

    Args:
        intents: those the serving Release knows, asked for when they are needed.
    """

    def __init__(
        self, *, suspects: Suspects, intents: Callable[[], Container[str]], gate: Gate
    ) -> None:
        self._suspects = suspects
        self._intents = intents
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        guarded = self._gate.guarded
        return [
            web.get(PATH, guarded(self._page, Role.VIEWER)),
            web.post(PATH, guarded(self._decide, Role.TRAINER)),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        size = limit_in(request, SIZE, LARGEST)
        suspects = await self._suspects.open()
        shown = await self._suspects.shown(suspects[:size])
        return web.json_response(
            {
                "open": len(suspects),
                "known": await self._suspects.known(),
                "suspects": [_row(one) for one in shown],
            }
        )

    async def _decide(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        operator = operator_in(request, body)
        text, intent = text_in(body, "text"), name_in(body, "intent", optional=True)
        meant = name_in(body, "meant", optional="meant" in body)
        if meant and meant != intent and meant not in self._intents():
            raise Problem(400, operators.no_intent(meant))
        try:
            decision = await known(self._suspects.decide(text, intent, meant, operator))
        except NoLonger as error:
            raise Problem(409, str(error), code="conflict") from error
        except Elsewhere as error:
            raise Problem(409, str(error), code="elsewhere") from error
        return web.json_response({"decision": decision})


def _row(shown: Shown) -> dict[str, Any]:
    one = shown.suspect
    return {
        "text": one.text,
        "intent": one.intent,
        "given": one.given,
        "proposed": one.proposed,
        "probability": one.probability,
        "place": one.place,
        "correctable": one.correctable,
        "labels": [
            {
                "message_id": label.event.message_id,
                "conversation_id": label.conversation_id,
                "operator": label.event.operator,
                "at": label.at.isoformat(),
            }
            for label in one.said
        ],
        "nearest": [
            {"text": n.text, "intent": n.intent, "similarity": round(n.similarity, 4)}
            for n in shown.nearest[:NEAREST]
        ],
    }
