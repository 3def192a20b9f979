"""The seconds before a Release is loaded: whoever comes is heard, told so, and answered."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot import app
from bot.refused import Refused
from retrieval.teachings import Teachable
from tests.bot.reader import load_reader
from tests.bot.served import Client, make_desk, world
from tests.bot.test_web_files import opened


async def test_whoever_comes_while_the_model_loads_is_heard_and_answered(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    loaded = threading.Event()

    def load(folder: Path) -> Teachable:
        loaded.wait(10)
        return load_reader(folder)

    desk, url = make_desk(tmp_path), f"http://127.0.0.1:{unused_tcp_port}"
    serving = app.serving(desk, replace(world(), load=load), host="127.0.0.1", port=unused_tcp_port)
    starting = asyncio.create_task(serving.__aenter__())
    async with ClientSession() as session:
        client = Client(url, session, desk.operator_token())
        try:
            await until_healthy(client)
            status, why = await client.get("/readyz")
            assert (status, why["reason"]) == (503, "The Release is being loaded.")
            status, problem = await client.post("/api/v1/messages", {})
            assert (status, problem["code"]) == (503, "restarting")
            async with opened(client) as tab:
                await tab.say("my order please")
                await tab.next("ack")
                assert (await tab.next("status"))["state"] == "loading"
                loaded.set()
                assert await tab.closed() == 1012
            assert await starting == url
            async with opened(client, token=tab.token) as again:
                assert (await again.event("customer"))["text"] == "my order please"
                assert (await again.event("bot"))["action"] == "reply"
        finally:
            loaded.set()
            await starting
            await serving.__aexit__(None, None, None)


async def until_healthy(client: Client) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                if (await client.get("/healthz"))[0] == 200:
                    return
            except OSError:
                await asyncio.sleep(0.02)


async def test_a_release_that_must_not_serve_ends_the_opening(tmp_path: Path) -> None:
    def load(folder: Path) -> Teachable:
        raise Refused("This Release must not serve.")

    serving = app.serving(
        make_desk(tmp_path), replace(world(), load=load), host="127.0.0.1", port=0
    )
    with pytest.raises(Refused, match="must not serve"):
        await serving.__aenter__()
