"""What holds across processes: an acknowledged event survives kill -9, and reading disturbs nobody."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from conversations.events import Utterance
from conversations.log import EventLog
from conversations.reader import Reader
from conversations.store import Store

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).with_name("log_processes.py")
IDLE = timedelta(hours=1)


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own program, started by this interpreter
        [sys.executable, str(PROGRAMS), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def acknowledged(path: Path, seconds: float) -> list[str]:
    """Let a process append for this long after its first acknowledgement, kill it, return what it said."""
    process = start("append", str(path))
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    lines += process.stdout.readlines()
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    return [line.strip() for line in lines if line.endswith("\n")]


@pytest.mark.parametrize("seconds", [0.05, 0.3])
def test_everything_acknowledged_before_kill_9_is_in_the_log(
    tmp_path: Path, seconds: float
) -> None:
    path = tmp_path / "log.db"
    said = acknowledged(path, seconds)
    assert said  # how many depends on the machine
    with Store.open(
        path, clock=lambda: datetime.now(UTC), new_id=lambda: "x", session_idle=IDLE
    ) as store:
        lost = [message_id for message_id in said if store.message(message_id) is None]
        assert lost == []
        seqs = [recorded.seq for recorded in store.events()]
        assert seqs == list(range(1, len(seqs) + 1))
        found = store.search("hello", limit=10**6)
        assert len(found) == len({r.seq for r in found})  # the search index kept up, row for row
        assert len(found) + len(store.search("here", limit=10**6)) == len(seqs)


async def test_another_process_reads_whole_beginnings_while_this_one_writes(tmp_path: Path) -> None:
    path, total = tmp_path / "log.db", 600
    numbers = count()
    opened = EventLog.open(
        path,
        clock=lambda: datetime.now(UTC),
        new_id=lambda: f"id{next(numbers)}",
        session_idle=IDLE,
    )
    async with opened as log:
        reader = await asyncio.to_thread(start, "read", str(path), str(total))
        for begin in range(0, total, 20):
            await asyncio.gather(
                *(
                    log.hear(
                        Utterance(channel="web", address="ada", external_id=f"{n}", text="hello")
                    )
                    for n in range(begin, begin + 20)
                )
            )
            await asyncio.sleep(0.01)
        output, _ = await asyncio.to_thread(reader.communicate, timeout=10)
    assert reader.returncode == 0
    assert output.strip() == str(total)
    with Reader.open(path) as after:
        assert after.seq() == total
