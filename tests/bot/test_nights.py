"""Retraining beside a running server: at its hour, in a process of its own, and ended with the server."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from time import sleep

import pytest
from structlog.testing import capture_logs

from bot.nights import every_night, until

SOON = 0.05  # seconds


def here(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 1, 15, hour, minute, second).astimezone()  # of this machine


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (here(1), timedelta(hours=2)),
        (here(2, 59, 59), timedelta(seconds=1)),
        (here(3), timedelta(days=1)),
        (here(23), timedelta(hours=4)),
    ],
)
def test_the_next_time_is_today_or_tomorrow(now: datetime, wait: timedelta) -> None:
    assert until(time(3), now) == wait


class Clock:
    """Shortly before three on every night that somebody asks."""

    def __init__(self, nights: int = 1) -> None:
        self._left = nights
        self.over = asyncio.Event()  # that many nights have begun, and the next is waited for

    def __call__(self) -> datetime:
        if not self._left:
            self.over.set()
        self._left -= 1
        return (datetime.combine(here(0).date(), time(3)) - timedelta(seconds=SOON)).astimezone()


async def night(*command: str, nights: int = 1) -> list[object]:
    """Run until so many nights have begun, and return what was logged of how they ended."""
    clock = Clock(nights)
    with capture_logs() as logged:
        task = asyncio.create_task(every_night(command, time(3), clock))
        await clock.over.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return [(entry["event"], entry.get("outcome")) for entry in logged]


def written(file: Path) -> None:
    while not file.exists() or not file.read_text():
        sleep(SOON / 5)


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


@pytest.mark.parametrize(
    ("code", "outcome"), [(0, "done"), (3, "refused"), (4, "another run is at it"), (1, "failed")]
)
async def test_how_a_night_ended_is_logged(code: int, outcome: str) -> None:
    assert await night(*python(f"raise SystemExit({code})")) == [("retrain ended", outcome)]


async def test_every_night_has_its_run(tmp_path: Path) -> None:
    file = tmp_path / "nights"
    await night(*python(f"open({str(file)!r}, 'a').write('x')"), nights=3)
    assert file.read_text() == "xxx"


async def test_a_command_that_is_not_there_is_tried_again_the_next_night() -> None:
    assert (
        await night("/nowhere/frontdesk", nights=2) == [("retrain could not be started", None)] * 2
    )


async def test_what_runs_is_ended_with_the_server(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    command = python(
        f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    task = asyncio.create_task(every_night(command, time(3), Clock()))
    await asyncio.to_thread(written, file)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)
