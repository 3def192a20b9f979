"""A line that breaks a hundred times with words in between: nothing is lost, and nothing comes twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import ClientConnectionError, ClientWebSocketResponse, WSMsgType

from tests.bot.served import Client, make_desk, served

DROPS = 100


@dataclass
class Widget:
    """What the widget does: keeps what is not acknowledged, resumes by seq, and says it again under the same id."""

    client: Client
    chance: Random
    token: str | None = None
    seq: int = 0
    waiting: dict[str, str] = field(default_factory=dict)
    shown: list[dict[str, Any]] = field(default_factory=list)

    async def live(self, frames: int | None) -> None:
        """Be connected for so many frames, and be cut off then; for as long as something is missing where that is None."""
        url, headers = f"{self.client.url}/ws", {"Origin": self.client.url}
        async with self.client.session.ws_connect(url, headers=headers) as ws:
            await ws.send_json({"type": "hello", "token": self.token, "seq": self.seq})
            await self._read(ws, frames)
            if frames is not None:
                connection = ws._response.connection
                if connection is not None and connection.transport is not None:
                    connection.transport.abort()

    async def _read(self, ws: ClientWebSocketResponse, frames: int | None) -> None:
        said = 0
        while frames is None or said < frames:
            try:
                message = await ws.receive(timeout=1.0 if frames is None else 0.05)
            except TimeoutError:
                return
            if message.type is not WSMsgType.TEXT:
                return
            said += 1
            await self._take(ws, message.json())

    async def _take(self, ws: ClientWebSocketResponse, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self.token = frame["token"]
                await self._say_next(ws)
            case "ack":
                self.waiting.pop(frame["id"], None)
                await self._say_next(ws)
            case "error":
                assert frame["code"] == "rate_limited"
                await asyncio.sleep(0.5)
                await self._say_next(ws)
            case "event":
                self.seq = frame["seq"]
                self.shown.append(frame)
            case _:
                pass

    async def _say_next(self, ws: ClientWebSocketResponse) -> None:
        for about, text in list(self.waiting.items())[:1]:
            await ws.send_json({"type": "say", "id": about, "text": text})


async def test_a_hundred_broken_lines_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    chance = Random(6)  # noqa: S311 - chance that repeats
    async with served(make_desk(tmp_path)) as client:
        widget = Widget(client, chance)
        await widget.live(1)
        for number in range(DROPS):
            widget.waiting[f"m{number}"] = f"my order please, number {number}"
            try:
                await widget.live(chance.randrange(1, 9))
            except (ClientConnectionError, ConnectionError):
                await asyncio.sleep(0)
        await widget.live(None)
        _, found = await client.get("/api/v1/search?q=order", operator=True)
        conversation_id = found["rows"][0]["conversation_id"]
        _, whole = await client.get(f"/api/v1/conversations/{conversation_id}", operator=True)
    heard = Counter(e["text"] for e in whole["events"] if e["kind"] == "heard")
    decided = Counter(e["in_reply_to"] for e in whole["events"] if e["kind"] == "decided")
    assert heard == {f"my order please, number {number}": 1 for number in range(DROPS)}
    assert (len(decided), set(decided.values())) == (DROPS, {1})
    assert widget.waiting == {}
    seen = [frame["seq"] for frame in widget.shown]
    assert seen == sorted(set(seen))
    assert Counter(frame["kind"] for frame in widget.shown) == {"customer": DROPS, "bot": DROPS}
