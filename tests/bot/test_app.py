"""The whole server: starting, refusing, swapping, stopping."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot import app
from bot.desk import Desk
from bot.refused import Refused
from tests.bot.reader import write_reader
from tests.bot.served import FIRST, Client, make_desk, served, world

SERVE = """
import asyncio, sys
from pathlib import Path
from bot import app, logs
from bot.desk import Desk
from tests.bot.served import world
logs.to_stderr()
asyncio.run(app.serve(Desk.open(Path(sys.argv[1])), world(), host="127.0.0.1", port=0,
                      ready=lambda url: print(url, flush=True)))
"""


async def test_a_desk_is_alive_ready_and_counts(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path)) as client:
        assert (await client.get("/healthz"))[0] == 200
        assert (await client.get("/readyz"))[0] == 200
        await client.say("order")
        await client.say("a person", visitor="eve")
        async with client.session.get(client.url + "/metrics") as response:
            metrics = await response.text()
    assert 'frontdesk_turns_total{action="reply",verdict="confident"} 1.0' in metrics
    assert "frontdesk_handoffs_waiting 1.0" in metrics
    assert f'frontdesk_champion{{release="{FIRST}"}} 1.0' in metrics


async def test_the_page_and_its_files_are_served(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path)) as client:
        for path in ("/", "/widget.js"):
            async with client.session.get(client.url + path) as response:
                assert response.status == 200


async def test_a_promotion_reaches_the_running_server(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    write_reader(desk.shelf.releases, "b" * 16)
    async with served(desk) as client:
        assert (await client.say("order"))["release"] == FIRST
        desk.shelf.promote("b" * 16)
        async with asyncio.timeout(5):
            while (await client.say("order"))["release"] == FIRST:  # noqa: ASYNC110 - as a visitor sees it
                await asyncio.sleep(0.02)


async def test_a_second_server_is_refused_with_pid_and_url(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    async with served(desk) as client:
        with pytest.raises(Refused, match=f"process {os.getpid()} at {client.url}"):
            async with served(desk):
                pass


async def test_a_taken_port_is_said_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match=rf"Port {port} is taken.*--port"):
            async with app.serving(make_desk(tmp_path), world(), host="127.0.0.1", port=port):
                pass


async def test_a_desk_without_a_release_is_refused(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text("name = 'Test'\n")
    with pytest.raises(Refused, match="frontdesk retrain"):
        async with served(Desk.open(tmp_path)):
            pass


async def test_a_damaged_log_is_refused_in_one_sentence(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    desk.database.write_bytes(b"this is no database" * 1000)
    with pytest.raises(Refused, match=r"desk\.db"):
        async with served(desk):
            pass


async def test_a_malformed_telegram_token_is_refused(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "[telegram]\ntoken = 'geheim'\n")
    with pytest.raises(Refused, match="Telegram token") as refused:
        async with served(desk):
            pass
    assert "geheim" not in str(refused.value)


async def test_sigterm_finishes_what_was_begun_and_exits_well(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, seconds=0.5)
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, str(tmp_path), stdout=PIPE, stderr=PIPE
    )
    assert server.stdout is not None
    url = (await server.stdout.readline()).decode().strip()
    assert json.loads((tmp_path / "desk.lock").read_text()) == {"pid": server.pid, "url": url}
    async with ClientSession() as session:
        saying = asyncio.create_task(Client(url, session, "").say("my secret order"))
        await asyncio.sleep(0.2)
        server.send_signal(signal.SIGTERM)
        assert (await saying)["action"] == "reply"
    _, lines = await asyncio.wait_for(server.communicate(), 15)
    assert server.returncode == 0
    assert desk.holder() is None
    turns = [row for row in map(json.loads, lines.splitlines()) if row["event"] == "turn"]
    assert [(turn["action"], turn["intent"]) for turn in turns] == [("reply", "order_status")]
    assert b"secret" not in lines
