"""A server killed under load, in small: the benchmark `crash` kills the whole one ten times."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.crash import Load, tortured
from benchmarks.served import Server, free_port
from tests.bot.served import make_desk

SERVE = """
import asyncio, sys
from pathlib import Path
from bot import app
from bot.desk import Desk
from tests.bot.served import world
asyncio.run(app.serve(Desk.open(Path(sys.argv[1])), world(), host="127.0.0.1",
                      port=int(sys.argv[3]), ready=print))
"""


async def test_a_server_killed_under_load_loses_nothing_and_answers_nothing_twice(
    tmp_path: Path,
) -> None:
    desk = make_desk(tmp_path, seconds=0.01)
    command = (sys.executable, "-c", SERVE, str(tmp_path))
    server = Server(command, tmp_path / "stderr.log", free_port())
    load = Load(messages=60, visitors=6, kills=1, patience=5.0)
    verdict = await tortured("tiny", server, desk.database, load, ("order", "return"))
    assert verdict.acknowledged == verdict.heard == 60
    assert verdict.faults == 0, verdict
