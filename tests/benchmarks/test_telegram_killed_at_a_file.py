"""A server that is killed while a customer's file is on its way: its next life hears all of it, once and in order."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import sys
from asyncio.subprocess import Process
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.telegram_server import TOKEN
from tests.fakes.telegram import FakeTelegram

ADA, BOB = 7, 8
WITHIN = 60.0  # seconds; a server starts with its model


async def test_a_server_that_is_killed_at_a_download_hears_the_file_in_its_next_life(
    tmp_path: Path,
) -> None:
    async with FakeTelegram(TOKEN) as telegram:
        rest = telegram.holds_back("file0")
        server = await begun(tmp_path, telegram)
        try:
            telegram.customer_sends_file(ADA, b"%PDF-1.7", caption="where is order PP-000001")
            telegram.customer_says(ADA, "where is order PP-000002")
            await telegram.wait_until(lambda: bool(telegram.called("file")), within=WITHIN)
            await telegram.wait_until(lambda: not telegram.pending, within=WITHIN)
        finally:
            await killed(server)
        assert heard(tmp_path, ADA) == []

        rest.set()
        telegram.customer_says(BOB, "where is order PP-000003")
        server = await begun(tmp_path, telegram)
        try:
            await telegram.wait_for_message(ADA, 2, within=WITHIN)
            await telegram.wait_for_message(BOB, within=WITHIN)
        finally:
            await killed(server)
    first, second = heard(tmp_path, ADA)
    assert (first["text"], second["text"]) == ("where is order PP-000001", "where is order PP-000002")  # fmt: skip
    assert [file["name"] for file in first["files"]] == ["a.pdf"]


async def begun(folder: Path, telegram: FakeTelegram) -> Process:
    module = ("-m", "benchmarks.telegram_server")
    return await asyncio.create_subprocess_exec(
        sys.executable, *module, str(folder), telegram.base_url
    )


async def killed(server: Process) -> None:
    server.send_signal(signal.SIGKILL)
    await server.wait()


def heard(folder: Path, chat_id: int) -> list[dict[str, Any]]:
    """Return what a chat said, as SQLite alone reads it."""
    with closing(sqlite3.connect(folder / "desk.db")) as log:
        rows = log.execute(
            "SELECT body FROM events WHERE kind = 'heard' AND external_id LIKE ? ORDER BY seq",
            (f"{chat_id}:%",),
        ).fetchall()
    return [json.loads(body) for (body,) in rows]
