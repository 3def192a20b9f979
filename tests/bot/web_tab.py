"""A browser tab, as far as the server sees one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient

Client = TestClient[web.Request, web.Application]
AiohttpClient = Callable[[web.Application], Awaitable[Client]]
Frame = dict[str, Any]


class Tab:
    """A browser tab, as far as the server sees one."""

    def __init__(self, ws: ClientWebSocketResponse) -> None:
        self.ws = ws
        self.welcome: Frame = {}
        self._passed: list[Frame] = []

    @property
    def token(self) -> str:
        return str(self.welcome["token"])

    async def send(self, **frame: object) -> None:
        await self.ws.send_json(frame)

    async def say(self, text: str, about: str = "c1", choice: str | None = None) -> None:
        await self.send(type="say", id=about, text=text, choice=choice)

    async def next(self, kind: str) -> Frame:
        """Return the next frame of this type; an acknowledgement and its event may come in either order."""
        return await self._first(lambda frame: frame["type"] == kind)

    async def event(self, kind: str) -> Frame:
        return await self._first(lambda frame: frame.get("kind") == kind)

    async def _first(self, fits: Callable[[Frame], bool]) -> Frame:
        for frame in self._passed:
            if fits(frame):
                self._passed.remove(frame)
                return frame
        while not fits(frame := await self.ws.receive_json(timeout=3)):
            self._passed.append(frame)
        return frame

    async def quiet(self) -> list[Frame]:
        """Return what is left and what still comes, until nothing does."""
        got, self._passed = self._passed, []
        try:
            while True:
                got.append(await self.ws.receive_json(timeout=0.15))
        except TimeoutError:
            return got

    async def closed(self) -> int:
        """Wait until the server closes the socket, and return its code."""
        while True:
            message = await self.ws.receive(timeout=3)
            if message.type is WSMsgType.CLOSE:
                return int(message.data)


async def connect(client: Client, origin: str | None = None) -> ClientWebSocketResponse:
    own = str(client.make_url("/").origin())
    return await client.ws_connect("/ws", headers={"Origin": own if origin is None else origin})


async def enter(client: Client, token: str | None = None, seq: int = 0, **more: object) -> Tab:
    tab = Tab(await connect(client))
    await tab.send(type="hello", token=token, seq=seq, **more)
    tab.welcome = await tab.next("welcome")
    return tab
