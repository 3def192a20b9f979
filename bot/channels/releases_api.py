"""
Releases over HTTP: which there are and how they compare, promoting, going back, retraining now, and what a change would change.

Retraining and the comparison of answers run as processes of their own, one of each at a time; what they say is told on the live line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from bot import catalogue
from bot.channels.bodies import body_of
from bot.channels.guard import Gate, changed, operator_in
from bot.channels.problems import Problem
from bot.channels.web_frames import Frame
from bot.errands import AtIt, Errand, Errands
from bot.staff.roles import Role
from conversations.text import printable
from retrieval.manifest import ReleaseRefused, verify
from retrieval.shelf import Shelf, ShelfError

PATH = "/api/v1/releases"
REASON = 500  # characters
WORDINGS = 2_000  # of the log, that a comparison replays: the commonest, in some 20 seconds


class ReleasesApi:
    """
    The routes. `async with` ends what runs when the server does.

    Args:
        tell: whoever has the console open.
    """

    def __init__(
        self,
        *,
        shelf: Shelf,
        clock: Callable[[], datetime],
        tell: Callable[[Frame], None],
        gate: Gate,
    ) -> None:
        self._shelf = shelf
        self._gate = gate
        self._tell = tell
        self._retraining = Errands(clock, lambda errand: self._told("retrain", errand))
        self._comparing = Errands(clock, lambda errand: self._told("diff", errand))

    def routes(self) -> list[web.RouteDef]:
        guarded = self._gate.guarded
        return [
            web.get(PATH, guarded(self._all, Role.VIEWER)),
            web.get(f"{PATH}/retrain", guarded(self._retrained, Role.VIEWER)),
            web.post(f"{PATH}/retrain", guarded(self._retrain, Role.TRAINER)),
            web.delete(f"{PATH}/retrain", guarded(self._stop, Role.TRAINER)),
            web.get(f"{PATH}/diff", guarded(self._compared, Role.VIEWER)),
            web.post(f"{PATH}/diff", guarded(self._compare, Role.TRAINER)),
            web.post(f"{PATH}/rollback", guarded(self._rollback, Role.TRAINER)),
            web.get(f"{PATH}/{{hash}}", guarded(self._one, Role.VIEWER)),
            web.post(f"{PATH}/{{hash}}/promote", guarded(self._promote, Role.TRAINER)),
        ]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(self._retraining.stop(), self._comparing.stop())

    async def _all(self, request: web.Request) -> web.Response:
        return web.json_response(await asyncio.to_thread(catalogue.listed, self._shelf))

    async def _one(self, request: web.Request) -> web.Response:
        name = await self._named(request.match_info["hash"])
        return web.json_response(await asyncio.to_thread(catalogue.shown, self._shelf, name))

    async def _promote(self, request: web.Request) -> web.Response:
        name = await self._named(request.match_info["hash"])
        before, because = self._shelf.serving, _because(request, await body_of(request))
        if name == before:
            raise Problem(409, f"Release {name} is the champion already.", code="conflict")
        try:
            await asyncio.to_thread(verify, self._shelf.releases / name)
            await asyncio.to_thread(self._shelf.promote, name, because=because)
        except (ReleaseRefused, ShelfError) as error:
            raise Problem(409, f"It cannot be promoted: {error}", code="refused") from error
        changed(request, before, name)
        return web.json_response({"champion": name, "before": before})

    async def _rollback(self, request: web.Request) -> web.Response:
        before, because = self._shelf.serving, _because(request, await body_of(request))
        try:
            name = await asyncio.to_thread(self._shelf.rollback, _intact, because=because)
        except ShelfError as error:
            raise Problem(409, str(error), code="conflict") from error
        changed(request, before, name)
        return web.json_response({"champion": name, "before": before})

    async def _retrain(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        hold = body.get("hold", False)
        if not isinstance(hold, bool):
            raise Problem(400, "The field 'hold' must be true or false.")
        words = [
            "retrain",
            "--json",
            "--no-topics",  # whoever waits for the Release looks for topics in the review
            "--desk",
            str(self._shelf.folder),
            *(["--hold"] if hold else []),
        ]
        by = operator_in(request, body)
        return self._begun(self._retraining, words, about="hold" if hold else "", by=by)

    async def _retrained(self, request: web.Request) -> web.Response:
        return web.json_response(_state(self._retraining.last))

    async def _stop(self, request: web.Request) -> web.Response:
        await self._retraining.stop()
        return web.json_response(_state(self._retraining.last))

    async def _compare(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        pair = [await self._named(str(body.get(name, ""))) for name in ("before", "after")]
        desk = ["--desk", str(self._shelf.folder)]
        words = ["releases", "diff", *desk, "--json", "--limit", str(WORDINGS), *pair]
        by = operator_in(request, body)
        return self._begun(self._comparing, words, about=" ".join(pair), by=by)

    async def _compared(self, request: web.Request) -> web.Response:
        return web.json_response(_state(self._comparing.last))

    def _begun(self, errands: Errands, words: list[str], *, about: str, by: str) -> web.Response:
        try:
            errand = errands.begin(words, about=about, by=by)
        except AtIt:
            assert errands.last is not None  # noqa: S101 - it is at it
            raise Problem(
                409,
                f"{errands.last.by} began it at {errands.last.begun}, and it still runs.",
                code="running",
            ) from None
        return web.json_response(_state(errand))

    def _told(self, kind: str, errand: Errand) -> None:
        """The result is fetched by whoever wants it."""
        frame = {name: value for name, value in errand.as_json().items() if name != "result"}
        self._tell({"kind": kind, **frame})

    async def _named(self, prefix: str) -> str:
        try:
            return (await asyncio.to_thread(self._shelf.release, prefix)).name
        except ShelfError as error:
            raise Problem(404, str(error)) from error


def _intact(release: Path) -> bool:
    try:
        verify(release)
    except ReleaseRefused:
        return False
    return True


def _because(request: web.Request, body: Mapping[str, Any]) -> str:
    """Return who and why, as the history of the champion has it."""
    by, reason = operator_in(request, body), body.get("reason", "")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > REASON:
        raise Problem(400, f"The field 'reason' must say why, in 1 to {REASON} characters.")
    return f"{by}: {' '.join(printable(reason).split())}"


def _state(errand: Errand | None) -> dict[str, Any]:
    return errand.as_json() if errand else {"running": False}
