"""Files through the real server: who may send and see them, how a browser gets them, and what the bot says."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, FormData

from bot.channels.file_uploads import MAX_FILE
from bot.channels.networks import Networks
from bot.channels.upload_pace import OF_VISITOR
from bot.desk import Desk
from tests.bot.served import Client, make_desk, served
from tests.bot.test_file_kinds import PNG
from tests.bot.web_tab import Tab

SITE = "https://shop.example"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path, f"allowed_origins = ['{SITE}']")


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    async with served(desk) as found:
        yield found


@asynccontextmanager
async def opened(client: Client, token: str | None = None, **more: object) -> AsyncIterator[Tab]:
    async with client.session.ws_connect(f"{client.url}/ws", headers={"Origin": client.url}) as ws:
        tab = Tab(ws)
        await tab.send(type="hello", token=token, seq=0, **more)
        tab.welcome = await tab.next("welcome")
        yield tab


async def upload(
    client: Client,
    token: str,
    content: bytes = PNG,
    name: str = "photo.png",
    path: str = "/files",
    **headers: str,
) -> tuple[int, Any]:
    form = FormData()
    form.add_field("file", io.BytesIO(content), filename=name)
    bearer = {"Authorization": f"Bearer {token}", **headers}
    async with client.session.post(client.url + path, data=form, headers=bearer) as response:
        return response.status, await response.json(content_type=None)


async def fetched(session: ClientSession, url: str) -> tuple[ClientResponse, bytes]:
    async with session.get(url) as response:
        return response, await response.read()


async def test_a_file_goes_to_a_person_with_a_sentence_once(client: Client) -> None:
    async with opened(client) as tab:
        status, file = await upload(client, tab.token)
        assert (status, file["name"], file["type"]) == (200, "photo.png", "image/png")
        await tab.send(type="say", id="c1", text="", files=[file["id"]])
        heard = await tab.event("customer")
        assert (heard["text"], heard["files"]) == ("", [file])
        answer = await tab.event("bot")
        assert (answer["action"], "can't look into files" in answer["text"]) == ("handoff", True)
        _, second = await upload(client, tab.token, PNG + b"2")
        await tab.send(type="say", id="c2", text=" ", files=[second["id"]])
        assert (await tab.event("customer"))["files"] == [second]
        assert [f for f in await tab.quiet() if f.get("kind") == "bot"] == []


async def test_words_that_come_with_a_file_are_answered(client: Client) -> None:
    async with opened(client) as tab:
        _, file = await upload(client, tab.token)
        await tab.send(type="say", id="c1", text="my order please", files=[file["id"]])
        assert (await tab.event("bot"))["action"] == "reply"


async def test_a_browser_is_given_a_file_inert(client: Client) -> None:
    async with opened(client) as tab:
        _, picture = await upload(client, tab.token)
        response, body = await fetched(client.session, client.url + picture["url"])
        assert (response.status, body, response.content_type) == (200, PNG, "image/png")
        assert response.headers["Content-Disposition"].startswith("inline")
        page = b"<!doctype html><script>alert(1)</script>"
        _, html = await upload(client, tab.token, page, 'x".html')
        response, body = await fetched(client.session, client.url + html["url"])
        assert (response.content_type, body) == ("text/plain", page)
        assert response.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        guess = client.url + picture["url"].replace(picture["id"], "0" * 32)
        assert (await fetched(client.session, guess))[0].status == 404


async def test_a_file_of_another_visitor_cannot_be_said(client: Client) -> None:
    async with opened(client) as tab, opened(client) as other:
        _, file = await upload(client, tab.token)
        await other.send(type="say", id="c1", text="", files=[file["id"]])
        refused = await other.next("error")
        assert (refused["id"], refused["code"]) == ("c1", "file_gone")
        assert refused["message"] == "Please attach the file again."


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"MZ\x90\0", 415, "wrong_type"),
        (b"", 400, "empty"),
        (b"x" * (MAX_FILE + 1), 413, "too_long"),
    ],
)
async def test_what_is_not_taken_is_refused_in_a_sentence(
    client: Client, content: bytes, status: int, code: str
) -> None:
    async with opened(client) as tab:
        answer = await upload(client, tab.token, content)
        assert (answer[0], answer[1]["code"]) == (status, code)
        assert answer[1]["detail"].endswith(".")


async def test_a_file_of_ten_megabytes_arrives_whole(client: Client) -> None:
    content = PNG + b"x" * (MAX_FILE - len(PNG))
    async with opened(client) as tab:
        status, file = await upload(client, tab.token, content)
        assert (status, file["size"]) == (200, MAX_FILE)
        assert (await fetched(client.session, client.url + file["url"]))[1] == content


async def test_whoever_bears_no_token_sends_nothing(client: Client) -> None:
    for token in ("", "guess", "\u00e9"):
        assert (await upload(client, token))[0] == 401
    assert (await upload(client, "guess", path="/api/v1/files"))[0] == 401


async def test_a_flood_of_files_is_slowed_down(client: Client) -> None:
    async with opened(client) as tab:
        for number in range(OF_VISITOR.burst):
            assert (await upload(client, tab.token, b"text %d" % number))[0] == 200
        status, refused = await upload(client, tab.token)
        assert (status, refused["code"]) == (429, "rate_limited")
        bearer = {"Authorization": f"Bearer {tab.token}"}
        async with client.session.post(f"{client.url}/files", headers=bearer) as response:
            assert 1 <= int(response.headers["Retry-After"]) <= 5
            assert response.content_type == "application/problem+json"


async def test_a_file_is_counted_for_the_network_that_it_comes_from(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "trusted_proxies = ['127.0.0.1']")
    async with served(desk) as client, opened(client) as tab:
        _, file = await upload(client, tab.token, PNG, **{"X-Forwarded-For": "81.2.3.4"})
        card = desk.database.with_suffix(".files") / f"{file['id']}.json"
        kept = json.loads(await asyncio.to_thread(card.read_bytes))
        assert kept["network"] == Networks(desk.network_key()).named("81.2.3.4", ())


async def test_what_is_no_form_is_refused(client: Client) -> None:
    async with opened(client) as tab:
        bearer = {"Authorization": f"Bearer {tab.token}"}
        for kind, body in (
            ("application/json", b"{}"),
            ("multipart/form-data", b"x"),
            ("multipart/form-data; boundary=b", b"--b\r\n\r\nx\r\n--b--"),
            ("multipart/form-data; boundary=b", b"nothing"),
        ):
            async with client.session.post(
                f"{client.url}/files", data=body, headers={**bearer, "Content-Type": kind}
            ) as response:
                assert (response.status, response.content_type) == (
                    400,
                    "application/problem+json",
                ), kind


async def test_only_pages_that_embed_the_widget_may_ask_from_elsewhere(client: Client) -> None:
    async with opened(client) as tab:
        assert (await upload(client, tab.token, Origin=SITE))[0] == 200
        assert (await upload(client, tab.token, Origin="https://evil.example"))[0] == 403
        asked = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
        async with client.session.options(f"{client.url}/files", headers=asked) as response:
            assert response.headers["Access-Control-Allow-Origin"] == SITE
            assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
        async with client.session.options(
            f"{client.url}/files", headers={"Origin": "null"}
        ) as response:
            assert response.status == 403


async def test_a_transcript_has_all_that_was_said_and_is_the_visitors_alone(
    client: Client,
) -> None:
    async with opened(client) as tab, opened(client) as other:
        await tab.say("my order please")
        await tab.event("bot")
        texts = []
        for one in (tab, other):
            bearer = {"Authorization": f"Bearer {one.token}"}
            async with client.session.get(f"{client.url}/transcript", headers=bearer) as response:
                assert response.content_type == "text/plain"
                assert "attachment" in response.headers["Content-Disposition"]
                texts.append(await response.text())
        assert "You: my order please" in texts[0]
        assert "Test: Hello there, which order?" in texts[0]
        assert "order please" not in texts[1]
        told = {"Authorization": f"Bearer {tab.token}", "Accept-Language": "zh-TW, en;q=0.5"}
        async with client.session.get(f"{client.url}/transcript", headers=told) as response:
            assert response.headers["Content-Language"] == "zh-Hant"
            assert "您\uff1amy order please" in await response.text()


async def test_erasing_a_visitor_takes_their_files(client: Client, desk: Desk) -> None:
    async with opened(client) as tab:
        _, file = await upload(client, tab.token)
        await tab.send(type="say", id="c1", text="my order please", files=[file["id"]])
        await tab.event("bot")
        conversations = await client.get("/api/v1/search?q=order", operator=True)
        conversation_id = conversations[1]["rows"][0]["conversation_id"]
        _, about = await client.get(f"/api/v1/conversations/{conversation_id}", operator=True)
        path = f"/api/v1/visitors/{about['visitor_id']}"
        _, kept = await client.get(path, operator=True)
        assert [one["name"] for one in kept["files"]] == ["photo.png"]
        status, erased = await client.post(f"{path}/erase", {"operator": "ann"}, operator=True)
        assert (status, erased["erased"] > 1) == (200, True)
        assert await tab.closed() == 1012
        assert (await fetched(client.session, client.url + file["url"]))[0].status == 404
    assert (
        await asyncio.to_thread(lambda: list(desk.database.with_suffix(".files").iterdir())) == []
    )
