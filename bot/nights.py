"""Retraining every night beside a running server, as a process of its own, where there is neither systemd nor cron."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

import structlog

ENDED = {0: "done", 3: "refused", 4: "another run is at it"}  # the exit codes of retrain

logger = structlog.get_logger(__name__)


def until(at: time, now: datetime) -> timedelta:
    """
    Return how long it is until the clock on the wall shows `at`, today or tomorrow; never nothing.

    Args:
        now: with its zone; the wall is this machine's.
    """
    here = now.astimezone()
    for days in (0, 1):
        then = datetime.combine(here.date() + timedelta(days=days), at).astimezone()
        if then > here:
            return then - here
    return timedelta(days=1)  # that hour does not exist tomorrow


async def every_night(command: Sequence[str], at: time, clock: Callable[[], datetime]) -> None:
    """
    Run a command whenever it is `at`, until cancelled; what runs then is ended too.

    Args:
        command: what to run; what it says on stderr is the server's.
    """
    while True:
        await asyncio.sleep(until(at, clock()).total_seconds())
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=DEVNULL)
        except OSError as error:
            logger.warning("retrain could not be started", why=str(error))
            continue
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        logger.info("retrain ended", exit_code=code, outcome=ENDED.get(code, "failed"))
