"""
Long work that staff ask for, as a process of its own: what it says while it runs, and how it ended.

One of a kind at a time. What it prints on stdout is its result, what it says on stderr is for people.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SAID = 40  # lines that are kept; a night says about thirty
LINE = 2**16  # bytes of a line at most
RESULT = 8 * 2**20  # bytes of a result at most: a diff of a hundred templates takes one
ENDING = 20.0  # seconds that a process gets to end by itself


class AtIt(Exception):
    """Work of this kind is being done already."""


@dataclass
class Errand:
    """
    One piece of work. `code` is None while it runs; `result` is what it printed, empty where that is no JSON object.

    `about` is what was asked for, for whoever looks at it later.
    """

    about: str
    by: str
    begun: str
    said: deque[str] = field(default_factory=lambda: deque(maxlen=SAID))
    code: int | None = None
    result: dict[str, Any] = field(default_factory=dict)
    stopped: bool = False

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "said": list(self.said), "running": self.code is None}


class Errands:
    """
    The work of one kind. `async with` ends what runs at the end.

    Args:
        told: called after every line and at the end.
    """

    def __init__(
        self, clock: Callable[[], datetime], told: Callable[[Errand], None] = lambda _: None
    ) -> None:
        self._clock = clock
        self._told = told
        self._process: Process | None = None
        self._task: asyncio.Task[None] | None = None
        self.last: Errand | None = None

    async def __aenter__(self) -> Errands:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def begin(self, command: Sequence[str], *, about: str, by: str) -> Errand:
        """
        Begin with the arguments of `frontdesk`.

        Raises:
            AtIt: one is running.
        """
        if self.last is not None and self.last.code is None:
            raise AtIt
        begun = self._clock().isoformat(timespec="seconds")
        self.last = errand = Errand(about, by, begun)
        self._task = asyncio.create_task(self._run(errand, command))
        return errand

    async def stop(self) -> None:
        """End what runs, and wait until it has."""
        task, process = self._task, self._process
        if task is None or task.done():
            return
        if self.last:
            self.last.stopped = True
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        done, _ = await asyncio.wait([task], timeout=ENDING)
        if not done:
            if process is not None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await asyncio.wait([task])

    async def _run(self, errand: Errand, command: Sequence[str]) -> None:
        words = (sys.executable, "-m", "bot.cli", *command)
        try:
            process = self._process = await asyncio.create_subprocess_exec(
                *words, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, limit=LINE
            )
        except OSError as error:
            errand.said.append(f"It could not be started: {error}")
            errand.code = 1
            self._told(errand)
            return
        if errand.stopped:  # before there was anything to stop
            process.terminate()
        printed, _ = await asyncio.gather(self._printed(process), self._heard(process, errand))
        errand.result = _object(printed)
        errand.code = await process.wait()
        self._told(errand)

    async def _heard(self, process: Process, errand: Errand) -> None:
        assert process.stderr is not None  # noqa: S101 - it is a pipe
        while True:
            try:
                line = await process.stderr.readline()
            except ValueError:  # longer than anybody would read
                continue
            if not line:
                return
            if words := line.decode(errors="replace").rstrip():
                errand.said.append(words)
                self._told(errand)

    async def _printed(self, process: Process) -> bytes:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        printed = b""
        while piece := await process.stdout.read(LINE):
            if len(printed) < RESULT:
                printed += piece
        return printed


def _object(printed: bytes) -> dict[str, Any]:
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(printed)
        if isinstance(found, dict):
            return found
    return {}
