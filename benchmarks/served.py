"""A real `frontdesk serve` on a temporary desk, for the benchmarks that talk to it over loopback."""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
import signal
import socket
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession

DEMO = Path(__file__).parent.parent / "bot" / "demo" / "desk"
READY_WITHIN = 180.0  # seconds; importing torch takes most of a start, and a shared machine is slow
STOPS_WITHIN = 30.0


def questions() -> list[str]:
    """Return the demo shop's held-out questions."""
    with (DEMO / "heldout.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def trained(folder: Path, given: Path | None) -> Path:
    """Return a demo desk with a Release: `given` if there is one, else trained in `folder`, about a minute."""
    if given is not None:
        if not (given / "champion").exists():
            raise SystemExit(f"{given} has no champion: train it with `frontdesk demo --folder`")
        return given
    from finetune import build, nightly, progress  # torch: only where something is trained

    shutil.copytree(DEMO, folder)
    print("training the demo desk", file=sys.stderr, flush=True)
    options, watch = build.Options(fast=True), progress.People()
    nightly.build_first(folder, options, clock=lambda: datetime.now(UTC), watch=watch)
    return folder


def fresh(desk: Path, folder: Path) -> Path:
    """Return a copy of a desk without its log; the Releases, which never change, are shared."""
    shutil.copytree(DEMO, folder)
    (folder / "releases").symlink_to((desk / "releases").resolve())
    shutil.copy(desk / "champion", folder / "champion", follow_symlinks=False)
    return folder


def free_port() -> int:
    """Return a port of this machine that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def frontdesk(*words: str, env: Mapping[str, str] | None = None, **more: Any) -> Process:
    """Start a command of Frontdesk; `more` is for the process's streams."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", *words), env={**os.environ, **(env or {})}, **more
    )


@dataclass(slots=True)
class Server:
    """
    One server at one address, started, killed and started again.

    Args:
        command: what starts it, without the port; `--port N` is appended.
        errors: the file that its log lines go to.
    """

    command: Sequence[str]
    errors: Path
    port: int
    process: Process | None = None

    @classmethod
    def of(cls, desk: Path) -> Server:
        """Return `frontdesk serve` on this desk, not yet started."""
        command = (sys.executable, "-m", "bot.cli", "serve", "--desk", str(desk))
        return cls((*command, "--host", "127.0.0.1"), desk / "stderr.log", free_port())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> float:
        """Start the process and return the seconds until it was ready."""
        begun = time.monotonic()
        with self.errors.open("ab") as errors:
            self.process = await asyncio.create_subprocess_exec(
                *self.command, "--port", str(self.port), stdout=errors, stderr=errors
            )
        async with ClientSession() as session, asyncio.timeout(READY_WITHIN):
            while not await _ready(session, self.url):
                if self.process.returncode is not None:
                    raise SystemExit(f"the server ended at its start:\n{self._last_words()}")
                await asyncio.sleep(0.02)
        return time.monotonic() - begun

    async def kill(self) -> None:
        """End it as a power cut would, without a word."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """End it as an operator does; one that does not listen is killed."""
        try:
            await asyncio.wait_for(self._end(signal.SIGTERM), STOPS_WITHIN)
        except TimeoutError:
            await self.kill()

    async def _end(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)
            await self.process.wait()

    def cpu(self) -> float:
        """Return the processor seconds that the server has used."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime

    def _last_words(self) -> str:
        return self.errors.read_text(encoding="utf-8", errors="replace")[-2000:]


async def _ready(session: ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/readyz") as response:
            return response.status == 200
    except ClientError:
        return False
