"""A whole desk behind its port, with a small model."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import IO, Any

from aiohttp import ClientSession, web

from bot import app
from bot.desk import Desk
from tests.bot.house import fresh_id
from tests.bot.reader import load_reader, write_reader

FIRST = "a" * 16


def make_desk(folder: Path, toml: str = "", **manifest: object) -> Desk:
    """Make a desk with one small Release that serves."""
    (folder / "desk.toml").write_text(f"name = 'Test'\n{toml}")
    desk = Desk.open(folder)
    write_reader(desk.shelf.releases, FIRST, **manifest)
    desk.shelf.promote(FIRST)
    return desk


def world() -> app.World:
    return app.World(
        load=load_reader,
        clock=lambda: datetime.now(UTC),
        new_id=fresh_id,
        rng=Random(0),  # noqa: S311 - chance that repeats
    )


@dataclass
class Client:
    """What a program on the other side of HTTP sees: status and body."""

    url: str
    session: ClientSession
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    async def post(
        self,
        path: str,
        body: object = None,
        *,
        data: IO[bytes] | None = None,
        operator: bool = False,
    ) -> tuple[int, Any]:
        return await self.ask("POST", path, operator=operator, json=body, data=data)

    async def get(self, path: str, *, operator: bool = False) -> tuple[int, Any]:
        return await self.ask("GET", path, operator=operator)

    async def say(self, text: str, visitor: str = "ada", **more: object) -> Any:
        status, answer = await self.post(
            "/api/v1/messages", {"visitor": visitor, "text": text, **more}
        )
        assert status == 200, answer
        return answer

    async def ask(self, method: str, path: str, *, operator: bool, **body: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if operator else self.headers
        given = {name: value for name, value in body.items() if value is not None}
        async with self.session.request(method, self.url + path, headers=headers, **given) as got:
            if got.status >= 400 and path != "/readyz":
                assert got.content_type == "application/problem+json"
            return got.status, await got.json(content_type=None)


@contextlib.asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[Client]:
    async with (
        app.serving(desk, world(), host="127.0.0.1", port=0) as url,
        ClientSession() as session,
    ):
        yield Client(url, session, desk.operator_token())


@contextlib.asynccontextmanager
async def serving(routes: list[web.RouteDef]) -> AsyncIterator[str]:
    """Serve another program's routes on loopback; gives the URL."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
