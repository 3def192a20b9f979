"""The web channel's doors: malformed, foreign, slow and greedy clients, and the files it serves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import WSMsgType
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web_asks import Hello, Malformed, Rate, Say, parse
from bot.channels.web_face import DeskFace
from bot.channels.web_line import BURST, WAITING, Bucket
from conversations.events import OperatorWrote
from tests.bot.web_desk import Desk, desk
from tests.bot.web_tab import AiohttpClient, Client, connect, enter


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path / "log.db") as made:
        yield made


@pytest.fixture
async def client(running: Desk, aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(running.app())


MALFORMED = [
    "",
    "nothing",
    "null",
    "[]",
    "[" * 60_000,
    '{"type":"say"}',
    '{"type":"say","id":"c1"}',
    '{"type":"say","id":"c1","text":7,"choice":null}',
    '{"type":"say","id":"a b","text":"hi","choice":null}',
    '{"type":"say","id":"\\ud800","text":"hi","choice":null}',
    '{"type":"hello","token":null,"seq":0}',
    '{"type":"hello","token":null,"seq":NaN}',
    '{"type":"rate","message_id":"m","value":"sideways"}',
    '{"type":"x","n":' + "9" * 5000 + "}",
]


@pytest.mark.parametrize("text", MALFORMED, ids=lambda text: text[:40] or "empty")
async def test_a_malformed_frame_is_refused_and_the_socket_stays_open(
    client: Client, text: str
) -> None:
    tab = await enter(client)
    await tab.ws.send_str(text)
    assert (await tab.next("error"))["code"] == "bad_input"
    await tab.ws.send_bytes(b"\x00\xff")
    assert (await tab.next("error"))["code"] == "bad_input"
    await tab.say("hello")
    assert (await tab.next("ack"))["id"] == "c1"


async def test_half_a_surrogate_pair_does_not_stop_anyone(client: Client) -> None:
    tab = await enter(client)
    await tab.ws.send_str('{"type":"say","id":"c1","text":"echo \\ud800 \\u0000","choice":null}')
    assert (await tab.next("ack"))["id"] == "c1"
    assert (await tab.event("bot"))["text"].startswith("\ufffd")


async def test_a_flood_is_slowed_down_and_nothing_else(client: Client) -> None:
    tab = await enter(client)
    for turn in range(BURST + 1):
        await tab.say("hello", about=f"c{turn}")
    refused = await tab.next("error")
    assert (refused["code"], refused["id"]) == ("rate_limited", f"c{BURST}")
    assert not tab.ws.closed


async def test_a_frame_beyond_64_kib_closes_the_socket(client: Client) -> None:
    tab = await enter(client)
    await tab.say("x" * 70_000)
    closing = await tab.ws.receive(timeout=3)
    assert closing.type is WSMsgType.CLOSE
    assert closing.data == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://evil.example",
        "http://127.0.0.1.evil.example",
        "http://[",
        "//127.0.0.1",
    ],
)
async def test_a_foreign_page_is_turned_away_before_the_upgrade(
    client: Client, origin: str
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await connect(client, origin)
    assert refused.value.status == 403


async def test_a_request_without_an_origin_is_turned_away(client: Client) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.ws_connect("/ws")
    assert refused.value.status == 403


async def test_an_allowed_page_may_embed_the_widget(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    async with desk(tmp_path / "log.db", allowed=("https://www.shop.example",)) as running:
        client = await aiohttp_client(running.app())
        ws = await connect(client, "https://www.shop.example")
        await ws.close()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await connect(client, "https://www.shop.example.evil.example")


async def test_whoever_does_not_say_hello_is_let_go(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    async with desk(tmp_path / "log.db", hello_within=0.1) as running:
        ws = await connect(await aiohttp_client(running.app()))
        await ws.send_json({"type": "say", "id": "c1", "text": "hi", "choice": None})
        assert (await ws.receive_json(timeout=2))["code"] == "bad_input"
        closing = await ws.receive(timeout=2)
        assert closing.data == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_a_tab_that_reads_nothing_is_let_go_and_resumes(
    running: Desk, client: Client
) -> None:
    tab = await enter(client)
    await tab.say("a person, please")
    await tab.event("bot")
    conversation = (await running.log.waiting())[0]
    healthy = await enter(client, token=tab.token)
    frozen = tab.ws._response.connection.transport  # type: ignore[union-attr]  # open by now
    assert frozen is not None
    frozen.pause_reading()
    for number in range(4 * WAITING):
        wrote = OperatorWrote(message_id=f"o{number}", operator="ida", text="x" * 60_000)
        await running.log.append(conversation, wrote)
        assert (await healthy.event("operator"))["message_id"] == f"o{number}"
        if len(running.channel._lines) == 1:
            break
    assert len(running.channel._lines) == 1
    back = await enter(client, token=tab.token)
    assert (await back.event("operator"))["message_id"] == "o0"
    frozen.resume_reading()


async def test_stopping_closes_the_sockets_with_a_restart(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    async with desk(tmp_path / "log.db") as running:
        tab = await enter(await aiohttp_client(running.app()))
    closing = await tab.ws.receive(timeout=3)
    assert closing.data == aiohttp.WSCloseCode.SERVICE_RESTART


async def test_files_come_with_the_policy_a_tag_and_nothing_foreign(client: Client) -> None:
    for path in ("/", "/widget.js", "/widget/panel.js", "/static/page.css", "/static/icon.svg"):
        response = await client.get(path)
        assert response.status == 200
        assert "trusted-types 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-cache"
        again = await client.get(path, headers={"If-None-Match": response.headers["ETag"]})
        assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/static/../web.py", "/widget/%2e%2e/page.html", "/static/", "/page.html"]
)
async def test_nothing_but_the_files_is_served(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 404


async def test_a_plain_page_shows_a_name_as_text(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    face = DeskFace('<script>x</script>"&', "Hello", "plain")
    async with desk(tmp_path / "log.db", face=face) as running:
        page = await (await (await aiohttp_client(running.app())).get("/")).text()
    assert "&lt;script&gt;x&lt;/script&gt;&quot;&amp;" in page
    assert "<script>x" not in page
    assert "{{" not in page


async def test_the_widget_is_small(client: Client) -> None:
    async def size(path: str) -> int:
        response = await client.get(path, headers={"Accept-Encoding": "gzip"})
        return int(response.headers["Content-Length"])

    loader, panel = await size("/widget.js"), await size("/widget/panel.js")
    assert loader <= 3 * 1024
    assert loader + panel <= 20 * 1024


def test_a_bucket_fills_with_time() -> None:
    bucket = Bucket(0.0, burst=2, per_second=1.0)
    assert [bucket.take(0.0) for _ in range(3)] == [True, True, False]
    assert [bucket.take(1.0), bucket.take(1.1), bucket.take(9.0)] == [True, False, True]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NEARLY = st.fixed_dictionaries(
    {"type": st.sampled_from(["hello", "say", "rate", "", None])},
    optional=dict.fromkeys(
        ("token", "seq", "id", "text", "choice", "message_id", "value", "comment"), JSON
    ),
)


@given(NEARLY | JSON)
def test_any_frame_is_understood_or_malformed(frame: object) -> None:
    try:
        asked = parse(json.dumps(frame))
    except Malformed:
        return
    assert isinstance(asked, Hello | Say | Rate)
