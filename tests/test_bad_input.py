"""Bad messages over every door: refused in one sentence or stored legibly, and the next one is answered."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import WSCloseCode, WSMsgType

from bot.desk import Desk
from bot.refused import Refused
from conversations.events import Heard
from conversations.reader import Reader
from tests.bot.served import Client, make_desk, served
from tests.fakes.telegram import FakeTelegram

TOKEN = "123456:Loopback-token_of-a-bot"
MESSAGES = "/api/v1/messages"
GOOD = "where is my order"
REFUSED = {"empty": "", "invisible": " \u200b\u2800", "only NUL": "\0\0", "4,097": "x" * 4097}
TOO_MUCH = "x" * 2**20
KEPT = {
    "lone surrogate": ("\ud83d order", "\ufffd order"),
    "NUL": ("or\0der", "order"),
    "only emoji": ("😡😡", "😡😡"),
    "HTML": ("<script>alert(1)</script> & <b>order</b>",) * 2,
}
bad = pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
strange = pytest.mark.parametrize(("text", "stored"), KEPT.values(), ids=KEPT)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(TOKEN) as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, telegram: FakeTelegram) -> Desk:
    return make_desk(tmp_path, f"[telegram]\ntoken = '{TOKEN}'\nbase_url = '{telegram.base_url}'\n")


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    async with served(desk) as client:
        yield client


def heard(desk: Desk) -> list[str]:
    with Reader.open(desk.database) as log:
        return [r.event.text for r in log.events() if isinstance(r.event, Heard)]


async def says(socket: aiohttp.ClientWebSocketResponse, text: str) -> dict[str, Any]:
    """Say something and return the acknowledgement or the error."""
    await socket.send_json({"type": "say", "id": "c1", "text": text, "choice": None})
    while (frame := await socket.receive_json(timeout=5))["type"] not in {"ack", "error"}:
        pass
    assert isinstance(frame, dict)
    return frame


async def entered(client: Client) -> aiohttp.ClientWebSocketResponse:
    socket = await client.session.ws_connect(client.url + "/ws", headers={"Origin": client.url})
    await socket.send_json({"type": "hello", "token": None, "seq": 0})
    return socket


class TestHttp:
    @bad
    async def test_is_refused(self, client: Client, desk: Desk, text: str) -> None:
        status, problem = await client.post(MESSAGES, {"visitor": "ada", "text": text})
        assert status in {400, 413}
        assert problem["detail"].endswith(".")
        assert (await client.say(GOOD))["action"] == "reply"
        assert heard(desk) == [GOOD]

    @strange
    async def test_is_kept(self, client: Client, desk: Desk, text: str, stored: str) -> None:
        await client.say(text)
        assert heard(desk) == [stored]

    @pytest.mark.parametrize(
        ("body", "status"), [(b'{"visitor":"a","text":"caf\xe9"}', 400), (b"x" * 2**20, 413)]
    )
    async def test_a_bad_body_is_refused(
        self, client: Client, desk: Desk, body: bytes, status: int
    ) -> None:
        assert (await client.post(MESSAGES, data=io.BytesIO(body)))[0] == status
        assert heard(desk) == []


class TestWebSocket:
    @bad
    async def test_is_refused(self, client: Client, desk: Desk, text: str) -> None:
        socket = await entered(client)
        refused = await says(socket, text)
        assert (refused["type"], refused["id"]) == ("error", "c1")
        assert refused["message"].endswith(".")
        assert (await says(socket, GOOD))["type"] == "ack"
        assert heard(desk) == [GOOD]

    @strange
    async def test_is_kept(self, client: Client, desk: Desk, text: str, stored: str) -> None:
        assert (await says(await entered(client), text))["type"] == "ack"
        assert heard(desk) == [stored]

    async def test_too_much_ends_that_socket_only(self, client: Client, desk: Desk) -> None:
        socket = await entered(client)
        await socket.send_json({"type": "say", "id": "c1", "text": TOO_MUCH, "choice": None})
        assert await closed(socket) == WSCloseCode.MESSAGE_TOO_BIG
        assert (await says(await entered(client), GOOD))["type"] == "ack"
        assert heard(desk) == [GOOD]

    async def test_what_is_no_utf_8_ends_that_socket_only(self, client: Client, desk: Desk) -> None:
        socket = await entered(client)
        await socket._writer.send_frame(b'{"type":"say","text":"caf\xe9"}', WSMsgType.TEXT)
        assert await closed(socket) == WSCloseCode.INVALID_TEXT
        assert (await says(await entered(client), GOOD))["type"] == "ack"
        assert heard(desk) == [GOOD]


async def closed(socket: aiohttp.ClientWebSocketResponse) -> int:
    """Wait until the server closes; return why."""
    while (message := await socket.receive(timeout=5)).type is not WSMsgType.CLOSE:
        pass
    return int(message.data)


class TestTelegram:
    @pytest.mark.parametrize("text", [*list(REFUSED.values())[1:], TOO_MUCH], ids=len)
    async def test_is_refused(
        self, client: Client, desk: Desk, telegram: FakeTelegram, text: str
    ) -> None:
        telegram.customer_says(7, text)
        assert "empty or too long" in (await telegram.wait_for_message(7)).text
        telegram.customer_says(7, GOOD)
        assert "which order" in (await telegram.wait_for_message(7, 2)).text
        assert heard(desk) == [GOOD]

    @strange
    async def test_is_kept(
        self, client: Client, desk: Desk, telegram: FakeTelegram, text: str, stored: str
    ) -> None:
        telegram.customer_says(7, text)
        await telegram.wait_for_message(7)
        assert heard(desk) == [stored]


async def test_a_token_that_telegram_does_not_know_is_refused_and_not_repeated(
    tmp_path: Path, telegram: FakeTelegram
) -> None:
    wrong = "999999:not-the-token_of-this-bot"
    desk = make_desk(tmp_path, f"[telegram]\ntoken = '{wrong}'\nbase_url = '{telegram.base_url}'\n")
    with pytest.raises(Refused, match=r"Telegram refused the token: .* @BotFather") as refused:
        async with served(desk):
            pass
    assert wrong not in str(refused.value)
    assert desk.holder() is None
