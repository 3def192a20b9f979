"""Jobs in order within a lane, lanes in parallel."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

Job = Callable[[], Awaitable[None]]  # deals with its own errors; cancellation ends its lane


class Lanes:
    """One task per lane that has something to do."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Job]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, lane: str, job: Job) -> None:
        """Run `job` once everything put into its lane before has ended."""
        if lane in self._waiting:
            self._waiting[lane].append(job)
            return
        self._waiting[lane] = deque([job])
        task = asyncio.create_task(self._run(lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, lane: str) -> None:
        jobs = self._waiting[lane]
        try:
            while jobs:
                await jobs.popleft()()
        finally:
            del self._waiting[lane]

    async def drain(self, seconds: float) -> bool:
        """Wait until every lane is empty, `seconds` at most; what still runs then is cancelled."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        cancelled = tuple(self._tasks)
        for task in cancelled:
            task.cancel()
        await asyncio.gather(*cancelled, return_exceptions=True)
        return not cancelled
