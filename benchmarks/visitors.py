"""
Customers who do not give up: they send a message again, under its own id, until it is acknowledged.

What was acknowledged (HTTP 200, or the socket's `ack`) is never sent again: from then on it is the server's. Whoever is
handed to a person leaves, and the next customer takes the place, since the bot is silent where a person has spoken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSServerHandshakeError

PAUSE = 0.25  # seconds until the next attempt
TOO_FAST = 0.6  # seconds; a socket may say two things a second
ASKED_FOR = 3  # times a socket looks for an answer that does not come

Message = tuple[str, str]  # client message id, text


@dataclass(slots=True)
class Ledger:
    """What the customers were promised: by their message id, the reply (HTTP) or their message's own id (socket)."""

    by_http: dict[str, str] = field(default_factory=dict)
    by_socket: dict[str, str] = field(default_factory=dict)
    resent: int = 0
    unseen: list[str] = field(default_factory=list)  # acknowledged, but no answer ever came
    _grown: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __len__(self) -> int:
        return len(self.by_http) + len(self.by_socket)

    async def note(self, book: dict[str, str], client_id: str, message_id: str) -> None:
        book[client_id] = message_id
        async with self._grown:
            self._grown.notify_all()

    async def reached(self, count: int) -> None:
        async with self._grown:
            await self._grown.wait_for(lambda: len(self) >= count)


@dataclass(slots=True)
class Caller:
    """A customer of the HTTP API."""

    session: ClientSession
    url: str
    name: str
    ledger: Ledger
    patience: float
    _followed: int = 0

    async def run(self, messages: Iterable[Message]) -> None:
        for client_id, text in messages:
            answer = await self._insist(client_id, text)
            await self.ledger.note(self.ledger.by_http, client_id, answer["message_id"])
            self._followed += answer["action"] == "handoff"

    async def _insist(self, client_id: str, text: str) -> dict[str, Any]:
        body = {"visitor": f"{self.name}-{self._followed}", "client_message_id": client_id}
        while True:
            try:
                async with asyncio.timeout(self.patience):
                    async with self.session.post(
                        f"{self.url}/api/v1/messages", json={**body, "text": text}
                    ) as response:
                        if response.status == 200:
                            answer: dict[str, Any] = await response.json()
                            return answer
            except (ClientError, ConnectionError, TimeoutError):
                pass
            self.ledger.resent += 1
            await asyncio.sleep(PAUSE)


@dataclass(slots=True)
class Tab:
    """A customer of the widget, as the server sees one."""

    session: ClientSession
    url: str
    ledger: Ledger
    patience: float
    token: str | None = None
    seq: int = 0  # of the last event seen
    _bot: int = 0  # seq of the bot's last words
    _acked: int = 0  # seq of the message that waits for its answer, 0 before it is acknowledged
    _handed_over: bool = False

    async def run(self, messages: Iterable[Message]) -> None:
        for client_id, text in messages:
            await self._insist(client_id, text)
            if self._handed_over:
                self._make_room()

    def _make_room(self) -> None:
        self.token, self.seq, self._bot, self._handed_over = None, 0, 0, False

    async def _insist(self, client_id: str, text: str) -> None:
        self._acked, looked = 0, 0
        while looked < ASKED_FOR:
            try:
                async with self.session.ws_connect(
                    f"{self.url}/ws", headers={"Origin": self.url}
                ) as ws:
                    await self._enter(ws)
                    await self._ask(ws, client_id, text)
                    return
            except TimeoutError:
                looked += bool(self._acked)
            except (ClientError, WSServerHandshakeError, ConnectionError, TypeError):
                pass  # TypeError: receive_json of a socket that was closed
            self.ledger.resent += not self._acked
            await asyncio.sleep(PAUSE)
        self.ledger.unseen.append(client_id)
        self._make_room()

    async def _enter(self, ws: ClientWebSocketResponse) -> None:
        await ws.send_json({"type": "hello", "token": self.token, "seq": self.seq})
        welcome = await ws.receive_json(timeout=self.patience)
        if welcome["token"] != self.token:
            self.token, self.seq, self._bot = welcome["token"], 0, 0

    async def _ask(self, ws: ClientWebSocketResponse, client_id: str, text: str) -> None:
        say = {"type": "say", "id": client_id, "text": text, "choice": None}
        if not self._acked:
            await ws.send_json(say)
        while not self._acked or self._bot < self._acked:
            frame = await ws.receive_json(timeout=self.patience)
            match frame["type"]:
                case "ack" if frame["id"] == client_id:
                    self._acked = frame["seq"]
                    await self.ledger.note(self.ledger.by_socket, client_id, frame["message_id"])
                case "event":
                    self._see(frame)
                case "error" if frame["id"] == client_id:
                    await asyncio.sleep(TOO_FAST)
                    await ws.send_json(say)

    def _see(self, frame: dict[str, Any]) -> None:
        self.seq = max(self.seq, frame["seq"])
        if frame["kind"] == "bot":
            self._bot = max(self._bot, frame["seq"])
            self._handed_over |= frame["action"] == "handoff"
