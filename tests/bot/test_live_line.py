"""The console's live line: what happens is told within moments, and to nobody whose session is over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar

from tests.bot.console_desk import PASSWORD, staffed
from tests.bot.served import Client, served

Frame = dict[str, Any]


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(staffed(tmp_path)) as found:
        yield found


def jar() -> CookieJar:
    return CookieJar(unsafe=True)  # an address of numbers is a host too


async def sign_in(client: Client, session: ClientSession, name: str) -> None:
    body = {"name": name, "password": PASSWORD}
    async with session.post(f"{client.url}/console/login", json=body) as got:
        assert got.status == 204


class Heard:
    """What a socket has told and nobody has asked for yet: rows, counts and events come in no order among each other."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self._kept: list[Frame] = []

    async def __call__(self, kind: str, /, *path: str, **fields: object) -> Frame:
        """Wait for a frame of a kind which has these fields, at `path` in it."""
        async with asyncio.timeout(15):
            while True:
                for at, frame in enumerate(self._kept):
                    if frame["kind"] == kind and fields.items() <= _in(frame, path).items():
                        return self._kept.pop(at)
                self._kept.append(await self.socket.receive_json())


def _in(frame: Frame, path: tuple[str, ...]) -> Frame:
    for key in path:
        frame = frame[key]
    return frame


@contextlib.asynccontextmanager
async def line(client: Client, session: ClientSession) -> AsyncIterator[Heard]:
    url = f"{client.url}/api/v1/live"
    async with session.ws_connect(url, origin=client.url) as socket:
        yield Heard(socket)


async def test_colleagues_see_rows_events_and_each_other(client: Client) -> None:
    async with ClientSession(cookie_jar=jar()) as of_ann, ClientSession(cookie_jar=jar()) as of_bob:
        await sign_in(client, of_ann, "Ann")
        await sign_in(client, of_bob, "Bob")
        async with line(client, of_ann) as ann, line(client, of_bob) as bob:
            said = await client.say("a person please")
            conversation = said["conversation_id"]
            row = (await ann("row", "row", state="waiting"))["row"]
            assert row["last_by"] in {"bot", "customer"}
            await ann("counts", "counts", waiting=1)
            await ann.socket.send_json({"watch": conversation})
            await ann("viewing", conversation_id=conversation, who=[])
            await bob.socket.send_json({"watch": conversation})
            await bob("viewing", conversation_id=conversation, who=["Ann"])
            await ann.socket.send_json({"typing": conversation, "on": True})
            await bob("typing", who="Ann", on=True)
            taking = {"operator": "Ann"}
            await client.post(f"/api/v1/conversations/{conversation}/take", taking, operator=True)
            await bob("event", "event", kind="taken")
            await bob("row", "row", owner="Ann")
            await ann.socket.send_json({"watch": None})
            await bob("viewing", who=[])
            await bob.socket.send_json({"watch": 3})
            assert "watch" in (await bob("error"))["detail"]


async def test_the_line_ends_with_the_session(client: Client) -> None:
    async with ClientSession(cookie_jar=jar()) as session:
        await sign_in(client, session, "Ann")
        async with line(client, session) as ann:
            socket = ann.socket
            ended, body = "/api/v1/users/Ann", {"sessions": "end"}
            assert (await client.post(ended, body, operator=True))[0] == 200
            async with asyncio.timeout(3):
                while not (await socket.receive()).type.name.startswith("CLOS"):
                    pass
            assert socket.close_code == 1008


async def test_no_page_of_somebody_else_opens_the_line(client: Client) -> None:
    async with ClientSession(cookie_jar=jar()) as session:
        await sign_in(client, session, "Ann")
        asked = session.get(
            f"{client.url}/api/v1/live",
            headers={
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Origin": "http://else.example",
            },
        )
        async with asked as got:
            assert got.status == 403
