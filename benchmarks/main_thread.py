"""
How long a page's main thread was held up at a time, from a trace of Chromium's.

A trace has two durations of a task: by the clock, which other programs lengthen when they take the processor, and by the thread's own time,
which they do not. The browser's own list of long tasks knows the first alone, and nothing below 50 ms.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import CDPSession

LONG = 50.0  # ms; W3C Long Tasks


@dataclass(slots=True)
class Tasks:
    """The longest task of a trace in milliseconds, by the clock and in the thread's own time; known when the trace has ended."""

    longest: float = 0.0
    longest_own: float = 0.0
    events: list[dict[str, Any]] = field(default_factory=list)


@asynccontextmanager
async def traced(cdp: CDPSession) -> AsyncIterator[Tasks]:
    """Trace what happens meanwhile."""
    tasks, ended = Tasks(), asyncio.Event()
    cdp.on("Tracing.dataCollected", lambda said: tasks.events.extend(said["value"]))
    cdp.on("Tracing.tracingComplete", lambda _: ended.set())
    config = {"includedCategories": ["toplevel"]}
    await cdp.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": config})
    yield tasks
    await cdp.send("Tracing.end")
    await ended.wait()
    busiest = max(_by_thread(tasks.events), key=lambda run: sum(event["dur"] for event in run))
    tasks.longest = max(event["dur"] for event in busiest) / 1_000
    tasks.longest_own = max(event.get("tdur", 0) for event in busiest) / 1_000


def _by_thread(events: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the tasks of each main thread; a browser has one for every page, and only one of them is looked at."""
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    found = defaultdict(list)
    for event in events:
        thread = (event["pid"], event["tid"])
        if thread in mains and event["ph"] == "X" and event["name"].endswith("RunTask"):
            found[thread].append(event)
    return list(found.values())
